%% References, unique integers, pids as text, persistent terms, clocks.
-module(c_unique).
-include("conform.hrl").

main() -> refs() ++ integers() ++ texts() ++ persistent() ++ clocks() ++ nodes_().

refs() ->
    [{distinct, scope(fun() -> Rs = [make_ref() || _ <- seq(1, 1000)], map_size(maps:from_keys(Rs, x)) end)}, {across, p(fun() -> Me = self(), [spawn(fun() -> Me ! {r, make_ref()} end) || _ <- seq(1, 50)], map_size(maps:from_keys([receive {r, R} -> R end || _ <- seq(1, 50)], x)) end)},
     {text, scope(fun() -> L = erlang:ref_to_list(make_ref()), {$#, lists:member($., L)} =:= {hd(L), true} end)}, {back, scope(fun() -> R = make_ref(), erlang:list_to_ref(erlang:ref_to_list(R)) =:= R end)}, {compare_self, scope(fun() -> R = make_ref(), {R =:= R, R < R, R == R} end)}, {in_message, p(fun() -> R = make_ref(), self() ! R, receive X -> X =:= R end end)}, {etf, scope(fun() -> R = make_ref(), binary_to_term(term_to_binary(R)) =:= R end)},
     {as_key, scope(fun() -> R = make_ref(), M = #{R => 1}, {map_get(R, M), maps:find(make_ref(), M)} end)}, {wrong, [c(fun() -> erlang:list_to_ref(id(X)) end) || X <- ["", "#Ref", "#Ref<>", "#Ref<0.1", a, 1, "#Ref<a.b.c>"]]}, {to_list_wrong, [c(1, fun() -> erlang:ref_to_list(id(X)) end) || X <- [a, 1]]}].

integers() ->
    [{distinct, scope(fun() -> map_size(maps:from_keys([erlang:unique_integer() || _ <- seq(1, 1000)], x)) end)}, {positive, scope(fun() -> [N || _ <- seq(1, 1000), N <- [erlang:unique_integer([positive])], N < 1] end)}, {monotonic, scope(fun() -> L = [erlang:unique_integer([monotonic]) || _ <- seq(1, 1000)], increasing(L) end)}, {both, scope(fun() -> L = [erlang:unique_integer([monotonic, positive]) || _ <- seq(1, 100)], {increasing(L), hd(L) > 0} end)},
     {happens_before, p(fun() -> A = erlang:unique_integer([monotonic]), Me = self(), spawn(fun() -> Me ! {n, erlang:unique_integer([monotonic])} end), B = receive {n, X} -> X end, A < B andalso B < erlang:unique_integer([monotonic]) end)}, {empty_options, is_integer(erlang:unique_integer([]))}, {wrong, [c(1, fun() -> erlang:unique_integer(id(O)) end) || O <- [a, [x], [positive | y], 1]]}].

increasing([A, B | T]) -> A < B andalso increasing([B | T]);
increasing(_) -> true.

texts() ->
    [{pid_back, list_to_pid(pid_to_list(self())) =:= self()}, {others_back, p(fun() -> Ps = [spawn(fun() -> ok end) || _ <- seq(1, 50)], [P || P <- Ps, list_to_pid(pid_to_list(P)) =/= P] end)}, {distinct_texts, p(fun() -> Ps = [spawn(fun() -> ok end) || _ <- seq(1, 50)], map_size(maps:from_keys([pid_to_list(P) || P <- Ps], x)) end)}, {shape, scope(fun() -> L = pid_to_list(self()), {hd(L), hd(lists:reverse(L, [])), length([C || C <- L, C =:= $.])} end)},
     {wrong, [c(1, fun() -> list_to_pid(id(X)) end) || X <- ["", "<", "<0.1>", "<0.1.2", "0.1.2", "<a.b.c>", "<0.1.2>x", a, 1, [$< | a], "<0.-1.0>", "<-0.1.0>"]]}, {to_list_wrong, [c(1, fun() -> pid_to_list(id(X)) end) || X <- [a, 1, make_ref_text]]}].

persistent() ->
    K = {?MODULE, key},
    [{put, persistent_term:put(K, {v, [1, 2, 3]})}, {get, persistent_term:get(K)}, {get_default, persistent_term:get(K, none)}, {missing_default, persistent_term:get({?MODULE, none}, none)}, {missing, c(1, fun() -> persistent_term:get({?MODULE, none}) end)}, {replace, {persistent_term:put(K, new), persistent_term:get(K)}}, {same, {persistent_term:put(K, new), persistent_term:get(K)}},
     {other_process, p(fun() -> persistent_term:get(K) end)}, {large, scope(fun() -> L = seq(1, 10000), persistent_term:put(K, L), G = persistent_term:get(K), G =:= L end)}, {exact_keys, scope(fun() -> persistent_term:put({?MODULE, 1}, int), persistent_term:put({?MODULE, 1.0}, float), {persistent_term:get({?MODULE, 1}), persistent_term:get({?MODULE, 1.0})} end)},
     {value_outlives_erase, p(fun() -> persistent_term:put({?MODULE, t}, [x, {y, <<"z">>}]), V = persistent_term:get({?MODULE, t}), persistent_term:erase({?MODULE, t}), garbage_collect(), V end)}, {value_outlives_replace, p(fun() -> persistent_term:put({?MODULE, u}, seq(1, 100)), V = persistent_term:get({?MODULE, u}), persistent_term:put({?MODULE, u}, other), garbage_collect(), R = sum(V), persistent_term:erase({?MODULE, u}), R end)},
     {in_message, p(fun() -> persistent_term:put({?MODULE, m}, {a, [b]}), self() ! {wrapped, persistent_term:get({?MODULE, m})}, receive X -> persistent_term:erase({?MODULE, m}), X end end)}, {erase, {persistent_term:erase(K), persistent_term:erase(K), persistent_term:get(K, gone)}}, {cleanup, [persistent_term:erase(X) || X <- [{?MODULE, 1}, {?MODULE, 1.0}]]}].

sum([H | T]) -> H + sum(T);
sum([]) -> 0.

clocks() ->
    [{monotonic, scope(fun() -> L = [erlang:monotonic_time() || _ <- seq(1, 100)], sort(L) =:= L end)}, {units, [is_integer(erlang:monotonic_time(U)) || U <- [second, millisecond, microsecond, nanosecond, native, 1, 1000]]}, {ordered_units, scope(fun() -> A = erlang:monotonic_time(second), B = erlang:monotonic_time(millisecond), B >= A * 1000 end)}, {wrong, [c(1, fun() -> erlang:monotonic_time(id(U)) end) || U <- [foo, 0, -1, 1.0, []]]},
     {system, is_integer(erlang:system_time())}, {across_messages, p(fun() -> Me = self(), A = erlang:monotonic_time(), spawn(fun() -> Me ! {t, erlang:monotonic_time()} end), B = receive {t, X} -> X end, A =< B andalso B =< erlang:monotonic_time() end)}].

nodes_() -> [{node, node()}, {node_of_self, node(self()) =:= node()}, {node_of_ref, node(make_ref()) =:= node()}, {node_wrong, [c(1, fun() -> node(id(X)) end) || X <- [a, 1, []]]}, {nodes, nodes()}].
