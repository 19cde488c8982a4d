%% A pool is told to stop while the dispatcher still has a job for it.
%% `fixed` lets the dispatcher stop the pool.
-module(drain).
-export([main/0, fixed/0, pool/2, dispatcher/1, client/2]).

main() -> run(direct).
fixed() -> run(through).

run(How) ->
    Pool = spawn(?MODULE, pool, [self(), []]),
    Dispatcher = spawn(?MODULE, dispatcher, [Pool]),
    spawn(?MODULE, client, [Dispatcher, self()]),
    receive submitted -> ok end,
    case How of
        direct -> Dispatcher ! {sync, self()}, receive synced -> ok after 100 -> ok end, Pool ! stop;
        through -> Dispatcher ! stop
    end,
    receive {pool, Jobs} -> [3, 2, 1] = Jobs end.

client(Dispatcher, Main) ->
    [Dispatcher ! {job, N} || N <- [1, 2, 3]],
    Main ! submitted.

dispatcher(Pool) ->
    receive
        {job, N} -> Pool ! {job, N}, dispatcher(Pool);
        {sync, From} -> From ! synced, dispatcher(Pool);
        stop -> Pool ! stop
    end.

pool(Main, Done) ->
    receive
        {job, N} -> pool(Main, [N | Done]);
        stop -> Main ! {pool, Done}
    end.
