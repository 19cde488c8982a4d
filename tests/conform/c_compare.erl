%% Comparison: loose and exact equality, and the total order, over terms of all types.
-module(c_compare).
-include("conform.hrl").

main() ->
    Ts = terms(),
    [{row, X, row(X, Ts)} || X <- Ts] ++
    [{sorted, sort(Ts)}, {sorted_reversed, sort(lists:reverse(Ts, [])) == sort(Ts)},
     {antisymmetric, [{A, B} || A <- Ts, B <- Ts, (A < B) =:= (A >= B)]},
     {consistent, [{A, B} || A <- Ts, B <- Ts, (A == B) =/= (A =< B andalso A >= B)]},
     {exact_implies_loose, [{A, B} || A <- Ts, B <- Ts, A =:= B, A /= B]}] ++
    numbers() ++ identities() ++ guards() ++ deep().

terms() ->
    [0, -1, 1, 1.0, -0.0, 0.0, 1 bsl 59, (1 bsl 59) - 1, float(1 bsl 59), 1 bsl 64, -(1 bsl 64), float(1 bsl 64), 1.0e308, -1.0e308,
     a, b, aa, 'Z', '', 'ä', '世', true, [], [1], [1.0], [1, 2], [1 | 2], "abc", [[]], {}, {1}, {1.0}, {1, 2}, {a}, {{}}, #{}, #{a => 1},
     #{1 => a}, #{1.0 => a}, <<>>, <<0>>, <<1>>, <<1, 2>>, <<1:1>>, <<0:1>>, <<1:7>>, <<255>>].

%% One letter for each pair: l(ess), g(reater), = (loosely equal), e(xactly equal).
row(X, Ts) -> list_to_atom([sign(X, Y) || Y <- Ts]).
sign(X, Y) ->
    if X =:= Y -> $e;
       X == Y -> $=;
       X < Y -> $l;
       X > Y -> $g
    end.

numbers() ->
    %% Around 2^53 a float cannot hold every integer: comparison must not round.
    Near = [(1 bsl 53) + D || D <- [-2, -1, 0, 1, 2, 3]],
    [{near_2_53, [{I, [sign(I, float(F)) || F <- [(1 bsl 53) - 1, 1 bsl 53, (1 bsl 53) + 2]]} || I <- Near]},
     {near_2_60, [sign((1 bsl 60) + D, 1152921504606846976.0) || D <- [-1, 0, 1]]},
     {near_2_64, [sign((1 bsl 64) + D, 18446744073709551616.0) || D <- [-1, 0, 1]]},
     {near_2_100, [sign((1 bsl 100) + D, 1.2676506002282294e30) || D <- [-1, 0, 1]]},
     {negative, [sign(-(1 bsl 64) + D, -18446744073709551616.0) || D <- [-1, 0, 1]]},
     {huge, [sign(1 bsl 1100, 1.7976931348623157e308), sign(-(1 bsl 1100), -1.7976931348623157e308), sign(1 bsl 1023, 8.98846567431158e307)]},
     {small_float, [sign(0, 5.0e-324), sign(0, -5.0e-324), sign(1, 0.9999999999999999), sign(1, 1.0000000000000002)]},
     {zero, [sign(X, Y) || X <- [0, 0.0, -0.0], Y <- [0, 0.0, -0.0]]},
     {big_pairs, [sign(X, Y) || X <- [1 bsl 70, (1 bsl 70) + 1, -(1 bsl 70), 1 bsl 130], Y <- [1 bsl 70, (1 bsl 70) + 1, -(1 bsl 70), 1 bsl 130]]}].

identities() ->
    P = self(), R = make_ref(), F = fun() -> ok end, X = id(1), G = fun() -> X end,
    [{pid, {P =:= self(), P == self(), P < self()}}, {ref, {R =:= R, R =:= make_ref()}}, {funs, {F =:= F, G =:= G, F =:= G}},
     {external, {fun ?MODULE:main/0 =:= fun ?MODULE:main/0, fun ?MODULE:main/0 =:= fun ?MODULE:id/1}},
     {same_closure_twice, mk(1) =:= mk(1)}, {other_closure, mk(1) =:= mk(2)},
     {order_of_types, is_sorted([1, a, R, F, P, {}, #{}, [], [1], <<>>])},
     {order_loose, is_sorted([1.5, zz, make_ref(), fun ?MODULE:main/0, self(), {a}, #{a => 1}, [], [a], <<1:1>>])}].

mk(X) -> fun() -> X end.
is_sorted([A, B | T]) -> A < B andalso is_sorted([B | T]);
is_sorted(_) -> true.

guards() ->
    [{{g, A, B}, g(A, B)} || A <- [1, 1.0, a, {1}, 1 bsl 64], B <- [1, 1.0, b, {1.0}, 1 bsl 64]] ++
    [{literal, [lit(X) || X <- [0, 0.0, 1, 1.0, [], "a", {1, 2}, {1, 2.0}, a, <<"x">>, 1 bsl 64, 18446744073709551616.0]]}].

g(A, B) when A =:= B -> exact;
g(A, B) when A == B -> loose;
g(A, B) when A < B -> less;
g(A, B) when A > B -> greater.

lit(X) when X =:= 0 -> zero;
lit(X) when X == 0 -> zero_loose;
lit(X) when X =:= 1.0 -> one_float;
lit(X) when X == 1.0 -> one_loose;
lit([]) -> nil;
lit("a") -> string;
lit(X) when X =:= {1, 2} -> tuple;
lit(X) when X == {1, 2} -> tuple_loose;
lit(X) when X =:= 1 bsl 64 -> big;
lit(X) when X == 1 bsl 64 -> big_loose;
lit(X) when X >= <<>> -> binary;
lit(X) when X /= a -> not_a;
lit(X) when X =/= b -> not_b.

deep() ->
    A = nest(10000, x), B = nest(10000, x), C = nest(10000, y),
    L = seq(1, 10000),
    [{nested, {A =:= B, A == B, A < C, A =:= C}}, {lists, {L =:= seq(1, 10000), L < L ++ [0], L > seq(1, 9999)}},
     {list_last_differs, {L ++ [1] == L ++ [1.0], L ++ [1] =:= L ++ [1.0]}},
     {tuples, list_to_tuple(L) < list_to_tuple(lists:reverse(L, []))}].

nest(0, X) -> X;
nest(N, X) -> nest(N - 1, {X, [N]}).
