%% Integers and floats to each other and to text, and back.
-module(c_numbers).
-include("conform.hrl").

main() -> rounding() ++ integers() ++ to_integer() ++ floats() ++ float_options() ++ to_float() ++ predicates().

numbers() -> [0, 1, -1, 7, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), 1 bsl 63, 1 bsl 64, -(1 bsl 64) - 1, 1 bsl 200, -(1 bsl 200)].
values() ->
    [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -1.5, -2.5, 0.49999999999999994, 1.0e15, 4503599627370497.5, 9007199254740993.0, 5.76460752303423488e17,
     -5.76460752303423488e17, 1.8446744073709552e19, 1.0e22, -1.0e22, 1.0e100, 1.7976931348623157e308, 5.0e-324, 3, -3, 1 bsl 70].

rounding() ->
    [{{rounding, X}, {trunc(X), round(X), floor(X), ceil(X)}} || X <- values()] ++
    [{{float, X}, c(1, fun() -> float(id(X)) end)} || X <- numbers() ++ [1.5, 1 bsl 1023, 1 bsl 1024, (1 bsl 53) + 1, (1 bsl 54) + 3, (1 bsl 64) + 2049, a, "1", []]] ++
    [{{F, X}, c(1, fun() -> apply(erlang, F, [X]) end)} || F <- [trunc, round, floor, ceil], X <- [a, [], <<>>]] ++
    [{abs, [abs(id(X)) || X <- [0, -1, -(1 bsl 59), -(1 bsl 64), -1.5, -0.0]]}].

integers() ->
    [{{text, N}, {integer_to_list(N), integer_to_binary(N)}} || N <- numbers()] ++
    [{{base, N, B}, {integer_to_list(N, B), integer_to_binary(N, B)}} || N <- [0, -1, 35, 255, 1 bsl 64, -(1 bsl 100)], B <- [2, 3, 8, 10, 16, 35, 36]] ++
    [{{bad_base, N, B}, c(1, fun() -> integer_to_list(id(N), id(B)) end)} || {N, B} <- [{1, 1}, {1, 37}, {1, 0}, {1, a}, {a, 10}, {1.0, 10}, {1, -2}, {1, 1 bsl 64}]] ++
    [{{bad, F, X}, c(1, fun() -> apply(erlang, F, [X]) end)} || F <- [integer_to_list, integer_to_binary], X <- [a, 1.0, [], <<>>]] ++
    [{huge, scope(fun() -> L = integer_to_list(fact(500)), {length(L), erlang:phash2(L), list_to_integer(L) =:= fact(500)} end)}].

fact(0) -> 1;
fact(N) -> N * fact(N - 1).

to_integer() ->
    Texts = ["0", "-0", "+7", "-12", "0012", "576460752303423487", "576460752303423488", "-576460752303423489", "18446744073709551616",
             "", "-", "+", " 1", "1 ", "1.0", "1e3", "0x1", "a", "--1", "1_000", "12a", "-99999999999999999999999999"],
    [{{list_to_integer, T}, c(fun() -> list_to_integer(id(T)) end)} || T <- Texts] ++
    [{{binary_to_integer, T}, c(fun() -> binary_to_integer(id(list_to_binary(T))) end)} || T <- Texts] ++
    [{{binary_to_integer_base, T, B}, c(1, fun() -> binary_to_integer(id(T), id(B)) end)}
     || {T, B} <- [{<<"ff">>, 16}, {<<"FF">>, 16}, {<<"-Zz">>, 36}, {<<"102">>, 2}, {<<"777">>, 8}, {<<"+11">>, 2}, {<<"g">>, 16}, {<<"1">>, 1}, {<<"1">>, 37},
                   {<<"123456789abcdefghijklmnopqrstuvwxyz">>, 36}, {<<>>, 10}, {"1", 10}, {<<"1">>, a}, {<<"-">>, 16}, {<<1:1>>, 10}]] ++
    [{{wrong, X}, {c(1, fun() -> list_to_integer(id(X)) end), c(1, fun() -> binary_to_integer(id(X)) end)}} || X <- [1, a, [a], [$1 | $2], {}, <<1:3>>, [-1], [1.0]]] ++
    [{round_trip, [list_to_integer(integer_to_list(N)) =:= N || N <- numbers()]},
     {round_trip_36, [binary_to_integer(integer_to_binary(N, 36), 36) =:= N || N <- numbers()]},
     {every_power, erlang:phash2([integer_to_list(1 bsl N) || N <- seq(0, 300)])},
     {parse_every_power, [N || N <- seq(0, 300), list_to_integer(integer_to_list(-(1 bsl N))) =/= -(1 bsl N)]}].

