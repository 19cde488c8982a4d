%% Tables of each type: what each function does to them and gives. Where OTP
%% leaves the order open, results are sorted.
-module(c_ets).
-include("conform.hrl").

types() -> [set, ordered_set, bag, duplicate_bag].

main() ->
    [{T, [{N, p(fun() -> F(T) end)} || {N, F} <- any_type()]} || T <- types()]
    ++ [{T, [{N, p(fun() -> F(T) end)} || {N, F} <- sets()]} || T <- [set, ordered_set]]
    ++ [{T, [{N, p(fun() -> F(T) end)} || {N, F} <- bags()]} || T <- [bag, duplicate_bag]]
    ++ [{N, p(F)} || {N, F} <- ordered() ++ infos() ++ terms()].

%% A table of this type with these objects, inserted one by one.
t(Type, Objects) -> T = ets:new(c_ets, [Type]), map(fun(O) -> true = ets:insert(T, O) end, Objects), T.
few(Type) -> t(Type, [{a, 1}, {b, 2}, {c, 3}, {a, 4}, {a, 1}]).

%% Everything in the table by walking over its keys.
all(T) -> sort(walk(T, ets:first(T))).
walk(_, '$end_of_table') -> [];
walk(T, K) -> ets:lookup(T, K) ++ walk(T, ets:next(T, K)).
back(_, '$end_of_table') -> [];
back(T, K) -> ets:lookup(T, K) ++ back(T, ets:prev(T, K)).
slots(T, I) -> case ets:slot(T, I) of '$end_of_table' -> []; L -> L ++ slots(T, I + 1) end.
loop(0, _) -> ok;
loop(N, F) -> F(N), loop(N - 1, F).

