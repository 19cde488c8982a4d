%% Conway's Life on a set of cells held in a map.
-module(c_alg_life).
-include("conform.hrl").

main() -> [{glider, gens(8, [{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}])}, {blinker, gens(3, [{0, 0}, {1, 0}, {2, 0}])}, {r_pentomino, length(run(60, [{1, 0}, {2, 0}, {0, 1}, {1, 1}, {1, 2}]))}, {block, run(10, [{0, 0}, {0, 1}, {1, 0}, {1, 1}])}, {empty, run(3, [])}].
gens(0, L) -> [sort(L)];
gens(N, L) -> [sort(L) | gens(N - 1, step(L))].
run(0, L) -> sort(L);
run(N, L) -> run(N - 1, step(L)).
step(L) -> A = maps:from_keys(L, on), C = count(L, #{}), [P || P <- maps:keys(C), alive(map_get(P, C), is_map_key(P, A))].
alive(3, _) -> true;
alive(2, B) -> B;
alive(_, _) -> false.
count([{X, Y} | T], C) -> count(T, add([{X + A, Y + B} || A <- [-1, 0, 1], B <- [-1, 0, 1], {A, B} =/= {0, 0}], C));
count([], C) -> C.
add([P | T], C) -> add(T, C#{P => case C of #{P := N} -> N + 1; _ -> 1 end});
add([], C) -> C.
