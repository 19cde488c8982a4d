%% A reader that takes what one `recv` gives for the whole message. A stream has no messages: what was sent at once may come in
%% pieces. On one machine, with small messages, it hardly ever does.
%%
%%   warpbeam explore examples/short_read.beam --faults short
-module(short_read).
-export([main/0, client/1]).

main() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(Listener),
    spawn_link(?MODULE, client, [Port]),
    {ok, Socket} = gen_tcp:accept(Listener),
    {ok, Order} = gen_tcp:recv(Socket, 0),
    {100, apples} = binary_to_term(Order).

client(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]),
    ok = gen_tcp:send(Socket, term_to_binary({100, apples})),
    ok = gen_tcp:close(Socket).
