%% Arithmetic: every operator over small, big and float operands, and what
%% each of them refuses.
-module(c_arith).
-include("conform.hrl").

main() ->
    unary() ++ binary_ops() ++ shifts() ++ division() ++ bitops() ++ edges() ++ types().

ints() ->
    [0, 1, -1, 7, -7, 1 bsl 31, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), -(1 bsl 59) - 1,
     (1 bsl 63) - 1, 1 bsl 63, -(1 bsl 63), 1 bsl 64, -(1 bsl 64) - 1,
     123456789012345678901234567890, -98765432109876543210987654321].

mixed() -> [0, 3, -3, 1 bsl 59, -(1 bsl 64), 0.0, 2.5, -2.5, 1.0e300].

unary() ->
    [{{neg, X}, c(fun() -> -X end)} || X <- ints() ++ mixed()] ++
    [{{plus, X}, c(fun() -> +X end)} || X <- mixed() ++ [a, [], <<>>]] ++
    [{{abs, X}, c(fun() -> abs(X) end)} || X <- ints() ++ mixed() ++ [a, -0.0]] ++
    [{{'bnot', X}, c(fun() -> bnot X end)} || X <- ints() ++ [1.0, a]].

binary_ops() ->
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['+', '-', '*'], A <- small_set(), B <- small_set()] ++
    [{{'/', A, B}, c(fun() -> op('/', A, B) end)} || A <- mixed(), B <- mixed()] ++
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['+', '-', '*'], A <- mixed(), B <- [0, -3, 1 bsl 64, 2.5, -0.0, a]].

small_set() ->
    [0, 1, -1, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 63, -(1 bsl 64) - 1,
     123456789012345678901234567890].

op('+', A, B) -> A + B;
op('-', A, B) -> A - B;
op('*', A, B) -> A * B;
op('/', A, B) -> A / B;
op('div', A, B) -> A div B;
op('rem', A, B) -> A rem B;
op('band', A, B) -> A band B;
op('bor', A, B) -> A bor B;
op('bxor', A, B) -> A bxor B;
op('bsl', A, B) -> A bsl B;
op('bsr', A, B) -> A bsr B.

shifts() ->
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['bsl', 'bsr'],
        A <- [0, 1, -1, 12345, -12345, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 100, -(1 bsl 100) - 7],
        B <- [0, 1, -1, 4, -4, 58, 59, 60, 63, 64, 65, -59, -64, -65, 127]] ++
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['bsl', 'bsr'], {A, B} <- [{1.0, 1}, {1, 1.0}, {a, 1}, {1, a}, {0, 1 bsl 64},
                                         {-1, -(1 bsl 59)}]] ++
    [{bsr_huge, [c(fun() -> id(X) bsr id(1 bsl 70) end) || X <- [0, 1, -1, 1 bsl 80, -(1 bsl 80)]]},
     {bsl_huge_left, c(fun() -> id(1) bsl id(1 bsl 70) end)},
     {bsl_huge_right, [c(fun() -> id(X) bsl id(-(1 bsl 70)) end) || X <- [0, 5, -5]]}].

division() ->
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['div', 'rem'], A <- ints(), B <- [0, 1, -1, 3, -3, (1 bsl 59), -(1 bsl 64) - 1]] ++
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['div', 'rem'], {A, B} <- [{1.0, 1}, {1, 1.0}, {a, 1}, {1, a}, {a, 0}, {1, 0.0}]].

bitops() ->
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['band', 'bor', 'bxor'], A <- small_set(), B <- small_set()] ++
    [{{Op, A, B}, c(fun() -> op(Op, A, B) end)}
     || Op <- ['band', 'bor', 'bxor'], {A, B} <- [{1.0, 1}, {1, 1.0}, {a, 1}, {1, b}]].

%% Results that cross from small to big and back.
edges() ->
    Max = id((1 bsl 59) - 1), Min = id(-(1 bsl 59)),
    [{max_plus_1, Max + 1}, {back, (Max + 1) - 1}, {back_eq, (Max + 1) - 1 =:= Max},
     {min_minus_1, Min - 1}, {back_min, (Min - 1) + 1 =:= Min},
     {neg_min, -Min}, {abs_min, abs(Min)}, {min_div, Min div id(-1)}, {min_rem, Min rem id(-1)},
     {square, Max * Max}, {square_min, Min * Min}, {cross, Max * Min},
     {factorial_30, fact(30)}, {factorial_ratio, fact(60) div fact(58)},
     {big_rem, fact(60) rem (fact(20) + 1)}, {bigcancel, fact(40) - fact(40)},
     {power, pow(3, 200)}, {divided, pow(3, 200) div pow(3, 199)},
     {power_rem, pow(7, 150) rem pow(10, 40)},
     {gcd, gcd(fact(25), pow(2, 90))},
     {fib, fib(300)},
     {shift_back, ((id(1) bsl 200) bsr 200)}, {neg_shift, (id(-1) bsl 200) bsr 300}].

fact(0) -> 1;
fact(N) -> N * fact(N - 1).
pow(_, 0) -> 1;
pow(B, N) when N rem 2 =:= 0 -> P = pow(B, N div 2), P * P;
pow(B, N) -> B * pow(B, N - 1).
gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
fib(N) -> fib(N, 0, 1).
fib(0, A, _) -> A;
fib(N, A, B) -> fib(N - 1, B, A + B).

types() ->
    [{{Op, wrong, A, B}, c(2, fun() -> op(Op, A, B) end)}
     || Op <- ['+', '-', '*', '/', 'div', 'rem', 'band', 'bsl'],
        {A, B} <- [{a, 1}, {1, []}, {{}, 1.0}, {<<>>, 1 bsl 70}, {#{}, b}]].
