%% The functions of math: exact where the result is, to ten digits elsewhere.
-module(c_math).
-include("conform.hrl").

main() -> exact() ++ rounded() ++ errors() ++ float_ops().

r(X) when is_float(X) -> float_to_list(X, [{scientific, 10}]);
r(X) -> X.
m(F, As) -> c(fun() -> apply(math, F, As) end).

exact() ->
    [{{F, As}, m(F, As)} || {F, As} <- [{sqrt, [4]}, {sqrt, [2.25]}, {sqrt, [0]}, {sqrt, [1 bsl 60]}, {floor, [1.5]}, {floor, [-1.5]}, {floor, [3]}, {ceil, [1.2]}, {ceil, [-1.2]}, {fmod, [5.5, 2]}, {fmod, [-5.5, 2]}, {fmod, [5, -3]}, {pow, [2, 10]}, {pow, [2.0, -2]}, {pow, [0, 0]}, {pow, [10, 2]},
                                         {log2, [8]}, {log2, [1 bsl 50]}, {log10, [1000]}, {log, [1]}, {exp, [0]}, {sin, [0]}, {cos, [0]}, {tan, [0]}, {atan, [0]}, {asin, [0]}, {acos, [1]}, {sinh, [0]}, {cosh, [0]}, {tanh, [0]}, {atan2, [0, 1]}, {asinh, [0]}, {acosh, [1]}, {atanh, [0]}, {erf, [0]}, {erfc, [0]}]].

rounded() ->
    [{{F, X}, r(m(F, [X]))} || F <- [sin, cos, tan, atan, exp, sinh, cosh, tanh, asinh, erf, erfc], X <- [0.5, -1, 2, 3.75]] ++ [{{F, X}, r(m(F, [X]))} || F <- [asin, acos, atanh], X <- [0.5, -0.25, 0.99]] ++ [{{F, X}, r(m(F, [X]))} || F <- [log, log2, log10, sqrt], X <- [0.1, 2, 10, 12345.678, 1 bsl 70]] ++
    [{{F, X, Y}, r(m(F, [X, Y]))} || {F, X, Y} <- [{pow, 2, 0.5}, {pow, 1.5, 10}, {pow, 10, -3}, {atan2, 1, 2}, {atan2, -1, -2}, {fmod, 10, 3.3}]] ++ [{pi, r(4 * math:atan(1))}].

errors() ->
    [{{F, As}, m(F, As)} || {F, As} <- [{sqrt, [-1]}, {log, [0]}, {log, [-1]}, {log2, [0]}, {log10, [-5]}, {asin, [2]}, {acos, [-2]}, {atanh, [1]}, {acosh, [0.5]}, {pow, [-1, 0.5]}, {pow, [10, 400]}, {exp, [1000]}, {fmod, [1, 0]}, {sin, [a]}, {pow, [a, 1]}, {pow, [1, b]}, {sqrt, [1 bsl 2000]}, {cosh, [1000]}, {floor, [x]}]].

%% The float instructions, chained so that the compiler keeps values unboxed.
float_ops() ->
    [{{chain, X, Y}, c(fun() -> A = float(id(X)), B = float(id(Y)), (A + B) * (A - B) / (A * 2.0 + 1.0) - -B end)} || X <- [1, 2.5, -3, 1.0e200], Y <- [0, 1.5, 1.0e200]] ++
    [{poly, [poly(X) || X <- [0.0, 1.0, -2.5, 1.0e10, 1.0e200]] -- []}] ++ [{overflow_in_chain, c(fun() -> X = float(id(1.0e200)), X * X + 1.0 end)}, {div_zero_in_chain, c(fun() -> X = float(id(3)), 1.0 / (X - 3.0) end)}, {not_number_in_chain, c(fun() -> X = id(a), 1.0 + X * 2.0 end)}, {big_in_chain, c(fun() -> X = id(1 bsl 2000), 1.0 + X end)},
     {mixed, [c(fun() -> id(A) + id(B) end) || {A, B} <- [{1, 2.0}, {1 bsl 70, 0.5}, {0.1, 0.2}, {1.0e308, 1.0e308}, {-0.0, 0}, {0, -0.0}]]}, {negate, [-X || X <- [0.0, -0.0, 1.5, -1.0e308]]}, {newton, newton(2.0, 1.0, 20)}, {leibniz, r(leibniz(10000, 0, 1.0, 0.0))}, {mandelbrot, [iter(X / 10, Y / 10) || X <- seq(-20, 10), Y <- [0, 5]]}, {sum_tenths, sum(1000, 0.0)}, {nbody, r(orbit(1000, {1.0, 0.0}, {0.0, 1.0}))}].

poly(X) when X < 1.0e100 -> ((3.0 * X + 2.0) * X - 1.0) * X + 0.5;
poly(X) -> c(fun() -> X * X * X end).
newton(_, X, 0) -> X;
newton(A, X, N) -> newton(A, (X + A / X) / 2.0, N - 1).
leibniz(N, N, _, S) -> 4.0 * S;
leibniz(N, I, Sign, S) -> leibniz(N, I + 1, -Sign, S + Sign / (2.0 * I + 1.0)).
iter(Cr, Ci) -> iter(Cr, Ci, 0.0, 0.0, 0).
iter(_, _, _, _, 50) -> 50;
iter(Cr, Ci, Zr, Zi, N) -> R2 = Zr * Zr, I2 = Zi * Zi, if R2 + I2 > 4.0 -> N; true -> iter(Cr, Ci, R2 - I2 + Cr, 2.0 * Zr * Zi + Ci, N + 1) end.
sum(0, S) -> S;
sum(N, S) -> sum(N - 1, S + 0.1).
orbit(0, {X, Y}, _) -> X * X + Y * Y;
orbit(N, {X, Y}, {Vx, Vy}) -> D2 = X * X + Y * Y, D = math:sqrt(D2), A = -0.001 / (D2 * D), V1 = Vx + A * X, V2 = Vy + A * Y, orbit(N - 1, {X + 0.001 * V1, Y + 0.001 * V2}, {V1, V2}).
