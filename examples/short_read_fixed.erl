%% The corrected twin of `short_read`: each message is sent with its length, and `recv` is asked for so many bytes. (With
%% `{packet, 4}` both ends leave that to `gen_tcp`.)
-module(short_read_fixed).
-export([main/0, client/1]).

main() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(Listener),
    spawn_link(?MODULE, client, [Port]),
    {ok, Socket} = gen_tcp:accept(Listener),
    {ok, <<Size:32>>} = gen_tcp:recv(Socket, 4),
    {ok, Order} = gen_tcp:recv(Socket, Size),
    {100, apples} = binary_to_term(Order).

client(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]),
    Order = term_to_binary({100, apples}),
    ok = gen_tcp:send(Socket, [<<(byte_size(Order)):32>>, Order]),
    ok = gen_tcp:close(Socket).
