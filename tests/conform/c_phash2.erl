%% The portable hashes: the same numbers on every node, for terms of all types.
-module(c_phash2).
-include("conform.hrl").

main() ->
    [{T, erlang:phash2(T)} || T <- terms()] ++
    [{{bytes, N}, erlang:phash2(binary:copy(<<"abc">>, N))} || N <- [0, 1, 3, 4, 5, 8, 100, 1000, 100000]] ++
    [{{bits, N}, erlang:phash2(<<16#5a5a5a:N>>)} || N <- seq(0, 40)] ++
    [{{string, N}, erlang:phash2(seq(1, N))} || N <- [0, 1, 2, 3, 4, 5, 16, 254, 255, 256, 257, 300]] ++
    [{{big, N}, [erlang:phash2(1 bsl N), erlang:phash2(-(1 bsl N)), erlang:phash2((1 bsl N) - 1)]} || N <- [27, 28, 31, 32, 33, 58, 59, 60, 63, 64, 65, 95, 96, 127, 128, 129, 200]] ++
    [{{map, N}, erlang:phash2(maps:from_list([{I, {v, I}} || I <- seq(1, N)]))} || N <- [1, 2, 31, 32, 33, 40, 100, 1000]] ++
    [{{range, R}, c(1, fun() -> erlang:phash2({a, "b", 3}, id(R)) end)} || R <- [1, 2, 3, 7, 100, 1 bsl 27, (1 bsl 27) + 1, 1 bsl 31, (1 bsl 32) - 1, 1 bsl 32, 0, -1, a, 1.0, (1 bsl 32) + 1, 1 bsl 70]] ++
    [{{phash, T, R}, erlang:phash(T, R)} || T <- [a, 0, 1, -1, 1 bsl 59, 1 bsl 64, -(1 bsl 64), 1.5, "abc", [a, b], {a, 1}, <<"bin">>, <<1:3>>, [], {}, [1 | 2], #{a => 1}], R <- [16, 1 bsl 32]] ++
    [{phash_wrong, [c(1, fun() -> erlang:phash(a, id(R)) end) || R <- [0, -1, a, (1 bsl 32) + 1]]},
     {equal_terms, erlang:phash2(<<1, 2>>) =:= erlang:phash2(sub())}, {float_zero, {erlang:phash2(0.0), erlang:phash2(-0.0)}},
     {external_funs, [erlang:phash2(fun erlang:abs/1), erlang:phash2(fun a:b/255)]},
     {deep, erlang:phash2(nest(100000, x))}, {deep_list, erlang:phash2(nestl(100000, x))}, {long, erlang:phash2([{X} || X <- seq(1, 100000)])},
     {wide, erlang:phash2(list_to_tuple(seq(1, 10000)))}].

sub() -> <<_:4, B:2/binary, _/bits>> = id(<<0:4, 1, 2, 0:4>>), B.
nest(0, X) -> X;
nest(N, X) -> nest(N - 1, {X, N}).
nestl(0, X) -> X;
nestl(N, X) -> nestl(N - 1, [X]).

terms() ->
    [a, b, 'A', '', nil, true, false, 'hello world', 'åäö', '世界', '😀', undefined, 0, 1, -1, 2, 255, 256, 65535, 65536, (1 bsl 27) - 1, 1 bsl 27, -(1 bsl 27),
     -(1 bsl 27) - 1, (1 bsl 31) - 1, 1 bsl 31, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), 1 bsl 64, 123456789012345678901234567890, 0.0, 1.0, -1.0, 1.5, 0.1, 1.0e100, 5.0e-324,
     1.7976931348623157e308, [], [a], [a, b], [1], "a", "abc", "hello world", [256], [-1], [1 | 2], [a | b], [[]], [[], []], [[a], [b, [c]]], [1, a], [a, 1], "abc" ++ [d], [$a, $b | c],
     [1.0], [<<>>], {}, {a}, {1}, {a, b}, {1, 2, 3}, {{}}, {{a}, {b, {c}}}, {[], []}, {"abc", <<"abc">>}, <<>>, <<0>>, <<1>>, <<"abc">>, <<"abcd">>, <<1:1>>, <<0:1>>, <<5:3>>, <<1, 2:7>>,
     #{}, #{a => 1}, #{a => 1, b => 2}, #{b => 2, a => 1}, #{1 => a}, #{1.0 => a}, #{"k" => [v]}, #{#{} => #{}}, #{a => #{b => #{c => d}}}, {a, [b, {c, <<"d">>, 1.5, #{e => f}}], 1 bsl 90}].
