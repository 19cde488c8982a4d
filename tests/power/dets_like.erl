%% A server for a named table, started by the first who opens it and stopped by
%% the last who closes it. Between the last close and the end of the server an
%% opener is told that the table is open, and its first use finds nobody.
%% After the races that were found in dets with QuickCheck and PULSE.
-module(dets_like).
-export([main/0, fixed/0, owner/0, server/1, client/1]).

main() -> run(owner).
fixed() -> run(strict).

run(How) ->
    register(owner, spawn(?MODULE, owner, [])),
    owner ! {mode, How},
    Clients = [spawn_monitor(?MODULE, client, [K]) || K <- [1, 2]],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Clients],
    ok.

client(K) ->
    Table = call(owner, open),
    ok = call(Table, {insert, K}),
    ok = call(owner, close).

owner() ->
    receive {mode, How} -> owner(How, none, 0) end.

owner(How, Table, Users) ->
    receive
        {From, open} when Table =:= none ->
            New = spawn(?MODULE, server, [[]]),
            From ! {owner, New},
            owner(How, New, 1);
        {From, open} ->
            From ! {owner, Table},
            owner(How, Table, Users + 1);
        {From, close} when Users =:= 1, How =:= strict ->
            Table ! stop,
            From ! {owner, ok},
            owner(How, none, 0);
        {From, close} when Users =:= 1 ->
            Ref = monitor(process, Table),
            Table ! stop,
            From ! {owner, ok},
            closing(How, Table, Ref);
        {From, close} ->
            From ! {owner, ok},
            owner(How, Table, Users - 1)
    end.

closing(How, Table, Ref) ->
    receive
        {'DOWN', Ref, process, _, _} -> owner(How, none, 0);
        {From, open} -> From ! {owner, Table}, closing(How, Table, Ref)
    end.

server(Rows) ->
    receive
        {From, {insert, K}} -> From ! {self(), ok}, server([K | Rows]);
        stop -> ok
    end.

call(Server, Request) ->
    Ref = monitor(process, Server),
    Server ! {self(), Request},
    receive
        {Server, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, process, _, Reason} -> error({gone, Reason})
    end.
