%% A monitor that crosses the end of its process ends in a DOWN all the same.
-module(crossing_monitor).
-export([main/0, worker/0, superior/1]).

main() ->
    Worker = spawn(?MODULE, worker, []),
    spawn(?MODULE, superior, [Worker]),
    Monitor = monitor(process, Worker),
    receive {'DOWN', Monitor, process, Worker, Reason} -> ok end,
    true = lists:member(Reason, [normal, noproc]),
    ok.

worker() ->
    receive retire -> ok end.

superior(Worker) ->
    Worker ! retire.
