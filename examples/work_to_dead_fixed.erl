%% The corrected twin of work_to_dead: monitor first, then send.
%%
%% Of a worker that exits before it answers, or that is gone already (reason
%% `noproc'), the client is told by a DOWN, and asks the pool again. Squaring
%% twice does no harm; a job that may run only once needs more than this.
-module(work_to_dead_fixed).
-export([main/0, pool/1, worker/0, deployment/1]).

main() ->
    Worker = spawn(?MODULE, worker, []),
    Pool = spawn(?MODULE, pool, [Worker]),
    spawn(?MODULE, deployment, [Pool]),
    49 = square(Pool, 7),
    ok.

square(Pool, Number) ->
    Worker = call(Pool, which_worker),
    Monitor = monitor(process, Worker),
    Worker ! {square, self(), Monitor, Number},
    receive
        {squared, Monitor, Square} ->
            demonitor(Monitor, [flush]),
            Square;
        {'DOWN', Monitor, process, Worker, _Reason} ->
            square(Pool, Number)
    end.

worker() ->
    receive
        {square, Client, Tag, Number} ->
            Client ! {squared, Tag, Number * Number},
            worker();
        retire ->
            ok
    end.

pool(Worker) ->
    receive
        {call, From, Ref, which_worker} ->
            From ! {Ref, Worker},
            pool(Worker);
        {call, From, Ref, replace_worker} ->
            From ! {Ref, Worker},
            pool(spawn(?MODULE, worker, []))
    end.

deployment(Pool) ->
    Old = call(Pool, replace_worker),
    Old ! retire.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
