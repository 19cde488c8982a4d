%% Long arithmetic: digits of pi and e, factorials, square roots, powers modulo.
-module(c_alg_digits).
-include("conform.hrl").

main() -> [{pi, pi(100)}, {e, e(60)}, {factorial, erlang:phash2(fact(1000))}, {digits, length(integer_to_list(fact(1000)))}, {isqrt, [isqrt(N) || N <- [0, 1, 2, 99, 1 bsl 100, fact(40)]]}, {powmod, [powmod(3, 1 bsl 64, 1000000007), powmod(2, fact(20), (1 bsl 89) - 1)]}, {primes, [N || N <- [2, 3, 91, 97, 561, 7919, (1 bsl 61) - 1, (1 bsl 67) - 1, (1 bsl 89) - 1], prime(N)]}, {xgcd, xgcd(fact(25) + 1, fact(20) + 3)}, {collatz, collatz(837799, 0)}, {digit_sum, sum(integer_to_list(1 bsl 1000)) - 48 * length(integer_to_list(1 bsl 1000))}, {bits, popcount((1 bsl 200) - 12345)}, {division, [divs(A, B) || A <- [fact(50), -fact(50)], B <- [fact(30) + 1, -(fact(30) + 1), 7, -7]]}, {shift_mul, [X || X <- seq(1, 200), (1 bsl X) * (1 bsl X) =/= 1 bsl (2 * X)]}, {karatsuba_like, erlang:phash2(fact(300) * fact(299))}, {string, list_to_integer(integer_to_list(fact(200))) =:= fact(200)}].
pi(N) -> pi(N, 1, 0, 1, 1, 3, 3).
pi(0, _, _, _, _, _, _) -> [];
pi(N, Q, R, T, K, M, X) when 4 * Q + R - T < M * T -> [M + $0 | pi(N - 1, 10 * Q, 10 * (R - M * T), T, K, (10 * (3 * Q + R)) div T - 10 * M, X)];
pi(N, Q, R, T, K, _, X) -> pi(N, Q * K, (2 * Q + R) * X, T * X, K + 1, (Q * (7 * K + 2) + R * X) div (T * X), X + 2).
e(N) -> S = pow(10, N), e(S, 1, 0) div 1000.
e(0, _, A) -> A;
e(T, K, A) -> e(T div K, K + 1, A + T).
pow(_, 0) -> 1;
pow(B, N) -> B * pow(B, N - 1).
fact(0) -> 1;
fact(N) -> N * fact(N - 1).
isqrt(0) -> 0;
isqrt(N) -> isqrt(N, N).
isqrt(N, X) -> case (X + N div X) div 2 of Y when Y >= X -> X; Y -> isqrt(N, Y) end.
powmod(_, 0, M) -> 1 rem M;
powmod(B, E, M) when E band 1 =:= 0 -> P = powmod(B, E bsr 1, M), P * P rem M;
powmod(B, E, M) -> B * powmod(B, E - 1, M) rem M.
prime(N) when N < 4 -> N > 1;
prime(N) when N rem 2 =:= 0 -> false;
prime(N) -> {D, S} = odd(N - 1, 0), witness([A || A <- [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37], A < N - 1], D, S, N).
odd(D, S) when D rem 2 =:= 0 -> odd(D div 2, S + 1);
odd(D, S) -> {D, S}.
witness([], _, _, _) -> true;
witness([A | T], D, S, N) -> X = powmod(A, D, N), (X =:= 1 orelse X =:= N - 1 orelse squares(X, S - 1, N)) andalso witness(T, D, S, N).
squares(_, 0, _) -> false;
squares(X, S, N) -> Y = X * X rem N, Y =:= N - 1 orelse squares(Y, S - 1, N).
xgcd(A, 0) -> {A, 1, 0};
xgcd(A, B) -> {G, X, Y} = xgcd(B, A rem B), {G, Y, X - (A div B) * Y}.
collatz(1, N) -> N;
collatz(X, N) when X band 1 =:= 0 -> collatz(X bsr 1, N + 1);
collatz(X, N) -> collatz(3 * X + 1, N + 1).
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
popcount(0) -> 0;
popcount(N) -> (N band 1) + popcount(N bsr 1).
divs(A, B) -> {A div B, A rem B, (A div B) * B + A rem B =:= A}.
