%% A session in `{active, once}` mode whose socket somebody else closes, here a timer of idle sessions. Who closes a socket knows
%% it; its owner is not told, since `tcp_closed` is for what the other end does. A session that asks for the next message after
%% the close gets an error and ends; one that has just asked waits for ever.
%%
%%   warpbeam explore examples/once_close.beam
-module(once_close).
-export([main/0, client/1, idle/0]).

main() ->
    Timer = spawn_link(?MODULE, idle, []),
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(Listener),
    spawn_link(?MODULE, client, [Port]),
    {ok, Socket} = gen_tcp:accept(Listener),
    session(Socket, Timer).

session(Socket, Timer) ->
    case inet:setopts(Socket, [{active, once}]) of
        ok ->
            receive
                {tcp, Socket, Data} ->
                    Timer ! {quiet_from_now, Socket},
                    gen_tcp:send(Socket, "you said "),
                    gen_tcp:send(Socket, Data),
                    session(Socket, Timer);
                {tcp_closed, Socket} ->
                    ok
            end;
        {error, einval} ->
            ok
    end.

idle() ->
    receive {quiet_from_now, Socket} -> gen_tcp:close(Socket) end.

client(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
    ok = gen_tcp:send(Socket, "hello"),
    until_closed(Socket).

until_closed(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, _} -> until_closed(Socket);
        {error, closed} -> ok
    end.
