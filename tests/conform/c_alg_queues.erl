%% Queues, heaps and zippers as immutable values.
-module(c_alg_queues).
-include("conform.hrl").

main() -> [{queue, drain_q(fill(seq(1, 20), {[], []}))}, {interleaved, inter(1000, {[], []}, 0)}, {heap, heap_sort([5, 3, 8, 1, 9, 2, 7, 3])}, {heap_large, heap_sort(pseudo(1000, 9)) =:= sort(pseudo(1000, 9))}, {zipper, zip(to_end({[], [1, 2, 3, 4]}))}, {stack, stack([{push, 1}, {push, 2}, pop, {push, 3}, pop, pop, pop])}, {ring, ring(12, seq(1, 41), 3)}, {bitset, [B || B <- seq(0, 63), bits(seq(1, 60)) band (1 bsl B) =/= 0]}, {assoc, assoc([{put, a, 1}, {put, b, 2}, {get, a}, {put, a, 3}, {get, a}, {del, b}, {get, b}], [])}, {lru, lru([a, b, c, a, d, b, e, a], 3, [])}, {merge_k, merge_k([[1, 4, 7], [2, 5, 8], [3, 6, 9], []])}, {diff, [1, 2, 3, 4, 5] -- [2, 4]}, {group, group([1, 1, 2, 3, 3, 3, 1])}, {zip3, zip3([1, 2], [a, b], [x, y])}].
fill([X | T], {I, O}) -> fill(T, {[X | I], O});
fill([], Q) -> Q.
drain_q(Q) -> case out(Q) of empty -> []; {X, Q1} -> [X | drain_q(Q1)] end.
out({[], []}) -> empty;
out({I, []}) -> out({[], lists:reverse(I, [])});
out({I, [H | T]}) -> {H, {I, T}}.
inter(0, _, S) -> S;
inter(N, {I, O}, S) -> {X, Q} = out({[N, N + 1 | I], O}), inter(N - 1, Q, S + X).
heap_sort(L) -> popall(pushall(L, nil)).
pushall([X | T], H) -> pushall(T, meld({X, nil, nil}, H));
pushall([], H) -> H.
popall(nil) -> [];
popall({X, L, R}) -> [X | popall(meld(L, R))].
meld(nil, H) -> H;
meld(H, nil) -> H;
meld({X, L, R}, {Y, _, _} = H) when X =< Y -> {X, meld(R, H), L};
meld(A, {Y, L, R}) -> {Y, meld(R, A), L}.
pseudo(0, _) -> [];
pseudo(N, S) -> S1 = (S * 1103515245 + 12345) band 16#7fffffff, [S1 | pseudo(N - 1, S1)].
to_end({L, [H | T]}) -> to_end({[H * 10 | L], T});
to_end(Z) -> Z.
zip({L, R}) -> lists:reverse(L, R).
stack(Ops) -> stack(Ops, [], []).
stack([{push, X} | T], S, O) -> stack(T, [X | S], O);
stack([pop | T], [X | S], O) -> stack(T, S, [X | O]);
stack([pop | T], [], O) -> stack(T, [], [empty | O]);
stack([], S, O) -> {S, lists:reverse(O, [])}.
ring(_, [X], _) -> X;
ring(N, L, K) -> I = (K - 1) rem length(L), {A, [_ | B]} = split_at(I, L, []), ring(N, B ++ A, K).
bits([]) -> 0;
bits([H | T]) -> (1 bsl (H * H rem 64)) bor bits(T).
assoc([{put, K, V} | T], L) -> assoc(T, [{K, V} | del(K, L)]);
assoc([{get, K} | T], L) -> [lists:keyfind(K, 1, L) | assoc(T, L)];
assoc([{del, K} | T], L) -> assoc(T, del(K, L));
assoc([], L) -> L.
del(K, [{K, _} | T]) -> T;
del(K, [H | T]) -> [H | del(K, T)];
del(_, []) -> [].
lru([K | T], N, C) -> case lists:member(K, C) of true -> [hit | lru(T, N, [K | C -- [K]])]; false -> [miss | lru(T, N, take(N, [K | C]))] end;
lru([], _, C) -> [C].
take(0, _) -> [];
take(_, []) -> [];
take(N, [H | T]) -> [H | take(N - 1, T)].
merge_k([L]) -> L;
merge_k([A, B | T]) -> merge_k(T ++ [merge(fun(X, Y) -> X =< Y end, A, B)]).
group([]) -> [];
group([H | T]) -> group(T, H, 1).
group([H | T], H, N) -> group(T, H, N + 1);
group(T, H, N) -> [{H, N} | group(T)].
zip3([A | X], [B | Y], [C | Z]) -> [{A, B, C} | zip3(X, Y, Z)];
zip3([], [], []) -> [].
