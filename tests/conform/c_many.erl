%% Many processes: thousands alive, thousands in turn, with links and monitors.
-module(c_many).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()].
cases() ->
    [{alive, fun() -> Ps = [spawn(fun park/0) || _ <- seq(1, 5000)], N = length([P || P <- Ps, is_process_alive(P)]), Ms = [monitor(process, P) || P <- Ps], [P ! stop || P <- Ps], [receive {'DOWN', M, _, _, normal} -> ok end || M <- Ms], N end}, {in_turn, fun() -> turn(5000, 0) end}, {linked, fun() -> process_flag(trap_exit, true), Ps = [spawn_link(fun park/0) || _ <- seq(1, 1000)], [exit(P, bye) || P <- Ps], length([receive {'EXIT', P, bye} -> ok end || P <- Ps]) end}, {chain, fun() -> Me = self(), P = chain(3000, Me), P ! {pass, 0}, receive {pass, N} -> N end end},
     {star, fun() -> Me = self(), Ps = [spawn(fun() -> receive {n, N} -> Me ! {r, N * 2} end end) || _ <- seq(1, 2000)], number(Ps, 1), sum([receive {r, V} -> V end || _ <- Ps]) end}, {all_to_all, fun() -> Me = self(), Ps = [spawn(fun() -> receive {peers, Qs} -> [Q ! {hello, self()} || Q <- Qs], hellos(length(Qs)), Me ! done end end) || _ <- seq(1, 40)], [P ! {peers, Ps} || P <- Ps], length([receive done -> ok end || _ <- Ps]) end}, {tree_of_links, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> tree(9), park() end), exit(P, cut), receive {'EXIT', P, R} -> R end end}, {names, fun() -> [register(nm(I), spawn(fun park/0)) || I <- seq(1, 300)], [nm(I) ! stop || I <- seq(1, 300)], gone_names(seq(1, 300)) end}, {dictionary_each, fun() -> Me = self(), [spawn(fun() -> put(k, I), Me ! {k, get(k)} end) || I <- seq(1, 1000)], sum([receive {k, V} -> V end || _ <- seq(1, 1000)]) end}, {big_heaps, fun() -> Me = self(), [spawn(fun() -> L = seq(1, 10000), Me ! {l, length(L)} end) || _ <- seq(1, 50)], sum([receive {l, V} -> V end || _ <- seq(1, 50)]) end}, {deaths_of_all_kinds, fun() -> Ms = [{I, element(2, spawn_monitor(fun() -> die(I rem 5) end))} || I <- seq(1, 500)], length([I || {I, M} <- Ms, receive {'DOWN', M, _, _, R} -> kind(R) =:= I rem 5 end]) end}].
park() -> receive stop -> ok end.
turn(0, S) -> S;
turn(N, S) -> {_, M} = spawn_monitor(fun() -> exit(N) end), receive {'DOWN', M, _, _, R} -> turn(N - 1, S + R) end.
chain(0, To) -> To;
chain(N, To) -> chain(N - 1, spawn(fun() -> receive {pass, K} -> To ! {pass, K + 1} end end)).
number([P | T], N) -> P ! {n, N}, number(T, N + 1);
number([], _) -> ok.
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
hellos(0) -> ok;
hellos(N) -> receive {hello, _} -> hellos(N - 1) end.
tree(0) -> ok;
tree(N) -> [spawn_link(fun() -> tree(N - 1), park() end) || _ <- [l, r]], ok.
nm(I) -> list_to_atom("c_many_" ++ integer_to_list(I)).
gone_names([]) -> ok;
gone_names([I | T]) -> case whereis(nm(I)) of undefined -> gone_names(T); P -> gone(P), gone_names([I | T]) end.
die(0) -> ok;
die(1) -> exit(one);
die(2) -> error(two);
die(3) -> throw(three);
die(4) -> exit(self(), kill).
kind(normal) -> 0;
kind(one) -> 1;
kind({two, _}) -> 2;
kind({{nocatch, three}, _}) -> 3;
kind(killed) -> 4.
