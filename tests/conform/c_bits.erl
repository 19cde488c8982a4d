%% Building and matching with the bit syntax: types, sizes, units, endianness.
-module(c_bits).
-include("conform.hrl").

main() ->
    integers() ++ floats() ++ utf() ++ binaries() ++ building_errors() ++ matching() ++ match_floats() ++
    match_utf() ++ tails() ++ failing() ++ comprehensions() ++ appending() ++ literals().

ints() -> [0, 1, -1, 127, 128, 255, 256, -128, -129, 65535, 16#123456789abcdef0, 1 bsl 64, -(1 bsl 63), -(1 bsl 100) + 12345].

integers() ->
    [{{int, N}, c(fun() ->
        {<<N>>, <<N:4>>, <<N:16>>, <<N:16/little>>, <<N:13>>, <<N:13/little>>, <<N:32/signed>>, <<N:64/little-unsigned>>,
         <<N:1>>, <<N:0>>, <<N:3/unit:8>>, <<N:7/unit:3-little>>, <<N:70>>, <<N:71/little>>, <<N:128/native>>} end)} || N <- ints()] ++
    [{{var_size, N, S}, c(fun() -> {<<N:S>>, <<N:S/little>>, <<1:1, N:S>>, <<1:3, N:S/little, 1:1>>} end)}
     || N <- [0, -1, 16#a5c3, 1 bsl 90 + 7], S <- [0, 1, 7, 8, 9, 15, 17, 31, 33, 63, 64, 65, 100]].

floats() ->
    [{{float, F}, c(fun() -> {<<F/float>>, <<F:64/little-float>>, <<F:32/float>>, <<F:32/float-little>>, <<F:16/float>>, <<F:16/float-little>>} end)}
     || F <- [0.0, -0.0, 1.0, -1.5, 0.1, 3.4e38, 65504.0, 1.0e-7, 5.0e-324, 1.7976931348623157e308, 1, -7, 1 bsl 60]] ++
    [{{float_unaligned, F}, <<1:3, (id(F))/float, 0:1>>} || F <- [1.0, -2.5]] ++
    [{{float_overflow, F, S}, c(fun() -> <<(id(F)):S/float>> end)} || {F, S} <- [{1.0e39, 32}, {70000.0, 16}, {1 bsl 2000, 64}, {1 bsl 2000, 32}, {1.0, 8}, {1.0, 33}, {1.0, 0}]].

code_points() -> [0, $a, 127, 128, 16#7ff, 16#800, 16#d7ff, 16#e000, 16#ffff, 16#10000, 16#10ffff].

utf() ->
    [{{utf, C}, {<<C/utf8>>, <<C/utf16>>, <<C/utf16-little>>, <<C/utf32>>, <<C/utf32-little>>}} || C <- code_points()] ++
    [{{utf_unaligned, C}, {<<1:1, C/utf8>>, <<1:2, C/utf16>>, <<5:3, C/utf32, 1:1>>}} || C <- [$a, 16#e9, 16#20ac, 16#1f600]] ++
    [{{utf_bad, C}, c(fun() -> case id(T) of 8 -> <<C/utf8>>; 16 -> <<C/utf16>>; 32 -> <<C/utf32>> end end)}
     || C <- [16#d800, 16#dfff, 16#110000, -1, a, 1.0, 1 bsl 70], T <- [8, 16, 32]] ++
    [{string_utf, {<<"åäö"/utf8>>, <<"€"/utf16>>, <<"😀"/utf32>>, <<"abc">>, <<"abc":16>>, <<"ab":16/little>>}}].

binaries() ->
    B = id(<<1, 2, 3, 4, 5>>), S = id(<<16#abc:12>>),
    [{whole, <<B/binary>>}, {two, <<B/binary, B/binary>>}, {sized, <<B:3/binary>>}, {sized_0, <<B:0/binary, 9>>}, {var, [<<B:N/binary>> || N <- [0, 1, 5]]},
     {bits, <<S/bitstring, S/bitstring>>}, {bits_then_bin, <<S/bitstring, B/binary>>}, {sized_bits, <<B:13/bitstring>>},
     {unit, <<B:2/binary-unit:4>>}, {unit_bits, <<B:5/binary-unit:3>>}, {mixed, <<0:1, B/binary, S/bits, 1:3>>},
     {nested, <<(<<1, 2>>)/binary, (<<3:4>>)/bits>>}, {empty, {<<>>, <<(id(<<>>))/binary>>}}, {large, byte_size(<<(binary:copy(B, 1000))/binary, 1>>)},
     {bits_of_sub, begin <<_:3, R/bits>> = B, <<R/bits, 7:3>> end}].

building_errors() ->
    [{{bad_int, X}, c(1, fun() -> <<(id(X))>> end)} || X <- [a, 1.0, "x", <<1>>, {}]] ++
    [{{bad_float, X}, c(1, fun() -> <<(id(X))/float>> end)} || X <- [a, <<1>>, []]] ++
    [{{bad_bin, X}, c(1, fun() -> <<(id(X))/binary>> end)} || X <- [a, 1, "x", <<1:1>>, <<1:9>>]] ++
    [{{bad_bits, X}, c(1, fun() -> <<(id(X))/bitstring>> end)} || X <- [a, 1, "x"]] ++
    [{{bad_size, X}, c(1, fun() -> <<1:(id(X))>> end)} || X <- [a, -1, 1.0, -(1 bsl 70), 1 bsl 70]] ++
    [{{bad_bin_size, X}, c(1, fun() -> <<(id(<<1, 2>>)):(id(X))/binary>> end)} || X <- [3, -1, a, 1 bsl 64]] ++
    [{{bad_unit, X}, c(1, fun() -> <<(id(X))/binary-unit:16>> end)} || X <- [<<1>>, <<1, 2, 3>>]] ++
    [{good_unit, <<(id(<<1, 2, 3, 4>>))/binary-unit:16>>}, {second_bad, c(1, fun() -> <<1, 2, (id(x))>> end)}].

matching() ->
    B = id(<<16#12, 16#34, 16#56, 16#78, 16#9a, 16#bc, 16#de, 16#f0, 16#ff>>),
    [{m8, scope(fun() -> <<A, _/binary>> = B, A end)},
     {m16, scope(fun() -> <<A:16, C:16/little, _/binary>> = B, {A, C} end)},
     {m4, scope(fun() -> <<A:4, C:4, D:12, _:4, E:8, _/bits>> = B, {A, C, D, E} end)},
     {m_signed, [scope(fun() -> <<_:N, X:S/signed, _/bits>> = B, {N, S, X} end) || N <- [0, 1, 7, 31, 60], S <- [1, 3, 8, 12]]},
     {m_little, [scope(fun() -> <<_:N, X:S/little, Y:5/little-signed, _/bits>> = B, {N, S, X, Y} end) || N <- [0, 3, 9], S <- [1, 8, 9, 17, 33]]},
     {m_all, [scope(fun() -> <<X:S, _/bits>> = B, X end) || S <- [0, 1, 9, 59, 60, 61, 64, 65, 72]]},
     {m_all_signed, [scope(fun() -> <<X:S/signed, _/bits>> = id(<<255, 254, 253, 252, 251, 250, 249, 248, 247>>), X end) || S <- [1, 8, 9, 59, 60, 61, 64, 65, 72]]},
     {m_all_little, [scope(fun() -> <<X:S/little, _/bits>> = B, X end) || S <- [0, 1, 9, 59, 60, 61, 64, 65, 72]]},
     {m_all_little_signed, [scope(fun() -> <<X:S/little-signed, _/bits>> = B, X end) || S <- [8, 16, 60, 64, 65, 72]]},
     {m_unit, scope(fun() -> <<X:2/unit:12, Y:3/unit:1, _/bits>> = B, {X, Y} end)},
     {m_size_from_data, scope(fun() -> <<N, X:N/binary, R/binary>> = id(<<3, "abcdef">>), {N, X, R} end)},
     {m_size_expr, scope(fun() -> <<N, X:(N * 8 - 4), R/bits>> = id(<<2, 1, 2, 3>>), {X, R} end)},
     {m_value, scope(fun() -> <<16#12, 16#34:16/little, _/bits>> = id(<<16#12, 16#34, 0, 5>>), ok end)},
     {m_string, scope(fun() -> <<"GET ", R/binary>> = id(<<"GET /index">>), R end)},
     {m_bound, scope(fun() -> X = id(5), case id(<<5, 6>>) of <<X, Y>> -> Y; _ -> no end end)},
     {m_same_twice, [case P of <<X, X>> -> {same, X}; <<_, _>> -> different; _ -> other end || P <- [<<1, 1>>, <<1, 2>>, <<1>>]]},
     {m_bits, scope(fun() -> <<X:3/bits, Y:11/bitstring, Z/bits>> = B, {X, Y, Z} end)},
     {m_skip, scope(fun() -> <<_:5, _:2/binary, X:3, _/bits>> = B, X end)},
     {m_skip_var, [scope(fun() -> <<_:N/binary, X, _/binary>> = B, X end) || N <- [0, 1, 8]]},
     {m_big_skip, c(fun() -> N = id(1 bsl 64), <<_:N, _/bits>> = B, ok end)},
     {m_header, [header(X) || X <- [<<1:4, 5:4, 0:16, "data">>, <<2:4, 0:4, 1000:16/little>>, <<3>>, <<>>, <<4:4>>, <<1:4, 5:4, 0:8>>, not_binary]]},
     {m_loop, sum(binary:copy(<<1, 2, 3>>, 1000), 0)},
     {m_bitloop, ones(<<16#f0, 16#0f, 16#aa:8, 1:1>>, 0)},
     {m_backtrack, [kind(X) || X <- [<<0, 1>>, <<0, 2, 3>>, <<1:1, 5:7>>, <<127:7>>, <<9, 9, 9>>]]}].

header(<<1:4, F:4, L:16, R/binary>>) -> {one, F, L, R};
header(<<2:4, _:4, L:16/little>>) -> {two, L};
header(<<X>>) -> {byte, X};
header(<<>>) -> empty;
header(<<R/bits>>) -> {bits, bit_size(R)};
header(_) -> no.

sum(<<X, R/binary>>, S) -> sum(R, S + X);
sum(<<>>, S) -> S.
ones(<<1:1, R/bits>>, N) -> ones(R, N + 1);
ones(<<0:1, R/bits>>, N) -> ones(R, N);
ones(<<>>, N) -> N.
kind(<<0, 1>>) -> a;
kind(<<0, X, Y>>) -> {b, X, Y};
kind(<<1:1, X:7>>) -> {c, X};
kind(<<X:7>>) -> {d, X};
kind(<<_:8, R/binary>>) -> {e, R}.

match_floats() ->
    [{{mf, F}, scope(fun() ->
        <<A/float>> = id(<<F/float>>), <<B:64/little-float>> = id(<<F:64/little-float>>),
        <<C:32/float>> = id(<<F:32/float>>), <<D:16/float>> = id(<<F:16/float>>), <<_:1, E/float, _:2>> = id(<<0:1, F/float, 3:2>>),
        {A, B, C, D, E} end)} || F <- [0.0, -0.0, 1.0, -1.5, 0.1, 6.0e-8, 65504.0, 1]] ++
    [{{mf_bad, X}, c(fun() -> case id(X) of <<F/float>> -> F; <<F:32/float>> -> {short, F}; <<F:16/float>> -> {half, F}; _ -> no end end)}
     || X <- [<<16#7ff0000000000000:64>>, <<16#fff8000000000000:64>>, <<16#7f800000:32>>, <<16#7fc00000:32>>, <<16#7c00:16>>, <<16#7e00:16>>,
              <<1:64>>, <<1:32>>, <<1:16>>, <<16#3c00:16>>, <<0:63>>, <<>>]] ++
    [{mf_bad_size, [c(fun() -> <<F:S/float, _/bits>> = id(<<0:128>>), F end) || S <- [id(8), id(33), id(0), id(128)]]}].

match_utf() ->
    [{{mu8, B}, u8(B)} || B <- [<<"a">>, <<195, 165>>, <<226, 130, 172>>, <<240, 159, 152, 128>>, <<195>>, <<128>>, <<192, 128>>, <<224, 128, 128>>,
                               <<237, 160, 128>>, <<244, 144, 128, 128>>, <<245, 0, 0, 0>>, <<255>>, <<>>, <<97:7>>, <<226, 130>>, <<240, 128, 128, 128>>]] ++
    [{{mu16, B}, u16(B)} || B <- [<<0, 97>>, <<97, 0>>, <<16#d83d:16, 16#de00:16>>, <<16#d83d:16>>, <<16#de00:16>>, <<16#d83d:16, 97:16>>, <<1>>, <<>>]] ++
    [{{mu32, B}, u32(B)} || B <- [<<97:32>>, <<97:32/little>>, <<16#10ffff:32>>, <<16#110000:32>>, <<16#d800:32>>, <<1, 2, 3>>]] ++
    [{all_code_points, [C || <<C/utf8>> <= <<"aåäö€😀"/utf8>>]},
     {unaligned_utf8, scope(fun() -> <<_:3, C/utf8, D/utf8, R/bits>> = id(<<0:3, "é€"/utf8, 1:2>>), {C, D, R} end)},
     {skip_utf8, scope(fun() -> <<_/utf8, _/utf16, _/utf32, R/binary>> = id(<<"é"/utf8, "😀"/utf16, "x"/utf32, 1>>), R end)},
     {decoded, chars(<<"Grüße, 世界"/utf8>>)}].

u8(<<C/utf8, R/bits>>) -> {C, R};
u8(_) -> no.
u16(<<C/utf16, R/bits>>) -> {C, R, u16l(<<R/bits>>)};
u16(B) -> {no, u16l(B)}.
u16l(<<C/utf16-little, _/bits>>) -> C;
u16l(_) -> no.
u32(<<C/utf32>>) -> C;
u32(<<C/utf32-little>>) -> {little, C};
u32(_) -> no.
chars(<<C/utf8, R/binary>>) -> [C | chars(R)];
chars(<<>>) -> [].

tails() ->
    [{{tail, B}, tail(B)} || B <- [<<>>, <<1>>, <<1, 2>>, <<1:1>>, <<1, 2:2>>, <<1, 2, 3:7>>]] ++
    [{tail_chain, scope(fun() -> <<_, A/bits>> = id(<<1, 2, 3, 4>>), <<_:4, B/bits>> = A, <<_:4, C/binary>> = B, {A, B, C} end)},
     {tail_kept, scope(fun() -> B = binary:copy(<<7>>, 200), <<_:100/binary, R/binary>> = B, {byte_size(R), R =:= binary:copy(<<7>>, 100), <<R/binary, 1>> =:= <<R/binary, 1>>} end)},
     {sub_of_sub, scope(fun() -> <<_:3, A:20/bits, _/bits>> = id(<<16#abcdef:24, 0>>), <<_:5, B/bits>> = A, {A, B, A =:= <<A/bits>>} end)},
     {in_message, scope(fun() -> <<_:3, A/bits>> = id(<<16#abcdef:24>>), self() ! {bits, A}, receive {bits, X} -> {X, X =:= A} end end)}].

tail(<<A, R/binary>>) -> {bin, A, R};
tail(<<A:8, R/bits>>) -> {bits, A, R};
tail(<<R/bits>>) -> {short, R}.

failing() ->
    [{{no, X}, case id(X) of <<1, 2>> -> a; <<1:4, _:4, 9>> -> b; <<_:24>> -> c; <<"abcd">> -> d; <<X1/float>> -> {f, X1}; _ -> none end}
     || X <- [<<1, 2>>, <<16, 9>>, <<1, 2, 3>>, <<"abcd">>, <<"abce">>, <<0:64>>, <<1:4>>, a, [], {}, <<>>]] ++
    [{badmatch, c(1, fun() -> <<A:16>> = id(<<1>>), A end)},
     {size_negative, c(fun() -> N = id(-1), case <<1, 2>> of <<_:N, _/bits>> -> yes; _ -> no end end)},
     {size_not_int, c(fun() -> N = id(a), case <<1, 2>> of <<_:N, _/bits>> -> yes; _ -> no end end)},
     {size_huge, c(fun() -> N = id(1 bsl 70), case <<1, 2>> of <<_:N/binary, _/bits>> -> yes; _ -> no end end)}].

comprehensions() ->
    [{bc_from_list, << <<X>> || X <- [1, 2, 3] >>}, {bc_bits, << <<X:3>> || X <- seq(0, 7) >>},
     {bc_bin_to_bin, << <<(X + 1)>> || <<X>> <= <<1, 2, 254, 255>> >>}, {bc_nibbles, << <<Y:4, X:4>> || <<X:4, Y:4>> <= <<16#12, 16#34>> >>},
     {bc_filter, << <<X>> || <<X>> <= <<1, 2, 3, 4>>, X rem 2 =:= 0 >>}, {bc_odd_rest, [X || <<X:3>> <= <<255, 1>>]},
     {bc_bitlist, [B || <<B:1>> <= <<16#a5>>]}, {bc_nested, << <<X, Y>> || X <- [1, 2], <<Y>> <= <<3, 4>> >>},
     {bc_empty, << <<X>> || X <- [] >>}, {bc_stops, [X || <<X, 0>> <= <<1, 0, 2, 0, 3, 1, 4, 0>>]}, {bc_binary, << <<B/binary>> || B <- [<<1>>, <<>>, <<2, 3>>] >>},
     {bc_utf8, << <<C/utf8>> || C <- "åß€" >>}, {bc_large, erlang:phash2(<< <<X:13>> || X <- seq(1, 5000) >>)},
     {bc_bad_generator, c(fun() -> << <<X>> || <<X>> <= id(a) >> end)}, {bc_bad_element, c(fun() -> << <<X>> || X <- [1, a] >> end)},
     {bc_bad_binary, c(fun() -> << <<B/binary>> || B <- [<<1>>, x] >> end)}].

appending() ->
    [{append_loop, scope(fun() -> B = app(10000, <<>>), {byte_size(B), erlang:phash2(B)} end)},
     {append_shared, scope(fun() -> A = app(100, <<>>), B = <<A/binary, 1>>, C = <<A/binary, 2>>, {byte_size(A), B =:= C, binary:last(B), binary:last(C)} end)},
     {append_bits, scope(fun() -> B = appb(1000, <<>>), {bit_size(B), erlang:phash2(B)} end)},
     {append_then_match, scope(fun() -> A = app(300, <<>>), <<X, R/binary>> = A, B = <<A/binary, X>>, {byte_size(R), byte_size(B), binary:last(B)} end)},
     {append_sub, scope(fun() -> A = app(300, <<>>), <<S:10/binary, _/binary>> = A, B = <<S/binary, "xyz">>, {B, byte_size(A), binary:at(A, 10)} end)},
     {append_sent, scope(fun() -> A = app(300, <<>>), self() ! A, B = <<A/binary, 7>>, receive X -> {X =:= A, byte_size(B), byte_size(X)} end end)},
     {append_many_kept, scope(fun() -> L = keep(50, <<>>, []), [byte_size(X) || X <- L] =:= lists:reverse(seq(1, 50), []) end)}].

app(0, B) -> B;
app(N, B) -> app(N - 1, <<B/binary, N>>).
appb(0, B) -> B;
appb(N, B) -> appb(N - 1, <<B/bits, N:5>>).
keep(0, _, L) -> L;
keep(N, B, L) -> B1 = <<B/binary, N>>, keep(N - 1, B1, [B1 | L]).

literals() ->
    [{lit, {<<>>, <<0>>, <<"text">>, <<1:1>>, <<1, 2, 3:5>>, <<"ünï"/utf8>>}},
     {compare, [A < B || A <- [<<>>, <<1>>, <<1, 2>>, <<2>>, <<1:1>>, <<0:1>>, <<1:9>>], B <- [<<1>>, <<1, 0>>, <<0:1>>]]},
     {sorted, sort([<<2>>, <<1, 2>>, <<1>>, <<>>, <<1:1>>, <<0:7>>, <<1, 0:1>>, <<255>>, <<1:2>>])},
     {equal, {id(<<1:4, 2:4>>) =:= <<18>>, id(<<1, 2>>) =:= <<258:16>>, id(<<1:3>>) =:= <<1:4>>}},
     {sizes, [{byte_size(B), bit_size(B), is_binary(B), is_bitstring(B)} || B <- [<<>>, <<1>>, <<1:1>>, <<1, 2:7>>, <<0:1000>>]]}].
