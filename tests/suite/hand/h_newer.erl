%% Matching of fields of known sizes, updates of records, and lines: what compilers of OTP 26 and later have
%% instructions of their own for. `newer` makes a second compiled form of this module with those.
-module(h_newer).
-export([main/0]).

-record(two, {a, b}).
-record(nine, {a, b = 2, c, d = "d", e, f = 6.0, g, h = <<1>>, i}).

main() -> {[{Name, suite_kit:table([{Name, F}], inputs())} || {Name, F} <- matches()], records()}.

inputs() ->
    Whole = [{{bytes, N}, suite_kit:id(bytes(N))} || N <- [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20, 33, 70]],
    Odd = [{{bits, N}, suite_kit:id(bits(N))} || N <- [1, 7, 9, 15, 31, 33, 63, 65, 67, 130, 600]],
    Others = [{text, suite_kit:id(<<"abc">>)}, {text_more, suite_kit:id(<<"abcdef">>)}, {ab, suite_kit:id(<<"ab">>)},
              {ones, suite_kit:id(<<-1:200>>)}, {minus, suite_kit:id(<<16#80, 0:64, 16#ff>>)},
              {list, suite_kit:id("abc")}, {atom, suite_kit:id(a)}],
    Whole ++ Odd ++ [{shifted(N), sub(N)} || N <- [1, 3, 8, 13]] ++ Others.

shifted(N) -> {shifted, N}.

bytes(N) -> list_to_binary([(I * 73 + 201) rem 256 || I <- seq(1, N)]).

bits(N) ->
    <<B:N/bits, _/bits>> = bytes(N div 8 + 1),
    B.

sub(N) ->
    <<_:N, B/bits>> = bytes(70),
    B.

seq(A, B) when A > B -> [];
seq(A, B) -> [A | seq(A + 1, B)].

matches() -> [
    {one_byte, fun(<<A, _/bits>>) -> A; (_) -> no end},
    {whole_byte, fun(<<A>>) -> A; (_) -> no end},
    {bytes3, fun(<<A, B, C, T/binary>>) -> {A, B, C, T}; (_) -> no end},
    {int16, fun(<<A:16, B:16/little, C:16/signed, T/bits>>) -> {A, B, C, T}; (_) -> no end},
    {int24, fun(<<A:24, B:24/little-signed>>) -> {A, B}; (_) -> no end},
    {int32, fun(<<A:32, B:32/little, T/binary>>) -> {A, B, T}; (_) -> no end},
    {int59, fun(<<A:59, B:5, T/bits>>) -> {A, B, T}; (_) -> no end},
    {int60, fun(<<A:60/signed, B:4, T/bits>>) -> {A, B, T}; (_) -> no end},
    {int61, fun(<<A:61/little, B:61/little-signed, T/bits>>) -> {A, B, T}; (_) -> no end},
    {int64, fun(<<A:64, T/bits>>) -> {A, T}; (_) -> no end},
    {int64s, fun(<<A:64/signed, T/binary>>) -> {A, T}; (_) -> no end},
    {int64l, fun(<<A:64/little, T/bits>>) -> {A, T}; (_) -> no end},
    {int65, fun(<<A:65, T/bits>>) -> {A, T}; (_) -> no end},
    {int128, fun(<<A:128/little-signed, T/bits>>) -> {A, T}; (_) -> no end},
    {int200, fun(<<A:200/signed>>) -> A; (_) -> no end},
    {native, fun(<<A:32/native, B:16/native-signed, _/bits>>) -> {A, B}; (_) -> no end},
    {few_bits, fun(<<A:1, B:2, C:3, D:4, E:5, F:6, T/bits>>) -> {A, B, C, D, E, F, T}; (_) -> no end},
    {skips, fun(<<_:3, A:8, _:13, B:8, _/bits>>) -> {A, B}; (_) -> no end},
    {skip_all, fun(<<_:32>>) -> yes; (<<_:40>>) -> also; (_) -> no end},
    {parts, fun(<<A:2/binary, B:3/binary, T/binary>>) -> {A, B, T}; (_) -> no end},
    {part_bits, fun(<<A:5/bits, B:11/bits, T/bits>>) -> {A, B, T}; (_) -> no end},
    {long_part, fun(<<A:65/binary, T/bits>>) -> {A, T}; (_) -> no end},
    {text, fun(<<"abc">>) -> abc; (<<"ab", T/binary>>) -> {ab, T}; (<<"a", T/bits>>) -> {a, T}; (_) -> no end},
    {long_text, fun(<<"abcdef", T/bits>>) -> T; (_) -> no end},
    {odd_value, fun(<<A:3, 5:4, T/bits>>) -> {A, T}; (<<A:3, 0:2, T/bits>>) -> {zero, A, T}; (_) -> no end},
    {values, fun(<<1:1, A:7, _/bits>>) -> {one, A}; (<<0:1, A:7, _/bits>>) -> {zero, A}; (_) -> no end},
    {units, fun(<<A:8, T/binary-unit:16>>) -> {A, T}; (<<T/binary-unit:24>>) -> T; (_) -> no end},
    {tag_length, fun(<<0, L:16, V:8/binary, _/bits>>) -> {L, V}; (<<T:4, L:4, V/binary>>) -> {T, L, V}; (_) -> no end},
    {sum, fun(B) -> sum(B, 0) end},
    {pairs, fun(B) -> pairs(B, []) end},
    {words, fun(B) when is_bitstring(B) -> [W || <<W:24>> <= B]; (_) -> no end},
    {again, fun(<<A:8, B/bits>> = All) -> {A, B, All}; (_) -> no end}].

sum(<<A:16, T/binary>>, N) -> sum(T, N + A);
sum(<<A, T/binary>>, N) -> sum(T, N + A);
sum(<<>>, N) -> N;
sum(_, N) -> {rest, N}.

pairs(<<A:4, B:12/signed, T/bits>>, Acc) -> pairs(T, [{A, B} | Acc]);
pairs(T, Acc) -> {T, Acc}.

records() ->
    Two = suite_kit:id(#two{a = 1, b = 2}),
    Nine = suite_kit:id(#nine{a = self_made(3)}),
    [suite_kit:attempt(F) || F <- [
        fun() -> {set_a(Two, x), Two} end,
        fun() -> {set_b(Two, [x]), Two} end,
        fun() -> set_ab(Two, {x}, 2.5) end,
        fun() -> set_a(suite_kit:id({two, 1}), x) end,
        fun() -> set_a(suite_kit:id(x), x) end,
        fun() -> set_ab(suite_kit:id(Nine), 1, 2) end,
        fun() -> {set_ceg(Nine, a, b, c), Nine} end,
        fun() -> set_all(Nine, suite_kit:id([])) end,
        fun() -> many(Nine, 1000) end,
        fun() -> kept(Nine) end]].

self_made(N) -> [N, {N}, <<N:70>>].

set_a(R, V) -> R#two{a = V}.
set_b(R, V) -> S = R#two{b = V}, suite_kit:id(S).
set_ab(R, A, B) -> R#two{a = A, b = B}.
set_ceg(R, C, E, G) -> S = R#nine{c = C, e = E, g = G}, {S, S#nine{i = suite_kit:id(C)}}.
set_all(R, V) -> R#nine{a = V, b = V, c = V, d = V, e = V, f = V, g = V, h = V, i = V}.

many(R, 0) -> R;
many(R, N) -> many(R#nine{a = N, e = {N, R#nine.a}, i = [N]}, N - 1).

kept(R) ->
    S = R#nine{b = suite_kit:id(1)},
    T = S#nine{b = suite_kit:id(2), h = S},
    {R#nine.b, S#nine.b, T#nine.b, T#nine.h}.
