%% The external term format: exact bytes, and round trips.
-module(c_etf).
-include("conform.hrl").

main() ->
    [{T, c(fun() -> term_to_binary(id(T)) end)} || T <- terms()] ++
    [{not_back, [T || T <- terms(), binary_to_term(term_to_binary(T)) =/= T]},
     {big_ends, [{N, first(B, 6), byte_size(B), binary_to_term(B) =:= T}
                 || N <- [8, 31, 32, 63, 64, 65, 2039, 2040, 2041, 5000], T <- [1 bsl N, -(1 bsl N), (1 bsl N) - 1], B <- [term_to_binary(T)]]},
     {strings, [{N, first(B, 4), byte_size(B)} || N <- [1, 255, 256, 65535, 65536], B <- [term_to_binary(bytes(N))]]},
     {tuples, [{N, first(B, 6), byte_size(B)} || N <- [255, 256], B <- [term_to_binary(list_to_tuple(seq(1, N)))]]},
     {binaries, [{N, first(B, 6), byte_size(B)} || N <- [0, 64, 65, 1000, 100000], B <- [term_to_binary(binary:copy(<<7>>, N))]]},
     {bits, [term_to_binary(<<16#ffff:N>>) || N <- [1, 2, 7, 9, 15]]},
     {atoms, [{first(B, 4), byte_size(B)} || A <- [chars($a, 255), chars(16#e5, 127), chars(16#e5, 128), chars(16#4e16, 255)], B <- [term_to_binary(list_to_atom(A))]]},
     {maps, [{N, scope(fun() -> M = maps:from_list([{I, {I}} || I <- seq(1, N)]), B = term_to_binary(M), {first(B, 6), byte_size(B), binary_to_term(B) =:= M} end)} || N <- [0, 31, 32, 33, 1000]]},
     {funs, [scope(fun() -> F = binary_to_term(term_to_binary(G)), {F =:= G, is_function(F)} end) || G <- [fun erlang:abs/1, fun ?MODULE:id/1]]},
     {external_fun_bytes, term_to_binary(fun erlang:abs/1)},
     {closure, scope(fun() -> X = id(3), Y = [a, {b}], F = binary_to_term(term_to_binary(fun(Z) -> {X, Y, Z} end)), F(q) end)},
     {self_pid, binary_to_term(term_to_binary(self())) =:= self()},
     {a_ref, scope(fun() -> R = make_ref(), binary_to_term(term_to_binary({R, R})) =:= {R, R} end)},
     {sub_binary, scope(fun() -> <<_:5, B:17/bits, _/bits>> = id(<<16#12345678:32>>), {term_to_binary(B), binary_to_term(term_to_binary(B)) =:= B} end)},
     {deep_tuple, scope(fun() -> T = nest(100000, x), B = term_to_binary(T), {byte_size(B), erlang:phash2(B), binary_to_term(B) =:= T} end)},
     {deep_list, scope(fun() -> T = nestl(100000, x), B = term_to_binary(T), {byte_size(B), binary_to_term(B) =:= T} end)},
     {long_list, scope(fun() -> T = seq(1, 200000), B = term_to_binary(T), {byte_size(B), binary_to_term(B) =:= T} end)},
     {trailing_bytes_are_ignored, c(fun() -> binary_to_term(<<(term_to_binary({a, 1}))/binary, 1, 2, 3>>) end)},
     {old_forms, [{B, c(fun() -> binary_to_term(B) end)} || B <- old()]}].

nest(0, X) -> X;
nest(N, X) -> nest(N - 1, {X, N}).
nestl(0, X) -> X;
nestl(N, X) -> nestl(N - 1, [X]).
bytes(0) -> [];
bytes(N) -> [N band 255 | bytes(N - 1)].
chars(_, 0) -> [];
chars(C, N) -> [C | chars(C, N - 1)].

terms() ->
    [a, '', 'hello world', 'åäö', '世界', true, 0, 1, 255, 256, -1, -255, 65536, (1 bsl 27) - 1, 1 bsl 27, (1 bsl 31) - 1, 1 bsl 31, -(1 bsl 31), -(1 bsl 31) - 1, 1 bsl 32, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59),
     1 bsl 63, 1 bsl 64, -(1 bsl 64), 1 bsl 100, 0.0, -0.0, 1.0, -1.5, 0.1, 1.0e100, 5.0e-324, [], [a], [a, b], "abc", [256], [-1], [1, a], [1 | 2], [a | b], [1.0], [[]], [[1], "a", [b]], [255, 0], [1, 256],
     {}, {a}, {1, 2.0, "three"}, {{}}, {[], {}}, <<>>, <<0>>, <<"abc">>, <<1:1>>, <<5:3>>, <<1, 2:7>>, #{}, #{a => 1}, #{b => 2, a => 1}, #{1 => x, a => y, "s" => z, {} => w}, #{a => #{}},
     [{a, 1}, {b, <<"two">>}, {c, [3.0]}], {a, [b, {c, <<"d">>, 1.5, #{e => f}}], 1 bsl 90}].

%% Forms that are no longer written but still read.
old() ->
    [<<131, 100, 0, 3, "abc">>, <<131, 100, 0, 3, 229, 228, 246>>, <<131, 115, 3, "abc">>, <<131, 118, 0, 4, "å", 195, 165, "x">>, <<131, 118, 0, 2, 195, 165>>, <<131, 119, 2, 195, 165>>,
     <<131, 99, "1.50000000000000000000e+00", 0, 0, 0, 0, 0>>, <<131, 99, "-1.0e3", 0:200>>, <<131, 110, 0, 0>>, <<131, 110, 1, 0, 5>>, <<131, 110, 1, 1, 5>>, <<131, 110, 4, 0, 1, 0, 0, 0>>,
     <<131, 110, 1, 0, 0>>, <<131, 110, 1, 1, 0>>, <<131, 111, 0, 0, 0, 1, 0, 7>>, <<131, 98, 255, 255, 255, 255>>, <<131, 98, 0, 0, 0, 1>>, <<131, 107, 0, 0>>, <<131, 107, 0, 2, 1, 2>>,
     <<131, 108, 0, 0, 0, 0, 106>>, <<131, 108, 0, 0, 0, 1, 97, 1, 97, 2>>, <<131, 108, 0, 0, 0, 0, 97, 2>>, <<131, 105, 0, 0, 0, 1, 97, 1>>, <<131, 104, 0>>, <<131, 116, 0, 0, 0, 0>>,
     <<131, 116, 0, 0, 0, 2, 97, 2, 97, 20, 97, 1, 97, 10>>, <<131, 77, 0, 0, 0, 1, 3, 255>>, <<131, 77, 0, 0, 0, 1, 8, 255>>, <<131, 77, 0, 0, 0, 1, 1, 128>>,
     <<131, 80, 0, 0, 0, 3, 120, 156, 75, 100, 76, 4, 0, 2, 12, 1, 42>>].

first(B, N) when byte_size(B) < N -> B;
first(B, N) -> binary:part(B, 0, N).
