%% Atoms to and from text.
-module(c_atoms).
-include("conform.hrl").

main() ->
    As = [a, 'A', 'hello world', '', 'åäö', '世界', '😀', true, nil, [], 'with\'quote', '\n', list_to_atom(chars(255)), list_to_atom(uchars(255))],
    [{{to, i(A)}, c(1, fun() -> {erlang:phash2(atom_to_list(A)), byte_size(atom_to_binary(A, utf8)), length(atom_to_list(A))} end)} || A <- As] ++
    [{text, [{atom_to_list(A), atom_to_binary(A, utf8)} || A <- [a, 'åäö', '世界', '']]},
     {latin1, [c(1, fun() -> atom_to_binary(A, latin1) end) || A <- [abc, 'åäö', '世', '']]},
     {unicode, [atom_to_binary(A, unicode) || A <- [abc, 'åäö', '世', '']]},
     {bad_encoding, [c(1, fun() -> atom_to_binary(a, id(E)) end) || E <- [foo, 1, utf16]]},
     {list_to_atom, [c(1, fun() -> list_to_atom(id(L)) end) || L <- ["abc", "", "åäö", [19990, 30028], [128512], [a], [1114112], [16#d800], [$a | $b], a, [-1], [1.0]]]},
     {same, list_to_atom("hel" ++ id("lo")) =:= hello},
     {binary_to_atom, [c(1, fun() -> binary_to_atom(id(B), id(E)) end) || {B, E} <- [{<<"abc">>, utf8}, {<<"åäö"/utf8>>, utf8}, {<<229, 228, 246>>, latin1}, {<<229, 228>>, utf8}, {<<>>, utf8},
                                                                         {<<"x">>, foo}, {a, utf8}, {<<1:1>>, utf8}, {<<240, 159, 152, 128>>, unicode}, {<<16#ed, 16#a0, 16#80>>, utf8}]]},
     {existing, [c(1, fun() -> binary_to_existing_atom(id(B), utf8) end) || B <- [<<"c_atoms">>, <<"this atom does not exist before ", (id(<<"now 8713">>))/binary>>, <<255>>, x]]},
     {too_long, [begin R = c(fun() -> F() end), case R of {error, W} -> W; A -> length(atom_to_list(A)) end end
                 || F <- [fun() -> list_to_atom(chars(255)) end, fun() -> list_to_atom(chars(256)) end, fun() -> list_to_atom(uchars(255)) end, fun() -> list_to_atom(uchars(256)) end,
                          fun() -> binary_to_atom(list_to_binary(chars(256)), utf8) end]]},
     {order, sort([b, a, 'B', 'ä', 'Z', z, '世', '', aa, ab, 'a ', list_to_atom(chars(255))]) =:= ['', 'B', 'Z', a, 'a ', aa, list_to_atom(chars(255)), ab, b, z, 'ä', '世']},
     {compare, [{X < Y, X == Y} || X <- [abc, abd, abcd, 'ä', ''], Y <- [abc, ab, 'z', 'ö', '']]},
     {is_atom, [is_atom(id(X)) || X <- [a, '', true, [], 1, "a", <<"a">>, {}]]},
     {is_boolean, [is_boolean(id(X)) || X <- [true, false, a, 1, 'True']]},
     {wrong, [{c(1, fun() -> atom_to_list(id(X)) end), c(1, fun() -> atom_to_binary(id(X), utf8) end)} || X <- [1, "a", <<"a">>, {}]]},
     {many, many(2000)},
     {logic, [{A, B, A and B, A or B, A xor B, not A} || A <- [id(true), id(false)], B <- [id(true), id(false)]]},
     {select, [sel(X) || X <- [alpha, beta, gamma, delta, epsilon, zeta, eta, theta, 'ψ', other, 1, []]]}].

i(A) -> erlang:phash2(A).
chars(0) -> [];
chars(N) -> [$a | chars(N - 1)].
uchars(0) -> [];
uchars(N) -> [16#4e16 | uchars(N - 1)].

many(N) -> As = [list_to_atom("c_atoms_" ++ integer_to_list(I)) || I <- seq(1, N)],
           {length(As), [A || A <- As, list_to_atom(atom_to_list(A)) =/= A], hd(lists:reverse(As, []))}.

sel(alpha) -> 1;
sel(beta) -> 2;
sel(gamma) -> 3;
sel(delta) -> 4;
sel(epsilon) -> 5;
sel(zeta) -> 6;
sel(eta) -> 7;
sel(theta) -> 8;
sel('ψ') -> 9;
sel(_) -> 0.
