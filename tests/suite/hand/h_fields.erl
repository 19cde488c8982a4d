%% Matches of fields of known sizes that fail: what a compiler of OTP 26 or later reads then are registers that the same
%% instruction would have set, and what is left is asked of the match itself. `programs/otp27` has this as `erlc` of
%% OTP 27 made it.
-module(h_fields).
-export([main/0]).

main() ->
    Funs = [{sextets, fun(B) -> sextets(B, []) end}, {words, fun words/1}, {sizes, fun sizes/1}, {chunks, fun chunks/1},
            {long, fun(B) -> long(B, 0) end}, {tagged, fun tagged/1}],
    suite_kit:table(Funs, inputs()).

inputs() ->
    Bytes = [{{bytes, N}, suite_kit:id(bytes(N))} || N <- [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 70]],
    Odd = [{{bits, N}, suite_kit:id(bits(N))} || N <- [1, 6, 12, 47, 48, 49, 63, 65, 130]],
    Bytes ++ Odd ++ [{list, suite_kit:id("abc")}, {short, suite_kit:id(<<1, 2, 200:16, "text">>)}].

bytes(N) -> list_to_binary([(I * 73 + 201) rem 256 || I <- seq(1, N)]).

seq(I, N) when I > N -> [];
seq(I, N) -> [I | seq(I + 1, N)].

bits(N) ->
    <<B:N/bits, _/bits>> = bytes(N div 8 + 1),
    B.

sextets(<<A:6, B:6, C:6, D:6, E:6, F:6, G:6, H:6, Rest/bits>>, Acc) ->
    sextets(Rest, [{A, B, C, D, E, F, G, H} | Acc]);
sextets(<<A:6, B:6, C:6, D:6, Rest/bits>>, Acc) ->
    sextets(Rest, [{A, B, C, D} | Acc]);
sextets(<<A:6, B:2>>, Acc) ->
    {one, A, B, Acc};
sextets(<<A:6, B:6, C:4>>, Acc) ->
    {two, A, B, C, Acc};
sextets(Rest, Acc) ->
    {rest, Rest, Acc}.

words(<<A:16/little, B:16/signed, _:8, Rest/binary>>) -> {A, B, Rest};
words(<<A:8, B:8/signed, Rest/bits>>) -> {A, B, Rest};
words(Other) -> {other, Other}.

%% The size of what is matched, before and behind some of it.
sizes(Bits) ->
    Whole = bit_size(Bits) div 16 * 2,
    <<Head:Whole/binary, Rest/bits>> = Bits,
    {byte_size(Bits), Whole, byte_size(Head), bit_size(Rest), Rest}.

chunks(<<Head:4/binary, Rest/bits>>) when byte_size(Rest) > 3 -> [Head | chunks(Rest)];
chunks(<<Head:2/binary, Rest/bits>>) when bit_size(Rest) rem 8 =:= 0 -> [Head, byte_size(Rest) | chunks(Rest)];
chunks(Rest) -> Rest.

long(<<A:64, B:70, Rest/bits>>, Sum) -> long(Rest, Sum + A + B);
long(<<A:64/little-signed, Rest/bits>>, Sum) -> {A, Rest, Sum};
long(Rest, Sum) -> {Rest, Sum}.

tagged(<<1, A, 200:16, Rest/binary>>) -> {first, A, Rest};
tagged(<<1, A, 201:16, Rest/binary>>) -> {second, A, Rest};
tagged(<<Tag:3, 0:1, More:4, Rest/bits>>) -> {third, Tag, More, Rest};
tagged(Other) -> Other.
