%% Work handed to a process that has just exited.
%%
%% The pool names a worker, the client sends it a job and waits for the result.
%% A message to a process that has exited is dropped without a sound, so if the
%% worker ends in between, the client waits for ever.
%%
%% In production: during a rolling deployment a few requests never return.
%%
%% The order that fails: the pool names its old worker to the client; the
%% deployment takes that worker out of the pool (a new one replaces it) and
%% retires it; then the client sends its job.
%%
%% work_to_dead_fixed watches the worker and asks for another one.
-module(work_to_dead).
-export([main/0, pool/1, worker/0, deployment/1]).

main() ->
    Worker = spawn(?MODULE, worker, []),
    Pool = spawn(?MODULE, pool, [Worker]),
    spawn(?MODULE, deployment, [Pool]),
    49 = square(Pool, 7),
    ok.

square(Pool, Number) ->
    Worker = call(Pool, which_worker),
    Worker ! {square, self(), Number},
    receive {squared, Square} -> Square end.

worker() ->
    receive
        {square, Client, Number} ->
            Client ! {squared, Number * Number},
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
