%% Clauses chosen by jump tables, binary search and arity.
-module(c_select).
-include("conform.hrl").

main() ->
    [{ints, [i(X) || X <- [-3, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 50, 51, 1000, 1001, 1 bsl 59, 1 bsl 64, 5.0, a]]}, {sparse, [s(X) || X <- [1, 10, 100, 1000, 10000, 100000, 1000000, 99, -1, 1 bsl 40, b]]}, {atoms, [a(X) || X <- [mon, tue, wed, thu, fri, sat, sun, none, 1, []]]},
     {arity, [t(X) || X <- [{}, {1}, {1, 2}, {1, 2, 3}, {1, 2, 3, 4}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 6}, a, [1]]]}, {tagged, [g(X) || X <- [{ok, 1}, {error, 2}, {ok, 1, 2}, {warn, 3}, {error, 1, 2}, {1, 2}, ok, {ok}]]}, {chars, [ch(X) || X <- "aB3 _-\n" ++ [955, 0, -1]]}, {floats, [f(X) || X <- [0.0, -0.0, 1.0, 1.5, 2, 1, 1.0e100]]},
     {bigs, [b(X) || X <- [1 bsl 60, 1 bsl 70, -(1 bsl 70), 1 bsl 71, 1, 1.0]]}, {mixed, [mx(X) || X <- [1, a, "s", <<"b">>, {}, [], 1.0, #{}, 1 bsl 70, {a}, [a]]]}, {all_chars, erlang:phash2([ch(X) || X <- seq(0, 300)])}, {all_ints, erlang:phash2([i(X) || X <- seq(-10, 1100)])}, {bools, [{bo(X), nb(X)} || X <- [true, false, a]]}, {binaries, [bi(X) || X <- [<<"get">>, <<"put">>, <<"post">>, <<"delete">>, <<>>, <<"ge">>, <<"gets">>]]}, {strings, [st(X) || X <- ["get", "put", "", "ge", "gets", "post"]]},
     {two, [tw(X, Y) || X <- [a, b, c], Y <- [1, 2, 3]]}, {many_atoms, [fifty(list_to_atom("k" ++ integer_to_list(N))) || N <- seq(0, 50)]}].
i(-1) -> m1;
i(0) -> zero;
i(1) -> one;
i(2) -> two;
i(3) -> three;
i(4) -> four;
i(5) -> five;
i(6) -> six;
i(7) -> seven;
i(50) -> fifty;
i(51) -> fifty_one;
i(1000) -> thousand;
i(576460752303423488) -> edge;
i(_) -> other.
s(1) -> a;
s(10) -> b;
s(100) -> c;
s(1000) -> d;
s(10000) -> e;
s(100000) -> f;
s(1000000) -> g;
s(1099511627776) -> h;
s(_) -> none.
a(mon) -> 1;
a(tue) -> 2;
a(wed) -> 3;
a(thu) -> 4;
a(fri) -> 5;
a(sat) -> 6;
a(sun) -> 7;
a(_) -> 0.
t({}) -> 0;
t({A}) -> {1, A};
t({A, B}) -> {2, A + B};
t({A, _, C}) -> {3, A + C};
t({_, B, _, D}) -> {4, B + D};
t({_, _, _, _, E}) -> {5, E};
t(X) when is_tuple(X) -> {many, tuple_size(X)};
t(_) -> not_tuple.
g({ok, X}) -> {fine, X};
g({error, X}) -> {bad, X};
g({ok, X, Y}) -> {fine, X, Y};
g({warn, X}) -> {hm, X};
g({error, _, Y}) -> {bad2, Y};
g({_, _}) -> pair;
g(ok) -> bare;
g(_) -> other.
ch(C) when C >= $a, C =< $z -> lower;
ch(C) when C >= $A, C =< $Z -> upper;
ch(C) when C >= $0, C =< $9 -> digit;
ch($\s) -> space;
ch($\n) -> newline;
ch($_) -> underscore;
ch($-) -> dash;
ch(955) -> lambda;
ch(_) -> other.
f(0.0) -> zero;
f(1.0) -> one;
f(1.5) -> half;
f(2) -> int;
f(1.0e100) -> huge;
f(_) -> other.
b(1152921504606846976) -> b60;
b(1180591620717411303424) -> b70;
b(-1180591620717411303424) -> m70;
b(1) -> one;
b(_) -> other.
mx(1) -> int;
mx(a) -> atom;
mx("s") -> string;
mx(<<"b">>) -> binary;
mx({}) -> tuple0;
mx([]) -> nil;
mx(1.0) -> float;
mx(1180591620717411303424) -> big;
mx({_}) -> tuple1;
mx([_]) -> list1;
mx(#{}) -> map.
bo(true) -> yes;
bo(false) -> no;
bo(_) -> neither.
nb(X) -> case X of true -> not X; false -> not X; _ -> X end.
bi(<<"get">>) -> 1;
bi(<<"put">>) -> 2;
bi(<<"post">>) -> 3;
bi(<<"ge", _>>) -> 4;
bi(<<>>) -> 5;
bi(_) -> 6.
st("get") -> 1;
st("put") -> 2;
st("post") -> 3;
st([]) -> 4;
st([$g | R]) -> R;
st(_) -> 6.
tw(a, 1) -> a1;
tw(b, 2) -> b2;
tw(_, 3) -> x3;
tw(c, _) -> cx;
tw(a, _) -> ax;
tw(_, _) -> xx.
fifty(k0) -> 0;
fifty(k1) -> 1;
fifty(k2) -> 4;
fifty(k3) -> 9;
fifty(k4) -> 16;
fifty(k5) -> 25;
fifty(k6) -> 36;
fifty(k7) -> 49;
fifty(k8) -> 64;
fifty(k9) -> 81;
fifty(k10) -> 100;
fifty(k11) -> 121;
fifty(k12) -> 144;
fifty(k13) -> 169;
fifty(k14) -> 196;
fifty(k15) -> 225;
fifty(k16) -> 256;
fifty(k17) -> 289;
fifty(k18) -> 324;
fifty(k19) -> 361;
fifty(k20) -> 400;
fifty(k21) -> 441;
fifty(k22) -> 484;
fifty(k23) -> 529;
fifty(k24) -> 576;
fifty(k25) -> 625;
fifty(k26) -> 676;
fifty(k27) -> 729;
fifty(k28) -> 784;
fifty(k29) -> 841;
fifty(k30) -> 900;
fifty(k31) -> 961;
fifty(k32) -> 1024;
fifty(k33) -> 1089;
fifty(k34) -> 1156;
fifty(k35) -> 1225;
fifty(k36) -> 1296;
fifty(k37) -> 1369;
fifty(k38) -> 1444;
fifty(k39) -> 1521;
fifty(k40) -> 1600;
fifty(k41) -> 1681;
fifty(k42) -> 1764;
fifty(k43) -> 1849;
fifty(k44) -> 1936;
fifty(k45) -> 2025;
fifty(k46) -> 2116;
fifty(k47) -> 2209;
fifty(k48) -> 2304;
fifty(k49) -> 2401;
fifty(_) -> none.
