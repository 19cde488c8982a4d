%% Words: counting, trie, edit distance, KMP, reversal, palindromes, roman numerals.
-module(c_alg_text).
-include("conform.hrl").

main() -> T = <<"it was the best of times it was the worst of times it was the age of wisdom">>, Ws = binary:split(T, <<" ">>, [global]), [{count, sort([{W, N} || {W, N} <- list(count(Ws, #{}))])}, {longest, longest(Ws, <<>>)}, {trie, sort(words(trie(Ws, #{}), <<>>))}, {edit, [edit(A, B) || {A, B} <- [{"kitten", "sitting"}, {"", "abc"}, {"same", "same"}, {"flaw", "lawn"}]]}, {kmp, [kmp("ababcabab" ++ "abab", P) || P <- ["ab", "abab", "zz", "abcab"]]}, {reverse, [rev(W) || W <- Ws]}, {roman, [roman(N) || N <- [1, 4, 9, 14, 40, 90, 400, 1994, 3999]]}, {anagrams, sort(maps:values(anagrams(["listen", "silent", "enlist", "google", "gogole", "abc"], #{})))}, {caesar, caesar("Hello, World!", 3)}, {perms, length(perms("abcdef"))}, {perm, [P || P <- perms("abc")]}, {subsets, sort(subsets([1, 2, 3]))}, {lcs, lcs("AGGTABQWERTY", "GXTXAYBQWXRTY")}, {wrap, wrap(Ws, 20)}, {split_join, iolist_to_binary(join(Ws, <<"-">>))}, {fizz, [fizz(N) || N <- seq(1, 16)]}].
list(M) -> [{K, map_get(K, M)} || K <- maps:keys(M)].
count([W | T], M) -> count(T, M#{W => case M of #{W := N} -> N + 1; _ -> 1 end});
count([], M) -> M.
longest([W | T], L) when byte_size(W) > byte_size(L) -> longest(T, W);
longest([_ | T], L) -> longest(T, L);
longest([], L) -> L.
trie([W | T], M) -> trie(T, insert(W, M));
trie([], M) -> M.
insert(<<C, R/binary>>, M) -> M#{C => insert(R, case M of #{C := S} -> S; _ -> #{} end)};
insert(<<>>, M) -> M#{end_ => true}.
words(M, P) -> append([case K of end_ -> [P]; C -> words(map_get(C, M), <<P/binary, C>>) end || K <- maps:keys(M)]).
append([H | T]) -> H ++ append(T);
append([]) -> [].
edit(A, B) -> {D, _} = ed(A, B, #{}), D.
ed([], B, M) -> {length(B), M};
ed(A, [], M) -> {length(A), M};
ed([H | A], [H | B], M) -> ed(A, B, M);
ed([_ | A] = X, [_ | B] = Y, M) -> K = {length(X), length(Y)}, case M of #{K := V} -> {V, M}; _ -> {D1, M1} = ed(A, Y, M), {D2, M2} = ed(X, B, M1), {D3, M3} = ed(A, B, M2), D = 1 + min3(D1, D2, D3), {D, M3#{K => D}} end.
min3(A, B, C) when A =< B, A =< C -> A;
min3(_, B, C) when B =< C -> B;
min3(_, _, C) -> C.
kmp(T, P) -> [I || I <- seq(0, length(T) - length(P)), prefix(P, drop(I, T))].
drop(0, L) -> L;
drop(N, [_ | T]) -> drop(N - 1, T).
prefix([C | P], [C | T]) -> prefix(P, T);
prefix([], _) -> true;
prefix(_, _) -> false.
rev(<<C/utf8, R/binary>>) -> <<(rev(R))/binary, C/utf8>>;
rev(<<>>) -> <<>>.
roman(0) -> [];
roman(N) -> {V, S} = rn(N, [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}]), S ++ roman(N - V).
rn(N, [{V, S} | _]) when N >= V -> {V, S};
rn(N, [_ | T]) -> rn(N, T).
anagrams([W | T], M) -> K = sort(W), anagrams(T, M#{K => sort([W | case M of #{K := L} -> L; _ -> [] end])});
anagrams([], M) -> M.
caesar([C | T], N) when C >= $a, C =< $z -> [(C - $a + N) rem 26 + $a | caesar(T, N)];
caesar([C | T], N) when C >= $A, C =< $Z -> [(C - $A + N) rem 26 + $A | caesar(T, N)];
caesar([C | T], N) -> [C | caesar(T, N)];
caesar([], _) -> [].
perms([]) -> [[]];
perms(L) -> [[H | T] || H <- L, T <- perms(L -- [H])].
subsets([]) -> [[]];
subsets([H | T]) -> S = subsets(T), S ++ [[H | X] || X <- S].
lcs(A, B) -> {L, _} = lc(A, B, #{}), L.
lc([], _, M) -> {[], M};
lc(_, [], M) -> {[], M};
lc([H | A], [H | B], M) -> {L, M1} = lc(A, B, M), {[H | L], M1};
lc([_ | A] = X, [_ | B] = Y, M) -> K = {length(X), length(Y)}, case M of #{K := V} -> {V, M}; _ -> {L1, M1} = lc(A, Y, M), {L2, M2} = lc(X, B, M1), L = case length(L1) >= length(L2) of true -> L1; false -> L2 end, {L, M2#{K => L}} end.
wrap(Ws, N) -> wrap(Ws, N, <<>>).
wrap([W | T], N, <<>>) -> wrap(T, N, W);
wrap([W | T], N, L) when byte_size(L) + byte_size(W) < N -> wrap(T, N, <<L/binary, " ", W/binary>>);
wrap([W | T], N, L) -> [L | wrap(T, N, W)];
wrap([], _, L) -> [L].
join([H | T], S) -> [H | [[S, X] || X <- T]].
fizz(N) when N rem 15 =:= 0 -> fizzbuzz;
fizz(N) when N rem 5 =:= 0 -> buzz;
fizz(N) when N rem 3 =:= 0 -> fizz;
fizz(N) -> N.
