%% One process must be slower than a long piece of work of several others: a small
%% bug in a long run, which priorities find and an even choice hardly ever does.
-module(slow_one).
-export([main/0, fixed/0, worker/3, late/2]).

main() -> run(flag).
fixed() -> run(none).

run(How) ->
    Cells = ets:new(cells, [public]),
    ets:insert(Cells, [{ready, false}, {sum, 0}]),
    How =:= flag andalso spawn(?MODULE, late, [Cells, self()]),
    Workers = [spawn_monitor(?MODULE, worker, [Cells, N, 20]) || N <- [1, 2, 3]],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- Workers],
    How =:= none orelse ets:lookup_element(Cells, ready, 2) =:= true orelse error(not_ready).

late(Cells, _Main) -> ets:insert(Cells, {ready, true}).

worker(_, _, 0) -> ok;
worker(Cells, N, Left) -> ets:insert(Cells, {N, Left}), worker(Cells, N, Left - 1).
