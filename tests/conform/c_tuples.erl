%% Tuples: element access and update, construction, records, patterns, large ones.
-module(c_tuples).
-record(point, {x = 0, y = 0, tag = none}).
-record(empty, {}).
-include("conform.hrl").

main() ->
    elements() ++ setting() ++ making() ++ sizes() ++ converting() ++ records() ++ patterns() ++
    ordering() ++ large().

tuples() -> [{}, {a}, {a, b, c}, {1, {2, {3}}}, a, [], [a], <<1>>, #{}, 7, 1.0].
indices() -> [0, 1, 2, 3, 4, -1, 1.0, a, 1 bsl 59, 1 bsl 70].

elements() ->
    [{{element, I, T}, c(1, fun() -> element(id(I), id(T)) end)} || I <- indices(), T <- [{}, {a}, {a, b, c}]] ++
    [{{element, 1, T}, c(1, fun() -> element(1, id(T)) end)} || T <- tuples()] ++
    [{{literal_index, T}, c(fun() -> {element(1, id(T)), element(2, id(T))} end)} || T <- tuples()].

setting() ->
    [{{setelement, I, T}, c(1, fun() -> setelement(id(I), id(T), new) end)} || I <- indices(), T <- [{}, {a}, {a, b, c}]] ++
    [{{setelement_1, T}, c(1, fun() -> setelement(1, id(T), {new}) end)} || T <- tuples()] ++
    [{copy_semantics, begin T = id({1, 2, 3}), U = setelement(2, T, x), {T, U} end},
     {chained, setelement(1, setelement(2, setelement(3, id({1, 2, 3}), c), b), a)}].

making() ->
    [{{make_tuple, N}, c(1, fun() -> erlang:make_tuple(id(N), x) end)} || N <- [0, 1, 5, -1, a, 1.0, 1 bsl 70, 1 bsl 30]] ++
    [{big_make, tuple_size(erlang:make_tuple(100000, []))},
     {literal, {a, {b, [c, {d}]}, "str", <<"bin">>, #{k => v}}},
     {built, {id(1), {id(2), [id(3)]}, [id(4) | id(5)]}}].

sizes() ->
    [{{tuple_size, T}, c(1, fun() -> tuple_size(id(T)) end)} || T <- tuples()] ++
    [{{size, T}, c(1, fun() -> size(id(T)) end)} || T <- tuples()] ++
    [{{is_tuple, T}, is_tuple(id(T))} || T <- tuples()].

converting() ->
    [{{tuple_to_list, T}, c(1, fun() -> tuple_to_list(id(T)) end)} || T <- tuples()].

records() ->
    P = #point{x = 1}, Q = P#point{y = id(2), tag = {t}},
    [{new, P}, {updated, Q}, {field, Q#point.tag}, {index, #point.y}, {empty, #empty{}},
     {is_record, [is_record(id(X), point) || X <- [P, #empty{}, {point}, {point, 1, 2}, {point, 1, 2, 3, 4}, a, {}, {"point", 1, 2, 3}]]},
     {is_record_bif, [c(1, fun() -> is_record(id(X), id(N), id(S)) end)
                      || {X, N, S} <- [{P, point, 4}, {P, point, 3}, {P, empty, 4}, {{}, a, 0}, {{a}, a, 1}, {a, a, 1},
                                       {{a}, 1, 1}, {{a}, a, x}, {{a}, a, -1}, {{a}, a, 0}]]},
     {is_record_2, [c(1, fun() -> is_record(id(X), id(N)) end) || {X, N} <- [{P, point}, {P, x}, {{}, a}, {a, a}, {{1}, 1}, {{a}, {a}}]]},
     {bad_field, c(1, fun() -> (id(#empty{}))#point.x end)},
     {bad_field_atom, c(1, fun() -> (id(a))#point.x end)},
     {bad_update, c(1, fun() -> (id({point, 1}))#point{x = 2} end)},
     {in_head, [rec(X) || X <- [P, Q, #empty{}, {point, 1}, x]]}].

rec(#point{x = 1, y = 0} = P) -> {first, P#point{x = 9}};
rec(#point{tag = {T}}) -> {tagged, T};
rec(#empty{}) -> empty;
rec(_) -> other.

patterns() ->
    [{{shape, T}, shape(T)} || T <- tuples() ++ [{1, 1}, {1, 1.0}, {a, 1}, {b, 1}, {a, 1, 2}, {b, 1, 2}, {{1, 2}, {1, 2}},
                                                 {x, y, z, w}, {1, 2, 3, 4, 5}, {ok, [1, 2]}, {error, {e, 5}}]].

shape({}) -> empty;
shape({X, X}) -> {pair_of, X};
shape({ok, [_ | T]}) -> {ok_tail, T};
shape({error, {_, N}}) when N > 4 -> {error, N};
shape({a, N}) -> {a, N};
shape({b, N}) -> {b, N};
shape({a, _, N}) -> {a3, N};
shape({b, _, N}) -> {b3, N};
shape({_}) -> one;
shape({_, _, _}) -> three;
shape({_, _, _, _}) -> four;
shape(T) when tuple_size(T) > 4 -> {many, element(tuple_size(T), T)};
shape(_) -> other.

ordering() ->
    Ts = [{}, {a}, {1}, {1.0}, {1, 2}, {0, 0, 0}, {b, a}, {a, b}, {{}}, {[]}, {1 bsl 70}],
    [{sorted, sort(Ts)}] ++
    [{{compare, A, B}, {A < B, A == B, A =:= B}} || A <- Ts, B <- [{1}, {1.0}, {1, 2}, {{}}]].

large() ->
    T = list_to_tuple(seq(1, 10000)),
    [{size, tuple_size(T)}, {first, element(1, T)}, {last, element(10000, T)}, {middle, element(5000, T)},
     {beyond, c(fun() -> element(10001, T) end)},
     {set, element(7777, setelement(7777, T, here))}, {equal, T =:= list_to_tuple(seq(1, 10000))},
     {different, T =:= setelement(10000, T, 0)}, {less, T < setelement(10000, T, 10001)},
     {updates, begin U = updates(1000, erlang:make_tuple(50, 0)), tuple_to_list(U) end},
     {wide_literal, element(300, id(wide()))}].

updates(0, T) -> T;
updates(N, T) -> I = N rem 50 + 1, updates(N - 1, setelement(I, T, element(I, T) + N)).

wide() -> list_to_tuple([{I, I * I} || I <- seq(1, 300)]).
