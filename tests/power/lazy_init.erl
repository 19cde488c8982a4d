%% Whoever needs the server and does not find its name starts it: two can.
-module(lazy_init).
-export([main/0, fixed/0, user/2, server/0]).

main() -> run(check).
fixed() -> run(try_it).

run(How) ->
    Users = [spawn_monitor(?MODULE, user, [How, N]) || N <- [1, 2, 3]],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Users],
    ok.

user(How, N) ->
    Server = get_server(How),
    Server ! {hello, self(), N},
    receive {Server, N} -> ok end.

get_server(How) ->
    case whereis(lazy_server) of
        undefined -> start(How);
        Pid -> Pid
    end.

start(check) ->
    Pid = spawn(?MODULE, server, []),
    register(lazy_server, Pid),
    Pid;
start(try_it) ->
    Pid = spawn(?MODULE, server, []),
    try register(lazy_server, Pid) of
        true -> Pid
    catch error:badarg ->
        exit(Pid, kill),
        whereis(lazy_server)
    end.

server() ->
    receive {hello, From, N} -> From ! {self(), N}, server() end.
