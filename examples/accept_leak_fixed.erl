%% The corrected twin of `accept_leak`: a connection that cannot be served is closed, so its client learns of it and its descriptor
%% is free again.
-module(accept_leak_fixed).
-export([main/0, accept/1, client/1]).

main() ->
    case gen_tcp:listen(0, [binary, {active, false}]) of
        {ok, Listener} ->
            {ok, Port} = inet:port(Listener),
            spawn_link(?MODULE, accept, [Listener]),
            {Client, Ref} = spawn_monitor(?MODULE, client, [Port]),
            receive {'DOWN', Ref, process, Client, normal} -> ok end;
        {error, emfile} ->
            ok
    end.

accept(Listener) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} -> serve(Socket), accept(Listener);
        {error, emfile} -> accept(Listener);
        {error, closed} -> ok
    end.

serve(Socket) ->
    case file:open("/tmp/log", [append, raw]) of
        {ok, Log} ->
            {ok, Request} = gen_tcp:recv(Socket, 0),
            ok = file:write(Log, Request),
            ok = file:close(Log),
            ok = gen_tcp:send(Socket, Request),
            gen_tcp:close(Socket);
        {error, emfile} ->
            gen_tcp:close(Socket)
    end.

client(Port) ->
    case gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]) of
        {ok, Socket} ->
            _ = gen_tcp:send(Socket, "hello"),
            case gen_tcp:recv(Socket, 0) of
                {ok, <<"hello">>} -> ok;
                {error, closed} -> ok
            end;
        {error, emfile} ->
            ok
    end.
