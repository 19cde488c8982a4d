%% Balanced trees: insertion, deletion and folding, by tuples.
-module(c_alg_trees).
-include("conform.hrl").

main() -> T = build(pseudo(2000, 3), nil), L = to_list(T, []), [{size, length(L)}, {sorted, L =:= sort(L)}, {height_ok, height(T) < 25}, {member, [member(X, T) || X <- [hd(L), 5, -1]]}, {deleted, scope(fun() -> U = del_all([X || X <- L, X rem 2 =:= 0], T), {length(to_list(U, [])), height(U) < 25} end)}, {digest, erlang:phash2(T)}, {persistent, to_list(T, []) =:= L}].
build([X | Xs], T) -> build(Xs, ins(X, T));
build([], T) -> T.
h(nil) -> 0;
h({H, _, _, _}) -> H.
height(T) -> h(T).
n(L, X, R) -> {1 + max_(h(L), h(R)), L, X, R}.
max_(A, B) when A > B -> A;
max_(_, B) -> B.
bal(L, X, R) ->
    case h(L) - h(R) of
        D when D > 1 -> {_, LL, LX, LR} = L, case h(LL) >= h(LR) of true -> n(LL, LX, n(LR, X, R)); false -> {_, A, Y, B} = LR, n(n(LL, LX, A), Y, n(B, X, R)) end;
        D when D < -1 -> {_, RL, RX, RR} = R, case h(RR) >= h(RL) of true -> n(n(L, X, RL), RX, RR); false -> {_, A, Y, B} = RL, n(n(L, X, A), Y, n(B, RX, RR)) end;
        _ -> n(L, X, R)
    end.
ins(X, nil) -> {1, nil, X, nil};
ins(X, {_, L, Y, R}) when X < Y -> bal(ins(X, L), Y, R);
ins(X, {_, L, Y, R}) when X > Y -> bal(L, Y, ins(X, R));
ins(_, T) -> T.
del(_, nil) -> nil;
del(X, {_, L, Y, R}) when X < Y -> bal(del(X, L), Y, R);
del(X, {_, L, Y, R}) when X > Y -> bal(L, Y, del(X, R));
del(_, {_, nil, _, R}) -> R;
del(_, {_, L, _, nil}) -> L;
del(_, {_, L, _, R}) -> M = least(R), bal(L, M, del(M, R)).
del_all([X | Xs], T) -> del_all(Xs, del(X, T));
del_all([], T) -> T.
least({_, nil, X, _}) -> X;
least({_, L, _, _}) -> least(L).
member(_, nil) -> false;
member(X, {_, L, Y, _}) when X < Y -> member(X, L);
member(X, {_, _, Y, R}) when X > Y -> member(X, R);
member(_, _) -> true.
to_list(nil, A) -> A;
to_list({_, L, X, R}, A) -> to_list(L, [X | to_list(R, A)]).
pseudo(0, _) -> [];
pseudo(N, S) -> S1 = (S * 1103515245 + 12345) band 16#7fffffff, [S1 bsr 10 | pseudo(N - 1, S1)].
