%% Shortest paths with a heap of tuples, and a topological order.
-module(c_alg_paths).
-include("conform.hrl").

main() -> G = graph(60), D = dijkstra(G, [{0, 1}], #{}), [{distances, [map_get(N, D) || N <- sort(maps:keys(D))]}, {reached, map_size(D)}, {topo, topo([{a, [b, c]}, {b, [d]}, {c, [d]}, {d, []}, {e, [a]}])}, {cycle, c(fun() -> topo([{a, [b]}, {b, [a]}]) end)}, {components, components(40)}].
graph(N) -> maps:from_list([{I, [{(I * 7 + K * 13) rem N + 1, I * K rem 17 + 1} || K <- [1, 2, 3]]} || I <- seq(1, N)]).
dijkstra(_, [], D) -> D;
dijkstra(G, Q, D) -> {{C, N}, Q1} = pop(Q), case D of #{N := _} -> dijkstra(G, Q1, D); _ -> dijkstra(G, push([{C + W, M} || {M, W} <- map_get(N, G)], Q1), D#{N => C}) end.
push([X | T], Q) -> push(T, insert(X, Q));
push([], Q) -> Q.
insert(X, [H | T]) when H < X -> [H | insert(X, T)];
insert(X, Q) -> [X | Q].
pop([H | T]) -> {H, T}.
topo(Es) -> topo(Es, []).
topo([], Acc) -> lists:reverse(Acc, []);
topo(Es, Acc) -> Targets = lists_append([T || {_, T} <- Es]), case [N || {N, _} <- Es, not lists:member(N, Targets)] of [] -> throw({cycle, [N || {N, _} <- Es]}); [N | _] -> topo([E || {M, _} = E <- Es, M =/= N], [N | Acc]) end.
lists_append([H | T]) -> H ++ lists_append(T);
lists_append([]) -> [].
components(N) -> roots(seq(1, N), union([{I, I * 3 rem N + 1} || I <- seq(1, N), I rem 4 =/= 0], maps:from_list([{I, I} || I <- seq(1, N)])), #{}).
union([{A, B} | T], P) -> RA = find(A, P), RB = find(B, P), union(T, case RA < RB of true -> P#{RB := RA}; false -> P#{RA := RB} end);
union([], P) -> P.
find(A, P) -> case map_get(A, P) of A -> A; B -> find(B, P) end.
roots([X | T], P, S) -> roots(T, P, S#{find(X, P) => x});
roots([], _, S) -> sort(maps:keys(S)).
