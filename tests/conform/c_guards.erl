%% Guards: every test and guard function, failing guards, the order of clauses.
-module(c_guards).
-record(rec, {a, b}).
-include("conform.hrl").

main() ->
    Vs = [0, 1, -1, 5, 1 bsl 64, 1.5, 0.0, a, true, false, [], [1], [1, 2], [1 | 2], "str", {}, {rec, 1, 2}, {rec, 1}, {a, b}, <<>>, <<1>>, <<1:1>>, #{}, #{a => 1}, #{a => true}],
    [{types, V, types(V)} || V <- Vs] ++ [{tests, V, [T(V) || T <- tests()]} || V <- Vs] ++ bools() ++ comparisons() ++ misc().

types(V) ->
    [T || {T, true} <- [{atom, is_atom(V)}, {binary, is_binary(V)}, {bitstring, is_bitstring(V)}, {boolean, is_boolean(V)}, {float, is_float(V)}, {function, is_function(V)}, {integer, is_integer(V)},
                        {list, is_list(V)}, {map, is_map(V)}, {number, is_number(V)}, {pid, is_pid(V)}, {port, is_port(V)}, {reference, is_reference(V)}, {tuple, is_tuple(V)}, {rec, is_record(V, rec)}]].

tests() ->
    [fun(X) when length(X) > 1 -> long; (_) -> no end, fun(X) when hd(X) =:= 1 -> hd1; (_) -> no end, fun(X) when tl(X) =:= [] -> one; (_) -> no end,
     fun(X) when tuple_size(X) > 1 -> t2; (_) -> no end, fun(X) when element(1, X) =:= rec -> r; (_) -> no end, fun(X) when map_size(X) > 0 -> m; (_) -> no end,
     fun(X) when map_get(a, X) -> ma; (_) -> no end, fun(X) when is_map_key(a, X) -> mk; (_) -> no end, fun(X) when byte_size(X) > 0 -> bs; (_) -> no end,
     fun(X) when bit_size(X) =:= 1 -> b1; (_) -> no end, fun(X) when size(X) > 1 -> s; (_) -> no end, fun(X) when X + 1 > 1 -> pos; (_) -> no end,
     fun(X) when X div 2 =:= 2 -> d; (_) -> no end, fun(X) when X rem 2 =:= 1 -> odd; (_) -> no end, fun(X) when X band 1 =:= 1 -> b; (_) -> no end,
     fun(X) when -X > 0 -> neg; (_) -> no end, fun(X) when abs(X) > 1 -> abs; (_) -> no end, fun(X) when trunc(X) =:= 1 -> tr; (_) -> no end,
     fun(X) when round(X) =:= 2 -> ro; (_) -> no end, fun(X) when floor(X) < 0 -> fl; (_) -> no end, fun(X) when float(X) =:= 1.0 -> f1; (_) -> no end,
     fun(X) when X -> itself; (_) -> no end, fun(X) when not X -> nottrue; (_) -> no end, fun(X) when X and true -> anded; (_) -> no end,
     fun(X) when X =:= []; X =:= {} -> empty; (_) -> no end, fun(X) when is_list(X), X =/= [] -> ne; (_) -> no end, fun(X) when 10 / X > 5 -> dv; (_) -> no end,
     fun(X) when binary_part(X, 0, 1) =:= <<1>> -> bp; (_) -> no end, fun(X) when X bsl 1 > 5 -> sh; (_) -> no end, fun(X) when (X =:= 5) xor (X =:= 1) -> x; (_) -> no end,
     fun(#rec{a = A}) when A =:= 1 -> reca; (_) -> no end, fun(X) when is_record(X, rec, 3) -> rec3; (_) -> no end, fun(X) when X#rec.b =:= 2 -> recb; (_) -> no end,
     fun(X) when self() =:= X -> me; (_) -> no end, fun(X) when node() =:= X -> n; (_) -> no end].

bools() ->
    Bs = [true, false, a],
    [{{bool, A, B}, [bool(N, A, B) || N <- [1, 2, 3, 4, 5, 6, 7, 8]]} || A <- Bs, B <- Bs] ++
    [{{body, A, B}, [c(fun() -> id(A) andalso id(B) end), c(fun() -> id(A) orelse id(B) end), c(fun() -> id(A) and id(B) end), c(fun() -> id(A) or id(B) end), c(fun() -> id(A) xor id(B) end), c(fun() -> not id(A) end)]} || A <- Bs, B <- Bs] ++
    [{short_circuit, [c(fun() -> id(false) andalso error(no) end), c(fun() -> id(true) orelse error(no) end), c(fun() -> id(true) andalso error(yes) end)]}].

bool(1, A, B) when A, B -> t;
bool(2, A, B) when A; B -> t;
bool(3, A, B) when A andalso B -> t;
bool(4, A, B) when A orelse B -> t;
bool(5, A, B) when A and B -> t;
bool(6, A, B) when A or B -> t;
bool(7, A, B) when not A, not B -> t;
bool(8, A, B) when hd(A); B -> t;
bool(_, _, _) -> f.

comparisons() ->
    Ns = [1, 1.0, 2, a, [], {}],
    [{{cmp, A, B}, [cmp(Op, A, B) || Op <- [1, 2, 3, 4, 5, 6, 7, 8]]} || A <- Ns, B <- Ns].

cmp(1, A, B) when A < B -> t;
cmp(2, A, B) when A > B -> t;
cmp(3, A, B) when A =< B -> t;
cmp(4, A, B) when A >= B -> t;
cmp(5, A, B) when A == B -> t;
cmp(6, A, B) when A /= B -> t;
cmp(7, A, B) when A =:= B -> t;
cmp(8, A, B) when A =/= B -> t;
cmp(_, _, _) -> f.

misc() ->
    [{if_guard, [if X > 2, X < 5 -> mid; X =:= 1; X =:= 9 -> edge; true -> out end || X <- seq(0, 10)]},
     {ranges, [range(X) || X <- [-5, 0, 1, 9, 10, 99, 100, 1000, 10.5, a, 1 bsl 70]]},
     {select, [sel(X) || X <- [0, 1, 2, 3, 100, 1000, -1, 1 bsl 59, 1 bsl 64, 1.0, a, b, "x", {1}, {1, 2}, {1, 2, 3}]]},
     {dense, [dense(X) || X <- seq(-1, 12)]}, {self_pid, self() =:= (fun(P) when P =:= self() -> P end)(self())},
     {kinds, [kind(X) || X <- [self(), make_ref(), fun() -> ok end, 1, 1 bsl 90, 1.0, a, [], [a], {}, #{}, <<>>, <<1:1>>]]},
     {nested_in_guard, [n(X) || X <- [{[1, 2], 3}, {[], 0}, {a, 1}, {[1 | 2], 1}]]}, {case_order, [co(X) || X <- [1, 2, 3, a]]}].

range(X) when is_integer(X), X < 0 -> negative;
range(X) when X >= 0, X < 10 -> digit;
range(X) when X >= 10 andalso X < 100 -> two;
range(X) when is_number(X) -> many;
range(_) -> not_number.

sel(0) -> zero;
sel(1) -> one;
sel(2) -> two;
sel(100) -> hundred;
sel(1000) -> thousand;
sel(-1) -> minus;
sel(576460752303423488) -> small_edge;
sel(18446744073709551616) -> big;
sel(1.0) -> float;
sel(a) -> atom_a;
sel(b) -> atom_b;
sel({_}) -> t1;
sel({_, _}) -> t2;
sel({_, _, _}) -> t3;
sel(_) -> none.

dense(0) -> a;
dense(1) -> b;
dense(2) -> c;
dense(3) -> d;
dense(4) -> e;
dense(5) -> f;
dense(6) -> g;
dense(7) -> h;
dense(8) -> i;
dense(9) -> j;
dense(_) -> out.

kind(X) when is_pid(X); is_reference(X) -> identity;
kind(X) when is_function(X) -> function;
kind(X) when is_integer(X); is_float(X) -> number;
kind(X) when is_atom(X); X =:= [] -> constant;
kind(X) when is_tuple(X) orelse is_list(X) orelse is_map(X) -> container;
kind(X) when is_binary(X) -> binary;
kind(_) -> rest.

n({L, N}) when length(L) + N > 4 -> big;
n({L, N}) when length(L) =:= N -> equal;
n(_) -> other.

co(X) -> case X of N when N > 1 -> gt1; N when is_integer(N) -> int; _ -> any end.