any_type() ->
    [{few, fun(Y) -> T = few(Y), {all(T), ets:info(T, size)} end},
     {lookup, fun(Y) -> T = few(Y), {ets:lookup(T, a), ets:lookup(T, b), ets:lookup(T, zz)} end},
     {element, fun(Y) -> T = few(Y), {ets:lookup_element(T, a, 2), ets:lookup_element(T, b, 1)} end},
     {member, fun(Y) -> T = few(Y), {ets:member(T, a), ets:member(T, zz)} end},
     {delete, fun(Y) -> T = few(Y), R = ets:delete(T, a), {R, ets:delete(T, zz), all(T), ets:info(T, size)} end},
     {delete_object, fun(Y) -> T = few(Y), ets:delete_object(T, {a, 1}), ets:delete_object(T, {b, 1}), ets:delete_object(T, {zz}), {all(T), ets:info(T, size)} end},
     {delete_all, fun(Y) -> T = few(Y), {ets:internal_delete_all(T, undefined), all(T), ets:info(T, size), ets:internal_delete_all(T, undefined)} end},
     {take, fun(Y) -> T = few(Y), {sort(ets:take(T, a)), ets:take(T, a), ets:take(T, zz), all(T)} end},
     {insert_list, fun(Y) -> T = few(Y), R = ets:insert(T, [{x, 1}, {y, 2}, {z, 3}]), {R, all(T)} end},
     {insert_empty, fun(Y) -> T = few(Y), {ets:insert(T, []), all(T)} end},
     {insert_new, fun(Y) -> T = few(Y), {ets:insert_new(T, {d, 1}), ets:insert_new(T, {a, 9}), all(T)} end},
     {insert_new_list, fun(Y) -> T = few(Y), {ets:insert_new(T, [{d, 1}, {e, 1}]), ets:insert_new(T, [{f, 1}, {a, 9}]), ets:insert_new(T, []), all(T)} end},
     {keypos, fun(Y) -> T = ets:new(x, [Y, {keypos, 2}]), ets:insert(T, {1, a, 3}), ets:insert(T, [{2, b}, {2, a}]), {ets:lookup(T, b), sort(ets:lookup(T, a)), ets:info(T, keypos)} end},
     {slots, fun(Y) -> sort(slots(few(Y), 0)) end},
     {back, fun(Y) -> T = few(Y), sort(back(T, ets:last(T))) end},
     {empty, fun(Y) -> T = t(Y, []), {ets:first(T), ets:last(T), all(T), ets:lookup(T, a), ets:info(T, size)} end},
     {many, fun(Y) -> T = t(Y, []), loop(3000, fun(N) -> ets:insert(T, {N * 7919 rem 3001, N}) end), loop(1500, fun(N) -> ets:delete(T, N) end), {ets:info(T, size), length(all(T)), ets:lookup(T, 1501), ets:lookup(T, 1500)} end},
     {many_of_one, fun(Y) -> T = t(Y, []), loop(300, fun(N) -> ets:insert(T, {k, N rem 100}) end), {ets:info(T, size), length(ets:lookup(T, k))} end},
     {fixed, fun(Y) -> T = t(Y, [{N} || N <- seq(1, 100)]), ets:safe_fixtable(T, true), N = fix_walk(T, ets:first(T), 0), S = ets:info(T, size), ets:safe_fixtable(T, false), {N, S, ets:first(T)} end},
     {fixed_again, fun(Y) -> T = few(Y), ets:safe_fixtable(T, true), ets:delete(T, a), ets:insert(T, {a, 7}), ets:delete(T, b), R = {ets:lookup(T, a), ets:lookup(T, b), ets:member(T, b), ets:info(T, size), all(T)}, ets:safe_fixtable(T, false), {R, all(T), ets:info(T, size)} end},
     {fixed_all, fun(Y) -> T = few(Y), ets:safe_fixtable(T, true), ets:internal_delete_all(T, undefined), K = is_atom(ets:next(T, a)), ets:insert(T, {a, 5}), ets:safe_fixtable(T, false), {K, all(T), ets:info(T, size)} end},
     {fixed_object, fun(Y) -> T = few(Y), ets:safe_fixtable(T, true), ets:delete_object(T, {a, 1}), ets:delete_object(T, {a, 4}), ets:insert_new(T, {a, 8}), R = ets:lookup(T, a), ets:safe_fixtable(T, false), {R, ets:take(T, a), all(T)} end},
     {names, fun(Y) -> c_ets_n = ets:new(c_ets_n, [Y, named_table, public]), ets:insert(c_ets_n, {a}), T = ets:whereis(c_ets_n), R = ets:lookup(T, a), c_ets_m = ets:rename(c_ets_n, c_ets_m), {R, ets:lookup(T, a), ets:lookup(c_ets_m, a), ets:whereis(c_ets_n), ets:whereis(c_ets_m) =:= T, ets:info(c_ets_n), ets:delete(c_ets_m), ets:whereis(c_ets_m)} end},
     {same_name, fun(Y) -> A = ets:new(n, [Y]), B = ets:new(n, [Y]), ets:insert(A, {a}), {A =:= B, ets:lookup(B, a), ets:info(B, name), ets:rename(A, m) =:= A, ets:info(A, name)} end}].

fix_walk(_, '$end_of_table', N) -> N;
fix_walk(T, K, N) -> ets:delete(T, K), fix_walk(T, ets:next(T, K), N + 1).

