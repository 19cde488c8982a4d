%% A connection is handed over while it closes. It was accepted in active mode, so that what happens to it is told to the
%% acceptor until `controlling_process/2` has made another its owner. A client that has gone by then has been reported to the
%% acceptor, which looks for nothing; the port is gone too, and the handler waits for `tcp_closed` for ever.
%%
%%   warpbeam explore examples/handover.beam
-module(handover).
-export([main/0, client/1, handler/1]).

main() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, true}]),
    {ok, Port} = inet:port(Listener),
    spawn_link(?MODULE, client, [Port]),
    {ok, Socket} = gen_tcp:accept(Listener),
    {Handler, Ref} = spawn_monitor(?MODULE, handler, [<<>>]),
    _ = gen_tcp:controlling_process(Socket, Handler),
    receive {'DOWN', Ref, process, Handler, {served, <<"bye">>}} -> ok end.

client(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]),
    ok = gen_tcp:send(Socket, "bye"),
    ok = gen_tcp:close(Socket).

handler(Read) ->
    receive
        {tcp, _, Data} -> handler(<<Read/binary, Data/binary>>);
        {tcp_closed, _} -> exit({served, Read})
    end.
