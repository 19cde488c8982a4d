%% Matrices as lists and tuples: products, powers, elimination with exact fractions.
-module(c_alg_matrix).
-include("conform.hrl").

main() -> A = [[1, 2], [3, 4]], [{mul, mul(A, A)}, {power, pow(A, 30)}, {fib, hd(tl(hd(pow([[1, 1], [1, 0]], 200))))}, {transpose, transpose([[1, 2, 3], [4, 5, 6]])}, {det, [det(M) || M <- [A, [[2, 0, 1], [1, 3, 2], [1, 1, 1]], hilbert(6)]]}, {float, mul([[0.5, 1.5], [2.0, -1.0]], [[1.0, 2.0], [3.0, 4.0]])}, {large, trace(mul(big(20), transpose(big(20))))}, {identity, pow(A, 0)}, {tuples, tup(200)}].
mul(A, B) -> C = transpose(B), [[dot(R, S) || S <- C] || R <- A].
dot([X | Xs], [Y | Ys]) -> X * Y + dot(Xs, Ys);
dot([], []) -> 0.
transpose([[] | _]) -> [];
transpose(M) -> [[hd(R) || R <- M] | transpose([tl(R) || R <- M])].
pow(M, 0) -> [[case I of J -> 1; _ -> 0 end || J <- seq(1, length(M))] || I <- seq(1, length(M))];
pow(M, N) when N rem 2 =:= 0 -> P = pow(M, N div 2), mul(P, P);
pow(M, N) -> mul(M, pow(M, N - 1)).
det(M) -> det([[frac(X) || X <- R] || R <- M], {1, 1}).
det([], D) -> D;
det(M, D) -> case pivot(M, [], 1) of none -> {0, 1}; {Sign, [P | Ps], Rest} -> det([tl(sub(R, [P | Ps], fdiv(hd(R), P))) || R <- Rest], fmul(D, fmul({Sign, 1}, P))) end.
pivot([[{0, _} | _] = R | T], Acc, S) -> pivot(T, [R | Acc], -S);
pivot([R | T], Acc, S) -> {S, R, lists:reverse(Acc, T)};
pivot([], _, _) -> none.
sub([A | As], [B | Bs], K) -> [fsub(A, fmul(B, K)) | sub(As, Bs, K)];
sub([], [], _) -> [].
frac({A, B}) -> norm(A, B);
frac(A) -> {A, 1}.
fmul({A, B}, {C, D}) -> norm(A * C, B * D).
fdiv({A, B}, {C, D}) -> norm(A * D, B * C).
fsub({A, B}, {C, D}) -> norm(A * D - C * B, B * D).
norm(A, B) when B < 0 -> norm(-A, -B);
norm(A, B) -> G = gcd(abs(A), B), {A div G, B div G}.
gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
hilbert(N) -> [[{1, I + J - 1} || J <- seq(1, N)] || I <- seq(1, N)].
big(N) -> [[(I * 31 + J * 17) rem 101 - 50 || J <- seq(1, N)] || I <- seq(1, N)].
trace(M) -> trace(M, 1).
trace([R | T], I) -> element(I, list_to_tuple(R)) + trace(T, I + 1);
trace([], _) -> 0.
tup(N) -> fill(1, N, erlang:make_tuple(N, 0)).
fill(I, N, T) when I > N -> erlang:phash2(T);
fill(I, N, T) -> fill(I + 1, N, setelement(I, T, I * I + case I of 1 -> 0; _ -> element(I - 1, T) end)).
