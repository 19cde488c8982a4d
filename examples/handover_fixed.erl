%% The corrected twin of `handover`: the connection is accepted in passive mode, where nothing is told to anybody. Its handler
%% asks for messages when it is the owner, and then hears of a close that came before as well.
-module(handover_fixed).
-export([main/0, client/1, handler/0]).

main() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(Listener),
    spawn_link(?MODULE, client, [Port]),
    {ok, Socket} = gen_tcp:accept(Listener),
    {Handler, Ref} = spawn_monitor(?MODULE, handler, []),
    ok = gen_tcp:controlling_process(Socket, Handler),
    Handler ! {yours, Socket},
    receive {'DOWN', Ref, process, Handler, {served, <<"bye">>}} -> ok end.

client(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]),
    ok = gen_tcp:send(Socket, "bye"),
    ok = gen_tcp:close(Socket).

handler() ->
    receive {yours, Socket} -> ok = inet:setopts(Socket, [{active, true}]) end,
    handler(<<>>).

handler(Read) ->
    receive
        {tcp, _, Data} -> handler(<<Read/binary, Data/binary>>);
        {tcp_closed, _} -> exit({served, Read})
    end.
