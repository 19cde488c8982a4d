%% A process that has begun to exit keeps its reason.
%%
%% That its name is gone shows that it has begun.
-module(true_reason).
-export([main/0, worker/1]).

main() ->
    Worker = spawn(?MODULE, worker, [self()]),
    receive {ready, Worker} -> ok end,
    Monitor = monitor(process, Worker),
    Worker ! finish,
    Named = whereis(the_worker),
    exit(Worker, too_late),
    receive {'DOWN', Monitor, process, Worker, Reason} -> ok end,
    case {Named, Reason} of
        {_, finished} -> ok;
        {Worker, too_late} -> ok
    end.

worker(Parent) ->
    register(the_worker, self()),
    Parent ! {ready, self()},
    receive finish -> exit(finished) end.
