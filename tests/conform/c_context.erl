%% Match contexts: reused, saved and restored, turned back into binaries, passed on and collected.
-module(c_context).
-include("conform.hrl").

main() ->
    [{tokens, tok(<<"let x1 = (42 + y) * 7;">>)}, {backtrack, [alt(B) || B <- [<<1, 2, 3>>, <<1, 2, 4>>, <<1, 5>>, <<9>>, <<>>, <<1, 2>>, <<1:4>>]]}, {rest_kept, rest(<<"abcdef">>, [])}, {passed, pass(<<1, 2, 3, 4>>)}, {mutual, even(<<1, 2, 3, 4, 5>>)}, {nested, scope(fun() -> <<A:2/binary, B/binary>> = id(<<"abcd">>), <<C, _/binary>> = B, <<D:4, _/bits>> = A, {C, D, B} end)}, {with_collection, gc(binary:copy(<<1, 2, 3, 4, 5, 6, 7, 8>>, 200), 0)},
     {in_loop_with_frames, body(binary:copy(<<3>>, 20000))}, {fields, fields(<<3, "abc", 2, "de", 0, 1, "f">>)}, {two_binaries, zip(<<1, 2, 3>>, <<4, 5, 6>>)}, {bin_and_list, [mixed(X) || X <- [<<1, 2>>, [1, 2], <<>>, [], <<3:3>>]]}, {same_binary_twice, scope(fun() -> B = id(<<1, 2, 3, 4>>), {sum(B, 0), sum(B, 0), B} end)}, {closure, scope(fun() -> <<H, T/binary>> = id(<<"xyz">>), F = fun() -> {H, T} end, F() end)}, {in_guard, [gd(B) || B <- [<<1, 2>>, <<1>>, <<5, 6, 7>>, <<>>]]},
     {as_value, scope(fun() -> {B, R} = val(<<7, 8, 9>>), {B, R, B =:= <<7, 8, 9>>} end)}, {to_message, p(fun() -> msg(<<"ab">>), drain() end)}, {caught, [catch_in(B) || B <- [<<1, 2>>, <<1>>, <<>>]]}, {bits_left, left(<<1:1, 0:1, 1:1, 1:1, 0:1>>)}, {wide, wide(<<(seq_bin(64))/binary>>)}, {utf, utf(<<"aé€😀"/utf8>>, [])}, {units, units(<<1:24, 2:24, 3:24>>)}, {double, [dbl(B) || B <- [<<1, 1>>, <<1, 2>>, <<2>>]]}, {sized_by_earlier, sized(<<5:4, 2#10110:5, 7:4, 2#1010101:7, 0:4>>)}].
tok(<<C, R/binary>>) when C =:= $\s -> tok(R);
tok(<<C, _/binary>> = B) when C >= $a, C =< $z -> word(B, 0, B);
tok(<<C, R/binary>>) when C >= $0, C =< $9 -> num(R, C - $0);
tok(<<C, R/binary>>) -> [C | tok(R)];
tok(<<>>) -> [].
word(<<C, R/binary>>, N, B) when C >= $a, C =< $z; C >= $0, C =< $9 -> word(R, N + 1, B);
word(R, N, B) -> [binary:part(B, 0, N) | tok(R)].
num(<<C, R/binary>>, N) when C >= $0, C =< $9 -> num(R, N * 10 + C - $0);
num(R, N) -> [N | tok(R)].
alt(<<1, 2, 3>>) -> a;
alt(<<1, X/binary>>) when byte_size(X) > 1 -> {b, X};
alt(<<1, X, Y/bits>>) -> {c, X, Y};
alt(<<X>>) -> {d, X};
alt(<<>>) -> empty;
alt(<<X:4>>) -> {e, X}.
rest(<<_, R/binary>>, A) -> rest(R, [R | A]);
rest(<<>>, A) -> A.
pass(<<A, R/binary>>) -> pass2(R, A).
pass2(<<B, R/binary>>, A) -> pass3(A + B, R).
pass3(S, <<C, D>>) -> {S, C, D}.
even(<<X, R/binary>>) -> [{e, X} | odd(R)];
even(<<>>) -> [].
odd(<<X, R/binary>>) -> [{o, X} | even(R)];
odd(<<>>) -> [].
gc(<<X, R/binary>>, S) -> _ = [X, S, [X]], case X of 8 -> garbage_collect(); _ -> ok end, gc(R, S + X);
gc(<<>>, S) -> S.
body(<<X, R/binary>>) -> X + body(R);
body(<<>>) -> 0.
fields(<<N, F:N/binary, R/binary>>) -> [F | fields(R)];
fields(<<>>) -> [].
zip(<<A, R/binary>>, <<B, S/binary>>) -> [{A, B} | zip(R, S)];
zip(<<>>, <<>>) -> [].
mixed(<<X, R/binary>>) -> {bin, X, R};
mixed([X | R]) -> {list, X, R};
mixed(<<>>) -> empty_bin;
mixed([]) -> empty_list;
mixed(<<X:3>>) -> {bits, X}.
sum(<<X, R/binary>>, S) -> sum(R, S + X);
sum(<<>>, S) -> S.
gd(<<X, R/binary>>) when X < 5, byte_size(R) =:= 1 -> {short, R};
gd(<<X, R/binary>>) when X < 5 -> {small, R};
gd(<<_, R/binary>>) -> R;
gd(B) -> B.
val(<<_, R/binary>> = B) -> {B, R}.
msg(<<X, R/binary>>) -> self() ! {X, R}, msg(R);
msg(<<>>) -> ok.
catch_in(B) -> try case B of <<X, Y>> -> {X, Y}; <<X, R/binary>> when X =:= 1 -> throw({rest, R}); _ -> none end catch throw:T -> T end.
left(<<B:1, R/bits>>) -> [{B, bit_size(R)} | left(R)];
left(<<>>) -> [].
wide(<<A:64, B:128/little, C:7, D:9, E/bits>>) -> {A, B, C, D, bit_size(E)}.
seq_bin(0) -> <<>>;
seq_bin(N) -> <<N, (seq_bin(N - 1))/binary>>.
utf(<<C/utf8, R/binary>>, A) -> utf(R, [{C, byte_size(R)} | A]);
utf(<<>>, A) -> A.
units(<<X:24, R/binary-unit:24>>) -> [X | units(R)];
units(<<>>) -> [].
dbl(<<X, X>>) -> {same, X};
dbl(<<X, Y>>) -> {other, X, Y};
dbl(<<X>>) -> {one, X}.
sized(<<0:4>>) -> [];
sized(<<N:4, X:N, R/bits>>) -> [{N, X} | sized(R)].
