%% Literals of every shape, shared by processes, updated, sent, hashed and kept.
-module(c_literals).
-include("conform.hrl").

main() ->
    [{all, lits()}, {hash, erlang:phash2(lits())}, {same, lits() =:= id(lits())}, {updated, scope(fun() -> {A, B, M, _, _} = lits(), {setelement(1, {A, B}, x), M#{new => 1}, [0 | B]} end)},
     {sent, p(fun() -> self() ! lits(), receive X -> X =:= lits() end end)}, {to_process, p(fun() -> Me = self(), spawn(fun() -> Me ! {lits(), big()} end), receive {X, Y} -> {X =:= lits(), length(Y)} end end)}, {survives, p(fun() -> X = [lits(), big()], garbage_collect(), [garbage_collect() || _ <- [1, 2]], X =:= [lits(), big()] end)},
     {mixed_with_heap, p(fun() -> X = {lits(), id([1])}, garbage_collect(), Y = [X, big() | X], garbage_collect(), erlang:phash2(Y) end)}, {exit_reason, p(fun() -> {_, M} = spawn_monitor(fun() -> exit(lits()) end), receive {'DOWN', M, _, _, R} -> R =:= lits() end end)}, {dictionary, p(fun() -> put(lits(), big()), {get(lits()) =:= big(), length(get())} end)},
     {etf, binary_to_term(term_to_binary(lits())) =:= lits()}, {nested, deep()}, {numbers, [16#ff, 2#1010, 36#zz, $a, $\n, 1.0e10, 1_000_000, -16#8000000000000000, 123456789012345678901234567890, 1.7976931348623157e308]}, {strings, ["", "abc", "åäö", "世界", "\x{1f600}", "tab\there"]}, {binaries, [<<>>, <<"abc">>, <<1:1>>, <<"a", 5:3>>, <<"€"/utf8>>]},
     {atoms, ['', a, 'A b', 'åäö', '世', 'a\'b']}, {large_binary, scope(fun() -> B = bin(), {byte_size(B), erlang:phash2(B), binary:part(B, 10, 5), byte_size(<<B/binary, 1>>)} end)}, {match, [mt(X) || X <- [lits(), {a, [1, 2.5, "three"]}, big(), #{a => #{b => c}}, <<"lit">>, 1 bsl 80, 2.5]]}, {in_guard, [g(X) || X <- [{1, 2}, [1, 2], "ab", 1 bsl 80]]}].

lits() -> {a, [1, 2.5, "three", <<"four">>, {5, {6}}], #{k => [v], 1 => 2.0, "s" => #{}}, 1208925819614629174706176, [x | y]}.
big() -> [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39].
deep() -> {{{{{{{{[[[[[[[[#{a => #{b => #{c => {[{[{}]}]}}}}]]]]]]]]}}}}}}}}.
bin() -> <<"this literal binary is longer than sixty four bytes, so that it lies off the heap and is shared by all who hold it">>.
mt({a, [_, 2.5, "three", <<"four">>, {5, {6}}], #{k := [v]}, 1208925819614629174706176, [x | y]}) -> lits;
mt({a, [1, 2.5 | R]}) -> R;
mt([0, 1, 2 | R]) -> length(R);
mt(#{a := #{b := c}}) -> map;
mt(<<"lit">>) -> bin;
mt(1208925819614629174706176) -> bignum;
mt(2.5) -> float.
g(X) when X =:= {1, 2} -> tuple;
g(X) when X == [1, 2.0] -> loose;
g(X) when X =:= "ab" -> string;
g(X) when X > 1208925819614629174706175 -> big.
