%% The corrected twin of `once_close`: nobody but the session closes its socket; the timer tells it to.
-module(once_close_fixed).
-export([main/0, client/1, idle/1]).

main() ->
    Timer = spawn_link(?MODULE, idle, [self()]),
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
                    Timer ! quiet_from_now,
                    gen_tcp:send(Socket, "you said "),
                    gen_tcp:send(Socket, Data),
                    session(Socket, Timer);
                {tcp_closed, Socket} ->
                    ok;
                idle ->
                    gen_tcp:close(Socket)
            end;
        {error, einval} ->
            ok
    end.

idle(Session) ->
    receive quiet_from_now -> Session ! idle end.

client(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
    ok = gen_tcp:send(Socket, "hello"),
    until_closed(Socket).

until_closed(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, _} -> until_closed(Socket);
        {error, closed} -> ok
    end.
