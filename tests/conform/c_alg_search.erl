%% Search: sudoku, knight moves, knapsack, change, breadth first.
-module(c_alg_search).
-include("conform.hrl").

main() -> [{sudoku, sudoku(<<"530070000600195000098000060800060003400803001700020006060000280000419005000080079">>)}, {knight, [bfs([{X, 0}], {7, 7}, #{{X, 0} => 0}) || X <- [0, 1, 7]]}, {tour, length(tour({1, 1}, 5, [{1, 1}]))}, {knapsack, knap([{12, 4}, {2, 2}, {1, 1}, {1, 2}, {4, 10}], 15)}, {change, [change(N, [50, 25, 10, 5, 1]) || N <- [0, 5, 10, 100, 200]]}, {partitions, [part(N, N) || N <- [1, 5, 10, 30]]}, {maze, maze()}, {hanoi, hanoi(5, a, b, c)}, {gray, gray(4)}, {pascal, pascal(12)}, {primes, sieve(seq(2, 200))}, {perfect, [N || N <- seq(1, 500), sum([D || D <- seq(1, N div 2), N rem D =:= 0]) =:= N, N > 1]}, {triples, [{A, B, C} || A <- seq(1, 30), B <- seq(A, 30), C <- [isq(A * A + B * B)], C * C =:= A * A + B * B, C =< 30]}].
sudoku(B) -> M = maps:from_list([{I, D - $0} || {I, D} <- idx(binary_to_list(B), 0), D =/= $0]), S = solve(M), [map_get(I, S) || I <- seq(0, 80)].
idx([H | T], I) -> [{I, H} | idx(T, I + 1)];
idx([], _) -> [].
solve(M) when map_size(M) =:= 81 -> M;
solve(M) -> {_, I, Ds} = best([scope(fun() -> C = cand(I, M), {length(C), I, C} end) || I <- seq(0, 80), not is_map_key(I, M)]), try_all(Ds, I, M).
best([X]) -> X;
best([A, B | T]) when A =< B -> best([A | T]);
best([_ | T]) -> best(T).
try_all([], _, _) -> fail;
try_all([D | T], I, M) -> case solve(M#{I => D}) of fail -> try_all(T, I, M); S -> S end.
cand(I, M) -> R = I div 9, C = I rem 9, Used = [map_get(J, M) || J <- [R * 9 + K || K <- seq(0, 8)] ++ [K * 9 + C || K <- seq(0, 8)] ++ [(R div 3 * 3 + A) * 9 + C div 3 * 3 + B || A <- [0, 1, 2], B <- [0, 1, 2]], is_map_key(J, M)], seq(1, 9) -- Used.
moves({X, Y}, N) -> [{A, B} || {DX, DY} <- [{1, 2}, {2, 1}, {-1, 2}, {-2, 1}, {1, -2}, {2, -1}, {-1, -2}, {-2, -1}], A <- [X + DX], B <- [Y + DY], A >= 0, B >= 0, A < N, B < N].
bfs([T | _], T, D) -> map_get(T, D);
bfs([P | Q], T, D) -> New = [M || M <- moves(P, 8), not is_map_key(M, D)], bfs(Q ++ New, T, addall(New, map_get(P, D) + 1, D)).
addall([M | T], V, D) -> addall(T, V, D#{M => V});
addall([], _, D) -> D.
tour(P, N, Path) when length(Path) =:= N * N -> [P | []] ++ tl(Path);
tour({X, Y}, N, Path) -> tours([{A + 1, B + 1} || {A, B} <- moves({X - 1, Y - 1}, N), not lists:member({A + 1, B + 1}, Path)], N, Path).
tours([], _, _) -> [];
tours([M | T], N, Path) -> case tour(M, N, [M | Path]) of [] -> tours(T, N, Path); R -> R end.
knap([], _) -> 0;
knap([{W, V} | T], C) when W =< C -> A = knap(T, C), B = V + knap(T, C - W), if A > B -> A; true -> B end;
knap([_ | T], C) -> knap(T, C).
change(0, _) -> 1;
change(N, Cs) when N < 0; Cs =:= [] -> 0;
change(N, [C | T] = Cs) -> change(N - C, Cs) + change(N, T).
part(0, _) -> 1;
part(N, M) when N < 0; M =:= 0 -> 0;
part(N, M) -> part(N - M, M) + part(N, M - 1).
maze() -> Rows = {"S.#.....", "..#.###.", "#...#...", "..###.#.", ".....#.E"}, walk([{1, 1, 0}], #{{1, 1} => x}, Rows).
walk([], _, _) -> no_way;
walk([{R, C, D} | Q], V, Rows) -> case at(R, C, Rows) of $E -> D; _ -> Ns = [{A, B} || {A, B} <- [{R + 1, C}, {R - 1, C}, {R, C + 1}, {R, C - 1}], at(A, B, Rows) =/= $#, not is_map_key({A, B}, V)], walk(Q ++ [{A, B, D + 1} || {A, B} <- Ns], addall(Ns, x, V), Rows) end.
at(R, C, Rows) when R >= 1, R =< tuple_size(Rows), C >= 1, C =< 8 -> nth(C, element(R, Rows));
at(_, _, _) -> $#.
nth(1, [H | _]) -> H;
nth(N, [_ | T]) -> nth(N - 1, T).
hanoi(0, _, _, _) -> [];
hanoi(N, A, B, C) -> hanoi(N - 1, A, C, B) ++ [{A, C} | hanoi(N - 1, B, A, C)].
gray(0) -> [<<>>];
gray(N) -> G = gray(N - 1), [<<0:1, X/bits>> || X <- G] ++ [<<1:1, X/bits>> || X <- lists:reverse(G, [])].
pascal(1) -> [[1]];
pascal(N) -> [H | _] = P = pascal(N - 1), [add([0 | H], H ++ [0]) | P].
add([A | X], [B | Y]) -> [A + B | add(X, Y)];
add([], []) -> [].
sieve([P | T]) -> [P | sieve([X || X <- T, X rem P =/= 0])];
sieve([]) -> [].
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
isq(N) -> trunc(math:sqrt(N)).
