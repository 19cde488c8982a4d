%% The native functions of module binary, and binaries' own in erlang.
-module(c_binary).
-include("conform.hrl").

main() ->
    parts() ++ searching() ++ splitting() ++ copying() ++ numbers() ++ common() ++ lists() ++ sizes() ++ subs().

call(M, F, As) -> {{F, As}, c(1, fun() -> apply(M, F, As) end)}.
b(F, As) -> call(binary, F, As).
e(F, As) -> call(erlang, F, As).

parts() ->
    B = <<1, 2, 3, 4, 5, 6, 7, 8, 9, 10>>,
    [b(part, [B, P, L]) || {P, L} <- [{0, 0}, {0, 10}, {10, 0}, {10, -10}, {5, -2}, {3, 4}, {9, 1}, {9, 2}, {11, 0}, {-1, 1}, {0, -1}, {a, 1}, {1, 1 bsl 70}]] ++
    [b(part, [B, P]) || P <- [{2, 3}, {10, -1}, {0, 11}, a, {1}, {1, 2, 3}]] ++
    [e(binary_part, [B, P, L]) || {P, L} <- [{0, 10}, {10, -3}, {3, 8}, {-1, 1}, {a, 0}]] ++
    [e(binary_part, [B, P]) || P <- [{2, 3}, {2, 30}, a]] ++
    [e(split_binary, [B, N]) || N <- [0, 3, 10, 11, -1, a, 1.0]] ++
    [b(at, [B, N]) || N <- [0, 9, 10, -1, a]] ++ [b(first, [X]) || X <- [B, <<>>, a, <<1:1>>]] ++ [b(last, [X]) || X <- [B, <<>>, a, <<9, 1:1>>]] ++
    [b(part, [X, 0, 1]) || X <- [a, [1], <<1:7>>, <<1, 1:1>>]] ++ [e(split_binary, [X, 1]) || X <- [a, <<1, 2:3>>, <<5:4>>, []]].

searching() ->
    S = <<"the quick brown fox jumps over the lazy dog, the end">>,
    [b(match, [S, P]) || P <- [<<"the">>, <<"fox">>, <<"cat">>, <<"d">>, [<<"lazy">>, <<"fox">>], [<<"a">>, <<"th">>, <<"the q">>], S, <<"end">>, [<<"fo">>, <<"fox">>]]] ++
    [b(matches, [S, P]) || P <- [<<"the">>, <<"zebra">>, [<<"the">>, <<"o">>], [<<"th">>, <<"the ">>], <<"e">>, [<<"fox">>, <<"fox jumps">>, <<"jumps">>]]] ++
    [b(match, [S, P, O]) || {P, O} <- [{<<"the">>, [{scope, {1, 40}}]}, {<<"the">>, [{scope, {52, -10}}]}, {<<"the">>, []}, {<<"the">>, [{scope, {0, 2}}]}, {<<"t">>, [{scope, {60, 1}}]}, {<<"t">>, [x]},
                                       {<<"t">>, a}, {<<"t">>, [{scope, {0, 0}}]}]] ++
    [b(matches, [S, P, O]) || {P, O} <- [{<<"the">>, [{scope, {1, 40}}]}, {<<"o">>, [{scope, {20, 32}}]}]] ++
    [b(match, [X, P]) || {X, P} <- [{<<>>, <<"a">>}, {<<"a">>, <<>>}, {<<"a">>, []}, {a, <<"a">>}, {<<"a">>, a}, {<<"a">>, [a]}, {<<"a">>, [<<>>]}, {<<"a">>, <<1:1>>}, {<<1:1>>, <<"a">>}, {<<"a">>, [<<"a">> | b]}]] ++
    [b(matches, [<<"aaaaa">>, <<"aa">>]), b(matches, [<<0, 0, 0>>, <<0>>]), b(matches, [binary:copy(<<"ab">>, 6), [<<"a">>, <<"ab">>, <<"aba">>]])] ++
    [{compiled, scope(fun() -> P = binary:compile_pattern(<<"fox">>), Q = binary:compile_pattern([<<"dog">>, <<"fox">>]),
                               {binary:match(S, P), binary:match(S, Q), binary:matches(S, Q), element(1, P), element(1, Q)} end)},
     {compile_wrong, [c(1, fun() -> binary:compile_pattern(id(X)) end) || X <- [a, <<>>, [], [<<>>], [a], <<1:1>>]]},
     {long_haystack, scope(fun() -> B = binary:copy(<<"abcdefghij">>, 10000), {binary:match(B, <<"jab">>), length(binary:matches(B, <<"jab">>)), length(binary:matches(B, [<<"ja">>, <<"de">>])), binary:match(B, <<"zz">>)} end)}].