sets() ->
    [{replaces, fun(Y) -> T = few(Y), ets:insert(T, {a, x, y}), ets:lookup(T, a) end},
     {last_of_list, fun(Y) -> T = few(Y), ets:insert(T, [{q, 1}, {q, 2}, {q, 3}]), ets:lookup(T, q) end},
     {counter, fun(Y) -> T = t(Y, [{k, 1, 10, x}]), [ets:update_counter(T, k, O) || O <- [1, -3, {2, 5}, {3, -4}, [{2, 1}, {3, 1}, {2, 1}], [], {2, 1, 4, 0}, {2, 100, 50, 7}, {2, -100, 0, 77}, {3, 0, 5, 5}, {2, 5, 1000, 1}, {2, 1 bsl 70}, {2, -(1 bsl 70)}, {2, (1 bsl 59) - 80}]] ++ ets:lookup(T, k) end},
     {counter_default, fun(Y) -> T = t(Y, []), A = [ets:update_counter(T, K, O, D) || {K, O, D} <- [{k, 1, {x, 0}}, {k, 1, {x, 0}}, {l, {3, 2}, {x, y, 5, z}}, {m, [], {y}}, {n, [{2, 1}, {2, 1}], {n, 1}}]], {A, all(T)} end},
     {counter_tuple, fun(Y) -> T = t(Y, [{{a, 1}, 5, "text", <<"binary">>}]), [ets:update_counter(T, {a, 1}, N) || N <- [1, 1 bsl 64, -(1 bsl 64)]] ++ ets:lookup(T, {a, 1}) end},
     {update, fun(Y) -> T = t(Y, [{k, 1, 2, 3}]), [ets:update_element(T, k, U) || U <- [{2, z}, [{3, "s"}, {4, #{a => 1}}], [], {2, 5}]] ++ [ets:update_element(T, zz, {2, 1})] ++ ets:lookup(T, k) end},
     {update_twice, fun(Y) -> T = t(Y, [{k, 1, 2, 3}]), ets:update_element(T, k, [{2, a}, {2, b}]), ets:lookup(T, k) end}].

bags() ->
    [{order, fun(Y) -> T = t(Y, [{k, N} || N <- [3, 1, 2, 3, 1, 5]]), {ets:lookup(T, k), ets:lookup_element(T, k, 2)} end},
     {order_after_delete, fun(Y) -> T = t(Y, [{k, N} || N <- [3, 1, 2, 3, 1, 5]]), ets:delete_object(T, {k, 1}), ets:insert(T, {k, 1}), ets:lookup(T, k) end},
     {exact, fun(Y) -> T = t(Y, [{1, a}, {1.0, a}, {1, 1}, {1, 1.0}]), {ets:lookup(T, 1), ets:lookup(T, 1.0)} end},
     {new, fun(Y) -> T = t(Y, []), {ets:insert_new(T, [{a, 1}, {a, 2}]), sort(ets:lookup(T, a)), ets:insert_new(T, {a, 3})} end},
     {delete_one_key, fun(Y) -> T = t(Y, [{k, N} || N <- [1, 1, 2]] ++ [{l, 1}]), ets:delete(T, k), all(T) end}].

ordered() ->
    O = fun(L) -> t(ordered_set, L) end,
    [{numbers, fun() -> T = O([{1}, {2.0}, {3}]), {ets:lookup(T, 2), ets:lookup(T, 1.0), ets:member(T, 3.0), ets:lookup(T, 4)} end},
     {steps, fun() -> T = O([{1}, {2.0}, {3}]), [ets:next(T, K) || K <- [0, 1, 1.5, 2, 3, a]] ++ [ets:prev(T, K) || K <- [a, 3, 2, 1.5, 1, 0]] ++ [ets:first(T), ets:last(T)] end},
     {mixed, fun() -> T = O([{K} || K <- keys()]), {walk(T, ets:first(T)), back(T, ets:last(T)) =:= lists:reverse(walk(T, ets:first(T)), [])} end},
     {equal_replaces, fun() -> T = O([{1, a}, {1.0, b}, {{1, 2}, a}, {{1.0, 2}, b}]), walk(T, ets:first(T)) end},
     {object_exact, fun() -> T = O([{1, a}, {2}]), ets:delete_object(T, {1.0, a}), ets:delete_object(T, {2}), walk(T, ets:first(T)) end},
     {new_equal, fun() -> T = O([{1}]), {ets:insert_new(T, {1.0}), ets:insert_new(T, {1.5})} end},
     {counter_equal, fun() -> T = O([{1, 1}]), {ets:update_counter(T, 1.0, 1), ets:lookup(T, 1), ets:update_counter(T, 2.0, 1, {x, 0}), ets:lookup(T, 2)} end},
     {slot_order, fun() -> T = O([{b}, {a}, {c}]), {ets:slot(T, 0), ets:slot(T, 1), ets:slot(T, 2), ets:slot(T, 3), ets:slot(O([]), 0)} end},
     {deleted_steps, fun() -> T = O([{N} || N <- seq(1, 9)]), ets:delete(T, 5), {ets:next(T, 5), ets:prev(T, 5)} end},
     {take_equal, fun() -> T = O([{1, a}]), {ets:take(T, 1.0), ets:info(T, size)} end}].

keys() ->
    [3, 1.5, -7, 1 bsl 70, -(1 bsl 70), 1.0e30, a, aaaaaaaaaa, aaaaaaaaab, '', {}, {1}, {1, 2}, {0, a, b}, {1.0, 3}, #{}, #{a => 1}, #{b => 1},
     [], [1], [1, 2], "text", <<>>, <<"a">>, <<"aaaaaaaaaa">>, <<"aaaaaaaaab">>, <<1:3>>, {[a], <<"x">>}, [{}]].

infos() ->
    [{new, fun() -> [ets:info(ets:new(x, L), I) || L <- [[], [bag, {keypos, 3}], [ordered_set, private], [public, compressed]], I <- [type, keypos, protection, compressed, named_table, name, size, node, heir, fixed, safe_fixed, read_concurrency]] end},
     {type_wins, fun() -> [ets:info(ets:new(x, L), type) || L <- [[ordered_set, set], [bag, duplicate_bag], [duplicate_bag, bag], [bag, set], [ordered_set, bag]]] end},
     {all_items, fun() -> [K || {K, _} <- ets:info(ets:new(x, []))] end},
     {owner, fun() -> T = ets:new(x, []), {ets:info(T, owner) =:= self(), ets:info(T, id) =:= T, is_reference(T)} end},
     {no_table, fun() -> T = ets:new(x, []), ets:delete(T), {ets:info(T), ets:info(T, size), ets:info(no_such), ets:info(no_such, foo), ets:whereis(no_such)} end},
     {read_concurrency, fun() -> ets:info(ets:new(x, [{read_concurrency, true}, {write_concurrency, false}]), read_concurrency) end},
     {fixed_by, fun() -> T = ets:new(x, [public]), S = self(), ets:safe_fixtable(T, true), ets:safe_fixtable(T, true), P = spawn(fun() -> ets:safe_fixtable(T, true), S ! ready, receive stop -> ok end end), receive ready -> ok end, {_, A} = ets:info(T, safe_fixed_monotonic_time), P ! stop, gone(P), {{_, _, _}, B} = ets:info(T, safe_fixed), ets:safe_fixtable(T, false), F = ets:info(T, fixed), ets:safe_fixtable(T, false), {length(A), [N || {Q, N} <- B, Q =:= S], F, ets:info(T, fixed), ets:info(T, safe_fixed)} end},
     {grows, fun() -> T = ets:new(x, []), A = ets:info(T, memory), ets:insert(T, {a, seq(1, 1000)}), B = ets:info(T, memory), ets:delete(T, a), C = ets:info(T, memory), {B - A > 2000, C =:= A} end}].

%% Rows of every shape come back as they were.
terms() ->
    [{shapes, fun() -> T = ets:new(x, []), Big = map(fun(N) -> {N, <<N:800>>, N * 1.5} end, seq(1, 50)), L = [{K, {K, [K], #{K => K}, Big}} || K <- keys()], ets:insert(T, L), [ets:lookup(T, K) =:= [{K, {K, [K], #{K => K}, Big}}] || K <- keys()] end},
     {elements, fun() -> T = ets:new(x, []), L = binary:copy(<<"0123456789">>, 30), ets:insert(T, {k, L, binary:part(L, 5, 200), #{}, 1 bsl 100, 2.5, fun id/1, [a | b]}), [ets:lookup_element(T, k, N) || N <- seq(1, 8)] end},
     {pids, fun() -> T = ets:new(x, []), R = make_ref(), S = self(), ets:insert(T, [{R, S}, {S, R}]), {ets:lookup(T, R) =:= [{R, S}], ets:lookup(T, S) =:= [{S, R}], ets:lookup(T, make_ref())} end},
     {maps, fun() -> T = ets:new(x, []), M = maps:from_list([{N, N} || N <- seq(1, 100)]), ets:insert(T, {M, big}), {ets:lookup(T, maps:put(1, 1, M)) =:= [{M, big}], ets:member(T, maps:put(1, 2, M))} end},
     {zeros, fun() -> T = ets:new(x, []), ets:insert(T, [{0, a}, {0.0, b}]), {ets:lookup(T, 0), ets:lookup(T, 0.0), ets:info(T, size)} end},
     {table_in_table, fun() -> T = ets:new(x, []), U = ets:new(y, []), ets:insert(T, {U, T}), [{V, W}] = ets:lookup(T, U), ets:insert(V, {1}), ets:lookup(U, 1) ++ [W =:= T] end}].
