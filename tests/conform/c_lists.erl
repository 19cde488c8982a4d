%% Native list functions, list patterns and comprehensions.
-module(c_lists).
-include("conform.hrl").

main() ->
    hdtl() ++ len() ++ append() ++ subtract() ++ reversing() ++ members() ++ keys() ++
    converting() ++ patterns() ++ comprehensions() ++ sorting() ++ long().

wrong() -> [a, 1, {}, <<>>, #{}, 1.5].

hdtl() ->
    [{{hd, X}, c(1, fun() -> hd(id(X)) end)} || X <- [[1], [1 | 2], [[]], [a, b]] ++ [[] | wrong()]] ++
    [{{tl, X}, c(1, fun() -> tl(id(X)) end)} || X <- [[1], [1 | 2], [[]], [a, b]] ++ [[] | wrong()]].

len() ->
    [{{length, X}, c(1, fun() -> length(id(X)) end)}
     || X <- [[], [1], [1, 2, 3], [1 | 2], [1, 2 | 3], "abc"] ++ wrong()].

append() ->
    [{{'++', A, B}, c(1, fun() -> id(A) ++ id(B) end)}
     || A <- [[], [1], [1, 2, 3], [1 | 2], a, <<>>], B <- [[], [4], b, [5 | 6], {}]].

subtract() ->
    [{{'--', A, B}, c(1, fun() -> id(A) -- id(B) end)}
     || {A, B} <- [{[], []}, {[1, 2, 3], []}, {[], [1]}, {[1, 2, 3, 2, 1], [2]}, {[1, 2, 3, 2, 1], [2, 2]},
                   {[1, 2, 3], [3, 2, 1]}, {[1, 1.0, 2], [1.0]}, {[1, 1.0, 2], [1]}, {"hello", "l"},
                   {[a, b | c], [a]}, {[a], [a | b]}, {a, []}, {[], a}, {[{1}, [2], <<3>>], [<<3>>, {1}]},
                   {[1 bsl 70, 1 bsl 71], [1 bsl 70]}, {[#{}, #{a => 1}], [#{a => 1}]}, {[a | b], []},
                   {[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [12, 11, 1, 1, 1, 13, 14, 15, 16, 2, 17, 18]}]] ++
    [{minus_large, length(seq(1, 1000) -- seq(500, 2000))},
     {minus_right_assoc, id([1, 2, 3, 4]) -- id([1, 2]) -- id([2])}].

reversing() ->
    [{{reverse, A, B}, c(1, fun() -> lists:reverse(id(A), id(B)) end)}
     || A <- [[], [1], [1, 2, 3], [1 | 2], a], B <- [[], [4, 5], b]].

members() ->
    L = [a, 1, 1.5, {x}, [y], <<"z">>, 1 bsl 70, #{k => v}, []],
    [{{member, X}, c(fun() -> lists:member(X, L) end)}
     || X <- [a, b, 1, 1.0, 1.5, {x}, {y}, [y], <<"z">>, <<"w">>, 1 bsl 70, 1 bsl 71, #{k => v}, #{}, [], -1]] ++
    [{{member_in, X}, c(1, fun() -> lists:member(a, id(X)) end)}
     || X <- [[], a, [a | b], [b | a], [b | b], {a}]].

keys() ->
    L = [{a, 1}, {b, 2}, {c}, x, {1, one}, {1.0, float}, {2, two, extra}, {b, 3}, {<<"k">>, v}, []],
    [{{F, K, N}, c(fun() -> key(F, K, N, L) end)}
     || F <- [keyfind, keymember, keysearch], K <- [a, b, c, d, 1, 1.0, 2.0, 2, <<"k">>, extra], N <- [1, 2, 3]] ++
    [{{F, bad, N, Bad}, c(1, fun() -> key(F, a, id(N), id(Bad)) end)}
     || F <- [keyfind, keymember, keysearch],
        {N, Bad} <- [{0, []}, {-1, [{a}]}, {a, []}, {1.0, []}, {1, a}, {1, [x | y]}, {1, [{a} | y]}, {1 bsl 70, [{a}]}]].

key(keyfind, K, N, L) -> lists:keyfind(K, N, L);
key(keymember, K, N, L) -> lists:keymember(K, N, L);
key(keysearch, K, N, L) -> lists:keysearch(K, N, L).

converting() ->
    [{{list_to_tuple, X}, c(1, fun() -> list_to_tuple(id(X)) end)}
     || X <- [[], [1], [a, [b], {c}], [1 | 2], a, {}]].

patterns() ->
    [{{pat, X}, pat(X)}
     || X <- [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1 | 2], [[1], [2]], [[1, 2], 3], [a | b], "ab", a, [same, same],
              [{k, 1}, {k, 1}], [1, 1.0], [1.0, 1.0]]].

pat([]) -> empty;
pat([X, X]) -> {same, X};
pat([[A], [B]]) -> {nested, A, B};
pat([[A | T], B]) -> {head, A, T, B};
pat("ab") -> string;
pat([1]) -> one;
pat([1, X]) -> {one, X};
pat([A, B, C]) -> {three, A, B, C};
pat([A | T]) when is_list(T) -> {list, A, T};
pat([A | T]) -> {improper, A, T};
pat(_) -> other.

comprehensions() ->
    [{lc, [X * X || X <- seq(1, 10), X rem 2 =:= 0]},
     {lc_two, [{X, Y} || X <- [1, 2, 3], Y <- [a, b], {X, Y} =/= {2, a}]},
     {lc_filter_pattern, [X || {ok, X} <- [{ok, 1}, error, {ok, 2}, {error, 3}]]},
     {lc_nested, [[Y || Y <- X] || X <- [[1], [], [2, 3]]]},
     {lc_guard_fails, [X || X <- [1, a, 2], X + 1 > 0]},
     {lc_filter_fails, c(fun() -> [X || X <- [1, a], id(X) + 1 > 0] end)},
     {lc_bad_filter, c(fun() -> [X || X <- [1, 2], id(maybe)] end)},
     {lc_bad_generator, c(fun() -> [X || X <- id(a)] end)},
     {lc_improper, c(fun() -> [X || X <- id([1, 2 | 3])] end)},
     {lc_bin, [X || <<X>> <= <<1, 2, 3>>]},
     {lc_bin_pair, [{X, Y} || <<X:4, Y:4>> <= <<16#12, 16#34, 16#56>>]},
     {lc_shadow, begin X = 1, [X || X <- [5, 6]] ++ [X] end}].

sorting() ->
    L = [3, 1.0, a, {}, [], <<>>, 1, #{}, "b", {1}, 2.5, -1, 1 bsl 64, b, {0, 0}, [[]], -1.0e20, #{a => 1}, <<1:1>>, 1.0],
    [{sort, sort(L)}, {sort_twice, sort(sort(L)) =:= sort(L)},
     {sort_desc, sort(fun(A, B) -> A >= B end, L)},
     {stable, sort(fun({A, _}, {B, _}) -> A =< B end, [{2, a}, {1, b}, {2, c}, {1, d}, {1.0, e}, {2, f}])},
     {big_sort, checksum(sort(pseudo(5000, 42)))}].

pseudo(0, _) -> [];
pseudo(N, S) -> S1 = (S * 1103515245 + 12345) band 16#7fffffff, [S1 | pseudo(N - 1, S1)].

checksum(L) -> checksum(L, 0, true, 0).
checksum([X | T], Prev, Ok, Acc) -> checksum(T, X, Ok andalso Prev =< X, (Acc * 31 + X) band 16#ffffffff);
checksum([], _, Ok, Acc) -> {Ok, Acc}.

%% Lists of a million elements: nothing may recurse on the native stack.
long() ->
    L = seq(1, 1000000),
    [{length, length(L)}, {sum, sum(L, 0)}, {reversed, hd(lists:reverse(L, []))},
     {appended, length(L ++ L)}, {last_member, lists:member(1000000, L)}, {no_member, lists:member(0, L)},
     {equal, L =:= seq(1, 1000000)}, {less, L < L ++ [1]}, {mapped, hd(tl(map(fun(X) -> X * 2 end, L)))},
     {tuple, tuple_size(list_to_tuple(L))}, {through_tuple, tuple_to_list(list_to_tuple(L)) =:= L},
     {body_sum, body_sum(L)}, {keyfind, lists:keyfind(999999, 1, [{X} || X <- L])},
     {filtered, length([X || X <- L, X rem 7 =:= 0])}].

sum([H | T], A) -> sum(T, A + H);
sum([], A) -> A.
body_sum([H | T]) -> H + body_sum(T);
body_sum([]) -> 0.