splitting() ->
    [b(split, [B, P]) || {B, P} <- [{<<"a,b,c">>, <<",">>}, {<<"abc">>, <<",">>}, {<<>>, <<",">>}, {<<",">>, <<",">>}, {<<"a--b-c">>, [<<"-">>, <<"--">>]}, {<<"ab">>, <<"ab">>}, {a, <<",">>}, {<<"a">>, <<>>}]] ++
    [b(split, [B, P, O]) || {B, P, O} <- [{<<"a,b,c">>, <<",">>, [global]}, {<<",a,,b,">>, <<",">>, [global]}, {<<",a,,b,">>, <<",">>, [global, trim]}, {<<",a,,b,,">>, <<",">>, [global, trim_all]},
                                          {<<",,">>, <<",">>, [global, trim_all]}, {<<"a,b,">>, <<",">>, [trim]}, {<<",a">>, <<",">>, [trim_all]}, {<<"a,b;c">>, [<<",">>, <<";">>], [global]},
                                          {<<"a,b,c,d">>, <<",">>, [global, {scope, {2, 4}}]}, {<<"a,b">>, <<",">>, [x]}, {<<"a,b">>, <<",">>, a}]].

copying() ->
    [b(copy, [X]) || X <- [<<>>, <<1, 2>>, a, <<1:1>>]] ++ [b(copy, [X, N]) || {X, N} <- [{<<1, 2>>, 0}, {<<1, 2>>, 3}, {<<>>, 100}, {<<1>>, -1}, {<<1>>, a}, {a, 1}, {<<1:3>>, 2}]] ++
    [{copy_large, scope(fun() -> B = binary:copy(<<"xyz">>, 100000), {byte_size(B), erlang:phash2(B)} end)},
     {referenced, scope(fun() -> B = binary:copy(<<"x">>, 1000), <<S:500/binary, _/binary>> = B, {binary:referenced_byte_size(B) >= 1000, byte_size(S), byte_size(binary:copy(S))} end)},
     {referenced_wrong, [c(1, fun() -> binary:referenced_byte_size(id(X)) end) || X <- [a, 1]]}].

numbers() ->
    [b(encode_unsigned, [N]) || N <- [0, 1, 255, 256, 65535, 65536, 1 bsl 59, 1 bsl 64, 123456789012345678901234567890, -1, a, 1.0]] ++
    [b(decode_unsigned, [B]) || B <- [<<>>, <<0>>, <<1, 0>>, <<255, 255, 255, 255, 255, 255, 255, 255>>, <<1, 0, 0, 0, 0, 0, 0, 0, 0>>, <<0, 0, 5>>, a, <<1:1>>]] ++
    [b(encode_unsigned, [N, E]) || N <- [0, 258, 1 bsl 64], E <- [big, little, native_endian]] ++ [b(decode_unsigned, [<<1, 2, 3>>, E]) || E <- [big, little, x]] ++
    [{round_trip, [N || N <- [0, 1, 255, 1 bsl 60, 1 bsl 100, (1 bsl 128) - 1], E <- [big, little], binary:decode_unsigned(binary:encode_unsigned(N, E), E) =/= N]}].

common() ->
    [b(F, [L]) || F <- [longest_common_prefix, longest_common_suffix],
                  L <- [[<<"abcde">>, <<"abxde">>, <<"abde">>], [<<"a">>], [<<>>, <<"a">>], [<<"abc">>, <<"abc">>], [<<"x">>, <<"y">>], [], a, [a], [<<"a">> | b], [<<1:1>>]]].

