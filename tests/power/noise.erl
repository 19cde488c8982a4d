%% Much goes on that has no part in the bug: three processes log every step to
%% sinks of their own, and once each read and write a cell that they share.
-module(noise).
-export([main/0, fixed/0, worker/4, sink/0]).

main() -> run(steps).
fixed() -> run(atomic).

run(How) ->
    Cells = ets:new(cells, [public]),
    ets:insert(Cells, {sum, 0}),
    Workers = [spawn(?MODULE, worker, [How, self(), Cells, N]) || N <- [1, 2, 3]],
    [receive {done, W} -> ok end || W <- Workers],
    case ets:lookup_element(Cells, sum, 2) of
        1 -> error(two_lost);
        _ -> ok
    end.

worker(How, Main, Cells, N) ->
    Sink = spawn(?MODULE, sink, []),
    log(Sink, 5 * N),
    Sum = case How of
        steps -> ets:lookup_element(Cells, sum, 2);
        atomic -> ets:update_counter(Cells, sum, 1)
    end,
    log(Sink, 8),
    How =:= steps andalso ets:insert(Cells, {sum, Sum + 1}),
    log(Sink, 5 * (4 - N)),
    Main ! {done, self()}.

log(_, 0) -> ok;
log(Sink, N) -> Sink ! {step, N}, log(Sink, N - 1).

sink() -> receive {step, _} -> sink() end.
