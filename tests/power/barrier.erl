%% A barrier used twice. Whoever comes last sets the count back and wakes those
%% who wait; the count is set back after the waking, so that a quick process's
%% second arrival is forgotten.
-module(barrier).
-export([main/0, fixed/0, worker/4]).

main() -> run(late).
fixed() -> run(first).

run(How) ->
    Gate = ets:new(gate, [public]),
    ets:insert(Gate, {count, 0}),
    Workers = [spawn_monitor(?MODULE, worker, [How, Gate, N, 3]) || N <- [1, 2, 3]],
    Pids = [P || {P, _} <- Workers],
    [P ! {all, Pids} || P <- Pids],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- Workers],
    ok.

worker(How, Gate, _N, Size) ->
    All = receive {all, Pids} -> Pids end,
    meet(How, Gate, All, Size),
    meet(How, Gate, All, Size).

meet(How, Gate, All, Size) ->
    case ets:update_counter(Gate, count, 1) of
        Size when How =:= late ->
            wake(All),
            ets:insert(Gate, {count, 0});
        Size ->
            ets:insert(Gate, {count, 0}),
            wake(All);
        _ -> receive go -> ok end
    end.

wake(All) -> [P ! go || P <- All, P =/= self()].