lists() ->
    [e(binary_to_list, [X]) || X <- [<<>>, <<1, 2, 3>>, a, [], <<1:1>>]] ++ [e(binary_to_list, [<<"abcdef">>, F, T]) || {F, T} <- [{1, 6}, {2, 3}, {3, 3}, {0, 1}, {1, 7}, {4, 2}, {a, 1}, {1, a}]] ++
    [e(list_to_binary, [X]) || X <- [[], [1, 2], "abc", [<<1>>, 2, [3, <<4, 5>>]], [[[[]]]], [1 | <<2>>], [[1 | <<2>>] | <<3>>], [256], [-1], [a], [1 | 2], <<1>>, a, [<<1:1>>], [1.0]]] ++
    [b(list_to_bin, [X]) || X <- [[1, [2]], a]] ++
    [e(list_to_bitstring, [X]) || X <- [[], [1, <<1:1>>], [<<1:1>>, <<2:2>>, 255], [<<1:1>> | <<5:3>>], a, [a], <<1:1>>, [256]]] ++
    [e(iolist_to_binary, [X]) || X <- [[], <<1, 2>>, [1, <<2>>, [3]], [1 | <<2>>], a, [a], [256], [<<1:1>>], <<1:1>>]] ++
    [e(iolist_size, [X]) || X <- [[], <<1, 2>>, [1, <<2>>, [3]], [1 | <<2>>], a, [a], [256], [<<1:1>>], <<1:1>>, [1 | 2]]] ++
    [{deep_iolist, scope(fun() -> D = nest(100000, <<"x">>), {iolist_size(D), byte_size(iolist_to_binary(D))} end)},
     {deep_left, scope(fun() -> D = left(100000, "y"), {iolist_size(D), byte_size(iolist_to_binary(D)), byte_size(list_to_binary(D))} end)},
     {long_iolist, scope(fun() -> L = [[X band 255, <<"ab">>] || X <- seq(1, 100000)], {iolist_size(L), erlang:phash2(iolist_to_binary(L))} end)},
     {million, byte_size(list_to_binary(seq0(1000000)))}, {back, length(binary_to_list(binary:copy(<<1>>, 1000000)))}].

seq0(0) -> [];
seq0(N) -> [N band 255 | seq0(N - 1)].
nest(0, X) -> X;
nest(N, X) -> nest(N - 1, [N band 127, X]).
left(0, X) -> X;
left(N, X) -> left(N - 1, [X]).

sizes() ->
    [e(F, [X]) || F <- [byte_size, bit_size, size], X <- [<<>>, <<1>>, <<1:1>>, <<1, 2:5>>, a, [], 1]] ++
    [{is, [{is_binary(X), is_bitstring(X)} || X <- [<<>>, <<1>>, <<1:1>>, a, [], "x"]]}].

%% Parts of parts, unaligned, against the same bytes built directly.
subs() ->
    Big = << <<(X * 7 band 255)>> || X <- seq(0, 299) >>,
    [{aligned, [binary:part(Big, P, L) =:= << <<(X * 7 band 255)>> || X <- seq(P, P + L - 1) >> || {P, L} <- [{0, 300}, {1, 64}, {100, 100}, {299, 1}, {5, 0}]]},
     {unaligned, [scope(fun() -> <<_:S, B:800/bits, _/bits>> = Big, {erlang:phash2(B), B =:= binary:copy(B), binary:at(B, 10), binary:part(B, 3, 2)} end) || S <- [0, 1, 3, 7, 8, 9, 31]]},
     {odd, [scope(fun() -> <<_:S, B:N/bits, _/bits>> = Big, {B, erlang:phash2(B)} end) || S <- [0, 3], N <- [1, 7, 9, 17]]},
     {match_in_unaligned, scope(fun() -> <<_:3, B:160/bits, _/bits>> = <<0:3, "hello unaligned here", 0:5>>, {binary:match(B, <<"unaligned">>), binary:split(B, <<" ">>, [global]), binary_to_list(B, 1, 5)} end)},
     {key, map_get(binary:part(Big, 10, 5), #{<<70, 77, 84, 91, 98>> => found})},
     {in_message, scope(fun() -> S = binary:part(Big, 50, 200), self() ! S, receive X -> {X =:= S, erlang:phash2(X)} end end)}].
