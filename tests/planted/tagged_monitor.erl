%% A monitor's tag is there when its DOWN comes, however late that is.
%%
%% A relay asks a worker and goes on to its spare if the worker ends first. The
%% tag of the monitor, kept on the relay's heap, says which worker it was.
-module(tagged_monitor).
-export([main/0, worker/1, superior/1, log/2]).

main() ->
    Worker = spawn(?MODULE, worker, [1]),
    spawn(?MODULE, superior, [Worker]),
    Monitor = monitor(process, Worker, [{tag, {ended, [first, Worker]}}]),
    Pages = log(40, []),
    Worker ! {square, self(), Monitor, 7},
    receive
        {Monitor, 49} -> demonitor(Monitor, [flush]);
        {{ended, [first, Worker]}, Monitor, process, Worker, _Reason} -> true
    end,
    40 = length(Pages),
    ok.

worker(Left) ->
    receive
        {square, From, Tag, Number} when Left > 0 ->
            From ! {Tag, Number * Number},
            worker(Left - 1);
        retire ->
            ok
    end.

superior(Worker) ->
    Worker ! retire.

log(0, Lines) -> Lines;
log(Count, Lines) -> log(Count - 1, [{line, Count} | Lines]).
