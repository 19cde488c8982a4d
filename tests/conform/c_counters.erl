%% Arrays of integers that processes share: every operation at the edges of its range, and many at once.
-module(c_counters).
-include("conform.hrl").

main() -> made() ++ changed() ++ wrong() ++ kept() ++ shared().

-define(M, (1 bsl 63)).
-define(X, (1 bsl 64)).

signed() -> erts_internal:atomics_new(2, 1).
unsigned() -> erts_internal:atomics_new(2, 0).
spread() -> erts_internal:counters_new(2).

made() ->
    [{new, [c(1, fun() -> is_reference(erts_internal:atomics_new(id(N), id(O))) end)
            || {N, O} <- [{1, 0}, {3, 1}, {0, 0}, {-1, 0}, {a, 0}, {1 bsl 70, 1}, {1, a}, {1.0, 0}]]},
     {new_counters, [c(1, fun() -> is_reference(erts_internal:counters_new(id(N))) end) || N <- [1, 5, 0, -1, a]]},
     {zero, [{atomics:get(A, 1), atomics:get(A, 2)} || A <- [signed(), unsigned()]]},
     {info, [maps:remove(memory, atomics:info(A)) || A <- [signed(), unsigned()]]},
     {info_counters, maps:remove(memory, erts_internal:counters_info(spread()))},
     {distinct, scope(fun() -> A = signed(), B = signed(), {A =:= B, atomics:put(A, 1, 7), atomics:get(B, 1)} end)}].

values() -> [0, 1, -1, ?M - 1, -?M, ?M, -?M - 1, ?X - 1, ?X, -?X, a, 1.0].

changed() ->
    [{Name, [c(1, fun() -> F(fresh(Make), id(V)) end) || V <- values()]}
     || Make <- [fun signed/0, fun unsigned/0],
        {Name, F} <- [{put, fun(A, V) -> {atomics:put(A, 1, V), atomics:get(A, 1)} end},
                      {add, fun(A, V) -> {atomics:add(A, 1, V), atomics:get(A, 1)} end},
                      {add_get, fun(A, V) -> {atomics:add_get(A, 1, V), atomics:get(A, 1)} end},
                      {exchange, fun(A, V) -> {atomics:exchange(A, 1, V), atomics:get(A, 1)} end},
                      {matches, fun(A, V) -> {atomics:compare_exchange(A, 1, 5, V), atomics:get(A, 1)} end},
                      {differs, fun(A, V) -> {atomics:compare_exchange(A, 1, V, 8), atomics:get(A, 1)} end}]] ++
    [{Name, [c(1, fun() -> A = spread(), erts_internal:counters_put(A, 1, 5), F(A, id(V)) end) || V <- values()]}
     || {Name, F} <- [{counters_put, fun(A, V) -> {erts_internal:counters_put(A, 1, V), erts_internal:counters_get(A, 1)} end},
                      {counters_add, fun(A, V) -> {erts_internal:counters_add(A, 1, V), erts_internal:counters_get(A, 1)} end}]] ++
    [{other_index, scope(fun() -> A = signed(), atomics:put(A, 2, 9), {atomics:get(A, 1), atomics:get(A, 2)} end)}].

fresh(Make) ->
    A = Make(),
    atomics:put(A, 1, 5),
    A.

wrong() ->
    [{index, [c(1, fun() -> atomics:get(signed(), id(I)) end) || I <- [0, 3, -1, 1 bsl 70, a, 1.0]]},
     {index_counters, [c(1, fun() -> erts_internal:counters_get(spread(), id(I)) end) || I <- [0, 3, -1, a]]},
     {array, [c(1, fun() -> atomics:get(id(A), 1) end) || A <- [make_ref(), a, self(), {1, 2}, <<"x">>]]},
     {array_info, [c(1, fun() -> atomics:info(id(A)) end) || A <- [make_ref(), a]]},
     {array_add, [c(1, fun() -> atomics:add(id(A), 1, 1) end) || A <- [make_ref(), 1]]}].

%% The integers stay as long as something somewhere names them.
kept() ->
    [{through_collections, p(fun() -> A = fresh(fun signed/0), [garbage_collect() || _ <- seq(1, 5)], atomics:get(A, 1) end)},
     {in_message, p(fun() -> self() ! {array, fresh(fun signed/0)}, garbage_collect(), receive {array, A} -> atomics:get(A, 1) end end)},
     {in_dictionary, p(fun() -> put(array, [fresh(fun unsigned/0)]), garbage_collect(), atomics:get(hd(get(array)), 1) end)},
     {in_fun, p(fun() -> A = fresh(fun signed/0), F = fun() -> atomics:add_get(A, 1, 1) end, garbage_collect(), {F(), F()} end)},
     {as_key, p(fun() -> A = fresh(fun signed/0), M = #{A => x}, garbage_collect(), {map_get(A, M), [atomics:get(K, 1) || K <- maps:keys(M)]} end)},
     {from_the_dead, p(fun() -> Me = self(), {P, R} = spawn_monitor(fun() -> Me ! fresh(fun signed/0) end),
                                receive {'DOWN', R, _, P, _} -> ok end, receive A -> atomics:get(A, 1) end end)},
     {persistent, p(fun() -> persistent_term:put({?MODULE, array}, fresh(fun signed/0)), garbage_collect(),
                             V = atomics:get(persistent_term:get({?MODULE, array}), 1), persistent_term:erase({?MODULE, array}), V end)},
     {many, p(fun() -> [atomics:add(signed(), 1, 1) || _ <- seq(1, 1000)], ok end)},
     {compared, p(fun() -> A = signed(), self() ! A, receive B -> {A =:= B, A == B, is_reference(B), A < 1} end end)},
     {text, p(fun() -> A = signed(), erlang:list_to_ref(erlang:ref_to_list(A)) =:= A end)}].


shared() ->
    [{additions, p(fun() -> A = signed(), many(fun() -> [atomics:add(A, 1, 1) || _ <- seq(1, 50)] end), atomics:get(A, 1) end)},
     {counted, p(fun() -> A = spread(), many(fun() -> [erts_internal:counters_add(A, 2, 3) || _ <- seq(1, 50)] end), erts_internal:counters_get(A, 2) end)},
     {exchanged, p(fun() -> A = unsigned(), many(fun() -> [take(A) || _ <- seq(1, 20)] end), atomics:get(A, 1) end)},
     {distinct_tickets, p(fun() -> A = signed(), Me = self(), many(fun() -> Me ! {t, [atomics:add_get(A, 1, 1) || _ <- seq(1, 20)]} end),
                                   Ts = [receive {t, T} -> T end || _ <- seq(1, 8)], map_size(maps:from_keys(flat(Ts), x)) end)}].

%% Adds one by comparing.
take(A) ->
    Old = atomics:get(A, 1),
    case atomics:compare_exchange(A, 1, Old, Old + 1) of
        ok -> ok;
        _ -> take(A)
    end.

flat([L | T]) -> L ++ flat(T);
flat([]) -> [].

many(F) ->
    Refs = [element(2, spawn_monitor(F)) || _ <- seq(1, 8)],
    [receive {'DOWN', R, _, _, normal} -> ok end || R <- Refs].
