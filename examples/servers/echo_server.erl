%% A TCP echo server: `main([Port])`, where 0 is any port; it prints the one that it has. A process for each connection. Where
%% there are no descriptors left it waits a little and goes on accepting.
-module(echo_server).
-export([main/0, main/1]).

main() -> main(["0"]).

main([Port | _]) ->
    Options = [binary, {packet, raw}, {active, false}, {reuseaddr, true}, {backlog, 1024}, {nodelay, true}],
    {ok, Listener} = gen_tcp:listen(list_to_integer(Port), Options),
    {ok, Bound} = inet:port(Listener),
    io:format("~w~n", [Bound]),
    accept(Listener).

accept(Listener) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} ->
            Pid = spawn(fun() -> serve(Socket) end),
            ok = gen_tcp:controlling_process(Socket, Pid),
            Pid ! go,
            accept(Listener);
        {error, Reason} when Reason =:= emfile; Reason =:= enfile ->
            io:format("~w~n", [Reason]),
            timer:sleep(50),
            accept(Listener)
    end.

serve(Socket) ->
    receive go -> ok = inet:setopts(Socket, [{active, true}]) end,
    echo(Socket).

echo(Socket) ->
    receive
        {tcp, Socket, Data} ->
            case gen_tcp:send(Socket, Data) of
                ok -> echo(Socket);
                {error, _} -> gen_tcp:close(Socket)
            end;
        {tcp_closed, Socket} ->
            ok;
        {tcp_error, Socket, _} ->
            gen_tcp:close(Socket)
    end.