float_values() ->
    [0.0, -0.0, 1.0, -1.0, 0.1, 0.3, 1.5, 100.0, 123456.789, 1.0e5, 1.0e10, 1.0e15, 1.0e16, 1.0e17, 1.0e21, 1.0e22, 1.0e23, 9007199254740992.0,
     1.0e-1, 1.0e-3, 1.0e-4, 1.0e-5, 1.0e-7, 3.141592653589793, 2.718281828459045, 1.0e100, 1.0e-100, 5.0e-324, 2.2250738585072014e-308,
     1.7976931348623157e308, 1.2345678901234567e19, 4.35, 0.1 + 0.2, 1 / 3, 2 / 3, 299792458.0, 6.02214076e23, -1.602e-19].

floats() ->
    [{{F, short}, {float_to_list(F, [short]), float_to_list(F)}} || F <- float_values()] ++
    [{round_trip, [F || F <- float_values(), list_to_float(float_to_list(F, [short])) =/= F]},
     {round_trip_long, [F || F <- float_values(), list_to_float(float_to_list(F)) =/= F]},
     {wrong, [c(1, fun() -> float_to_list(id(X)) end) || X <- [1, a, "1.0", <<>>]]}].

float_options() ->
    [{{decimals, F, D}, {float_to_list(F, [{decimals, D}]), float_to_list(F, [{decimals, D}, compact])}}
     || F <- [0.0, -0.0, 1.0, 0.1, 1.005, 2.5, 0.5, 1.5, 123.456, -7.125, 1.0e15, 99.995, 0.00001], D <- [0, 1, 2, 5, 20]] ++
    [{{scientific, F, D}, float_to_list(F, [{scientific, D}])} || F <- [0.0, -0.0, 1.0, 0.1, 123.456, 1.0e100, 5.0e-324, 9.9999], D <- [0, 1, 3, 20]] ++
    [{decimals_large, [c(fun() -> erlang:phash2(float_to_list(F, [{decimals, D}])) end) || {F, D} <- [{1.0e20, 10}, {0.1, 50}, {1.0e22, 2}, {0.1, 253}]]},
     {bad_options, [c(1, fun() -> float_to_list(1.5, id(O)) end) || O <- [a, [x], [{decimals, -1}], [{decimals, 254}], [{decimals, a}], [{scientific, -1}], [{scientific, 250}],
                                                              [{decimals, 2} | x], [{decimals, 1, 2}], [compact]]]},
     {option_order, [float_to_list(1.5, O) || O <- [[], [short, {decimals, 3}], [{decimals, 3}, short], [{scientific, 2}, {decimals, 1}], [{decimals, 1}, {scientific, 2}], [compact, {decimals, 4}]]]},
     {not_float, [c(1, fun() -> float_to_list(id(X), [short]) end) || X <- [1, a]]}].

to_float() ->
    Texts = ["1.0", "-1.5", "+2.5", "0.1", "1.0e10", "1.0E10", "1.0e+10", "1.0e-10", "1.0e400", "-1.0e400", "1.0e-400", "1", "1e5", ".5", "1.", "", "-", "a", "1.0 ", " 1.0", "1.0x",
             "1.0e", "1.0e+", "--1.0", "00.10", "1_0.0", "inf", "nan", "4.9e-324", "2.4e-324", "1.7976931348623159e308", "0.1e1", "123456789012345678901234567890.0",
             "9007199254740993.0", "0.000000000000000000000000000001", "179769313486231570000.0e289"],
    [{{list_to_float, T}, c(fun() -> list_to_float(id(T)) end)} || T <- Texts] ++
    [{{binary_to_float, T}, c(fun() -> binary_to_float(id(list_to_binary(T))) end)} || T <- Texts] ++
    [{{wrong, X}, {c(1, fun() -> list_to_float(id(X)) end), c(1, fun() -> binary_to_float(id(X)) end)}} || X <- [1.0, a, [a], [$1 | $2], <<1:1>>]].

predicates() ->
    [{{is, X}, {is_integer(X), is_float(X), is_number(X)}} || X <- [0, 1 bsl 64, 1.0, a, [], <<>>]].
