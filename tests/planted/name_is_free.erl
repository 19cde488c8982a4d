%% When the DOWN of a process comes, its name is free.
-module(name_is_free).
-export([main/0, service/1]).

main() ->
    Old = start(),
    Monitor = monitor(process, Old),
    Old ! stop,
    receive {'DOWN', Monitor, process, Old, normal} -> ok end,
    New = start(),
    New ! stop,
    ok.

start() ->
    Service = spawn(?MODULE, service, [self()]),
    true = register(the_service, Service),
    Service.

%% It watches its client, so it has something left to do when it has told of its end.
service(Client) ->
    monitor(process, Client),
    receive
        stop -> ok;
        {'DOWN', _, process, Client, _} -> ok
    end.
