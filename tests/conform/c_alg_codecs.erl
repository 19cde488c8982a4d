%% Bytes by hand: base64, hex, CRC-32, Adler, SHA-256, UTF-8, varints.
-module(c_alg_codecs).
-include("conform.hrl").

main() -> [{base64, [scope(fun() -> E = b64(B), {E, unb64(E) =:= B} end) || B <- [<<>>, <<"f">>, <<"fo">>, <<"foo">>, <<"foobar">>, <<255, 254, 253>>]]}, {hex, [hex(B) || B <- [<<>>, <<0, 255, 16#ab>>]]}, {crc32, [crc(B) || B <- [<<>>, <<"a">>, <<"123456789">>, binary:copy(<<"xyz">>, 100)]]}, {adler, [adler(B, 1, 0) || B <- [<<>>, <<"Wikipedia">>]]}, {sha256, [hex(sha(B)) || B <- [<<>>, <<"abc">>, binary:copy(<<"a">>, 200)]]}, {md5, [hex(md5(B)) || B <- [<<>>, <<"abc">>, binary:copy(<<"a">>, 200)]]}, {varint, [scope(fun() -> V = var(N), {V, unvar(V)} end) || N <- [0, 127, 128, 300, 1 bsl 32, 1 bsl 70]]}, {zigzag, [zig(N) || N <- [0, -1, 1, -2, 2, -(1 bsl 40)]]}, {utf8, [enc(C) =:= <<C/utf8>> || C <- [0, 127, 128, 2047, 2048, 65535, 65536, 1114111]]}, {reverse_bits, [rev(B) || B <- [<<1>>, <<16#f0, 3:3>>, <<>>]]}, {xor_, hex(xor_(<<"hello">>, <<"world">>))}, {ip, [ip(B) || B <- [<<16#45, 0, 20:16, 1:16, 2:3, 0:13, 64, 6, 0:16, 10, 0, 0, 1, 10, 0, 0, 2, "payload">>, <<16#46, 0, 24:16, 0:128, 9, 9, 9, 9, 1>>, <<16#60>>]]}].
b64(<<A:6, B:6, C:6, D:6, R/binary>>) -> <<(ch(A)), (ch(B)), (ch(C)), (ch(D)), (b64(R))/binary>>;
b64(<<A:6, B:6, C:4>>) -> <<(ch(A)), (ch(B)), (ch(C bsl 2)), $=>>;
b64(<<A:6, B:2>>) -> <<(ch(A)), (ch(B bsl 4)), "==">>;
b64(<<>>) -> <<>>.
ch(N) when N < 26 -> N + $A;
ch(N) when N < 52 -> N - 26 + $a;
ch(N) when N < 62 -> N - 52 + $0;
ch(62) -> $+;
ch(63) -> $/.
unb64(<<A, B, "==">>) -> <<X:8, _:4>> = <<(un(A)):6, (un(B)):6>>, <<X>>;
unb64(<<A, B, C, "=">>) -> <<X:16, _:2>> = <<(un(A)):6, (un(B)):6, (un(C)):6>>, <<X:16>>;
unb64(<<A, B, C, D, R/binary>>) -> <<(un(A)):6, (un(B)):6, (un(C)):6, (un(D)):6, (unb64(R))/binary>>;
unb64(<<>>) -> <<>>.
un(C) when C >= $A, C =< $Z -> C - $A;
un(C) when C >= $a, C =< $z -> C - $a + 26;
un(C) when C >= $0, C =< $9 -> C - $0 + 52;
un($+) -> 62;
un($/) -> 63.
hex(B) -> << <<(hd(integer_to_list(N, 16)))>> || <<N:4>> <= B >>.
crc(B) -> crc(B, 16#ffffffff) bxor 16#ffffffff.
crc(<<X, R/binary>>, C) -> crc(R, crc8(8, C bxor X));
crc(<<>>, C) -> C.
crc8(0, C) -> C;
crc8(N, C) when C band 1 =:= 1 -> crc8(N - 1, (C bsr 1) bxor 16#edb88320);
crc8(N, C) -> crc8(N - 1, C bsr 1).
adler(<<X, R/binary>>, A, B) -> A1 = (A + X) rem 65521, adler(R, A1, (B + A1) rem 65521);
adler(<<>>, A, B) -> (B bsl 16) bor A.
md5(B) -> erlang:md5_final(erlang:md5_update(erlang:md5_init(), B)).
sha(B) -> N = bit_size(B), P = (447 - N) band 511, blocks(<<B/binary, 1:1, 0:P, N:64>>, roots(2, [2, 3, 5, 7, 11, 13, 17, 19]), list_to_tuple(roots(3, primes(64, 2)))).
primes(0, _) -> [];
primes(N, P) -> case [D || D <- seq(2, P - 1), P rem D =:= 0] of [] -> [P | primes(N - 1, P + 1)]; _ -> primes(N, P + 1) end.
roots(K, Ps) -> [root(K, P bsl (32 * K)) band 16#ffffffff || P <- Ps].
root(K, N) -> root(K, N, 0, 1 bsl 40).
root(_, _, L, H) when H - L =< 1 -> L;
root(K, N, L, H) -> M = (L + H) div 2, case pw(M, K) =< N of true -> root(K, N, M, H); false -> root(K, N, L, M) end.
pw(M, 2) -> M * M;
pw(M, 3) -> M * M * M.
blocks(<<W:64/binary, R/binary>>, H, K) -> blocks(R, add(H, rounds(0, sched([X || <<X:32>> <= W]), list_to_tuple(H), K)), K);
blocks(<<>>, H, _) -> << <<X:32>> || X <- H >>.
add([A | T], [B | U]) -> [(A + B) band 16#ffffffff | add(T, U)];
add([], []) -> [].
sched(W) -> list_to_tuple(sched(16, lists:reverse(W, []))).
sched(64, R) -> lists:reverse(R, []);
sched(N, R) -> T = list_to_tuple(R), A = element(15, T), B = element(2, T), S0 = rot(A, 7) bxor rot(A, 18) bxor (A bsr 3), S1 = rot(B, 17) bxor rot(B, 19) bxor (B bsr 10), sched(N + 1, [(element(16, T) + S0 + element(7, T) + S1) band 16#ffffffff | R]).
rounds(64, _, H, _) -> tuple_to_list(H);
rounds(I, W, {A, B, C, D, E, F, G, H}, K) ->
    S1 = rot(E, 6) bxor rot(E, 11) bxor rot(E, 25), Ch = (E band F) bxor ((bnot E) band G band 16#ffffffff), T1 = H + S1 + Ch + element(I + 1, K) + element(I + 1, W),
    S0 = rot(A, 2) bxor rot(A, 13) bxor rot(A, 22), Mj = (A band B) bxor (A band C) bxor (B band C), rounds(I + 1, W, {(T1 + S0 + Mj) band 16#ffffffff, A, B, C, (D + T1) band 16#ffffffff, E, F, G}, K).
rot(X, N) -> ((X bsr N) bor (X bsl (32 - N))) band 16#ffffffff.
var(N) when N < 128 -> <<N>>;
var(N) -> <<1:1, N:7, (var(N bsr 7))/binary>>.
unvar(B) -> unvar(B, 0, 0).
unvar(<<1:1, N:7, R/binary>>, S, A) -> unvar(R, S + 7, A bor (N bsl S));
unvar(<<0:1, N:7>>, S, A) -> A bor (N bsl S).
zig(N) when N >= 0 -> N * 2;
zig(N) -> -N * 2 - 1.
enc(C) when C < 128 -> <<C>>;
enc(C) when C < 2048 -> <<6:3, (C bsr 6):5, 2:2, C:6>>;
enc(C) when C < 65536 -> <<14:4, (C bsr 12):4, 2:2, (C bsr 6):6, 2:2, C:6>>;
enc(C) -> <<30:5, (C bsr 18):3, 2:2, (C bsr 12):6, 2:2, (C bsr 6):6, 2:2, C:6>>.
rev(<<B:1, R/bits>>) -> <<(rev(R))/bits, B:1>>;
rev(<<>>) -> <<>>.
xor_(A, B) -> N = bit_size(A), <<X:N>> = A, <<Y:N>> = B, <<(X bxor Y):N>>.
ip(<<4:4, H:4, _, L:16, Id:16, F:3, O:13, Ttl, P, _:16, S:4/binary, D:4/binary, R/binary>>) when H >= 5 -> Opt = (H - 5) * 4, <<Os:Opt/binary, Data/binary>> = R, {v4, L, Id, F, O, Ttl, P, binary_to_list(S), binary_to_list(D), Os, Data};
ip(<<V:4, _/bits>>) -> {version, V}.
