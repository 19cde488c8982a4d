%% Maps: syntax and native functions, flat and hashed, with keys of every type.
-module(c_maps).
-include("conform.hrl").

main() ->
    flat() ++ keys() ++ syntax() ++ patterns() ++ natives() ++ sizes() ++ merging() ++ comparing() ++ wrong() ++ churn().

mk(N) -> maps:from_list([{I, I * I} || I <- seq(1, N)]).
list(M) -> sort([{K, map_get(K, M)} || K <- maps:keys(M)]).

key_set() ->
    [a, 'B', 'åäö', 0, -1, 1, 1.0, 0.0, -0.0, 1 bsl 59, 1 bsl 64, -(1 bsl 64), 1.0e100, "", "a", [a | b], {}, {1}, {1.0}, {a, {b}},
     <<>>, <<"k">>, <<1:3>>, <<0:9>>, #{}, #{a => 1}, #{1 => #{}}, [], [[]], true, undefined].

flat() ->
    [{empty, #{}}, {one, #{a => 1}}, {sorted, #{c => 1, a => 2, b => 3}}, {override, #{id(a) => 1, a => 2}},
     {mixed_keys, #{1 => a, a => 1, "s" => s, <<"b">> => b, {t} => t, 1.5 => f}},
     {nested, #{a => #{b => #{c => [#{}]}}}},
     {computed, #{id(k) => id(v), {id(x)} => [id(y)]}},
     {map_size, [map_size(M) || M <- [#{}, #{a => 1}, mk(10)]]}].

keys() ->
    M = maps:from_list([{K, {v, I}} || {I, K} <- number(key_set(), 1)]),
    [{size, map_size(M)}] ++
    [{{get, K}, c(fun() -> map_get(K, M) end)} || K <- key_set() ++ [2, 2.0, b, "b", {2}, <<"z">>]] ++
    [{{is_key, K}, is_map_key(K, M)} || K <- key_set() ++ [2.0, <<0:3>>]] ++
    [{int_and_float_differ, scope(fun() -> N = #{1 => int, 1.0 => float}, {map_get(1, N), map_get(1.0, N), map_size(N)} end)},
     {zeros, scope(fun() -> Z = #{0.0 => plus, 0 => int}, {map_size(Z), map_get(0.0, Z)} end)},
     {nested_numbers, scope(fun() -> T = #{{1} => a, {1.0} => b, [1] => c, [1.0] => d}, [map_get(K, T) || K <- [{1}, {1.0}, [1], [1.0]]] end)},
     {all_removed, remove_all(key_set(), M)}].

number([H | T], I) -> [{I, H} | number(T, I + 1)];
number([], _) -> [].
remove_all([K | T], M) -> remove_all(T, maps:remove(K, M));
remove_all([], M) -> M.

syntax() ->
    M = id(#{a => 1, b => 2}),
    [{put_new, M#{c => 3}}, {put_old, M#{a => x}}, {put_many, M#{a => x, z => y, c => w}},
     {exact, M#{a := 9}}, {exact_many, M#{a := 8, b := 7}}, {exact_same, M#{a := 1} =:= M},
     {mixed, M#{a := 5, n => 6}}, {original, M},
     {exact_missing, c(1, fun() -> M#{c := 1} end)}, {exact_missing_second, c(1, fun() -> M#{a := 1, zz := 2} end)},
     {exact_float_key, c(1, fun() -> (id(#{1 => a}))#{1.0 := b} end)},
     {assoc_float_key, map_size((id(#{1 => a}))#{1.0 => b})},
     {chained, ((M#{c => 3})#{d => 4})#{a := 0}},
     {order_of_evaluation, scope(fun() -> put(c_maps, []), N = #{n(1) => n(2), n(3) => n(4)}, {N, erase(c_maps)} end)},
     {not_a_map, [c(1, fun() -> (id(X))#{a => 1} end) || X <- [a, [], {}, 1, "x"]]},
     {not_a_map_exact, [c(1, fun() -> (id(X))#{a := 1} end) || X <- [a, [], {}]]},
     {thirty_three, map_size((id(mk(32)))#{a => 1})},
     {big_update, scope(fun() -> B = id(mk(100)), {map_get(50, B#{50 := new}), map_get(50, B), map_size(B#{x => y, 1 => z})} end)},
     {big_exact_missing, c(1, fun() -> (id(mk(50)))#{0 := x} end)}].

n(X) -> put(c_maps, get(c_maps) ++ [X]), X.

patterns() ->
    [{{pat, M}, pat(M)} || M <- [#{}, #{a => 1}, #{a => 1, b => 2}, #{b => 2}, #{a => #{b => deep}}, #{1 => int}, #{1.0 => float}, #{k => [x]},
                                 #{"s" => 1}, #{{t} => 1}, a, [], #{a => a}, #{c => {1, 2}}]] ++
    [{bound_key, [bound(K, id(#{a => 1, b => 2, 1 => one, {x} => t})) || K <- [a, b, c, 1, 1.0, {x}]]},
     {get_in_body, scope(fun() -> #{x := X, y := #{z := Z}} = id(#{x => 1, y => #{z => 2}, w => 3}), {X, Z} end)},
     {no_match, c(1, fun() -> #{x := 1} = id(#{x => 2}), ok end)},
     {not_map, c(1, fun() -> #{} = id([]), ok end)},
     {big_pattern, scope(fun() -> #{7 := A, 700 := B} = mk(1000), {A, B} end)},
     {guards, [guard(X) || X <- [#{}, #{a => 1}, mk(40), [], #{k => true}, #{k => 1}]]},
     {many_keys, scope(fun() -> #{a := A1, b := B1, c := C1, d := D1} = id(#{a => 1, b => 2, c => 3, d => 4, e => 5}), [A1, B1, C1, D1] end)},
     {literal_equal, [lit(X) || X <- [#{a => 1}, #{a => 1.0}, #{}, #{a => 1, b => 2}]]}].

pat(#{a := #{b := X}}) -> {nested, X};
pat(#{a := X, b := X}) -> same;
pat(#{a := X, b := Y}) -> {both, X, Y};
pat(#{a := a}) -> atom;
pat(#{a := X}) -> {a, X};
pat(#{1 := X}) -> {int, X};
pat(#{1.0 := X}) -> {float, X};
pat(#{k := [_ | _] = L}) -> {list, L};
pat(#{"s" := X}) -> {string, X};
pat(#{{t} := X}) -> {tuple, X};
pat(#{c := {X, Y}}) -> {c, X + Y};
pat(M) when map_size(M) =:= 0 -> empty;
pat(#{}) -> other_map;
pat(_) -> not_map.

bound(K, M) -> case M of #{K := V} -> {found, V}; #{} -> missing end.

guard(M) when map_get(k, M) -> k_true;
guard(M) when is_map_key(a, M) -> has_a;
guard(M) when is_map(M), map_size(M) > 32 -> large;
guard(M) when is_map(M) -> map;
guard(_) -> no.

lit(M) when M =:= #{a => 1} -> exact;
lit(M) when M == #{a => 1} -> loose;
lit(M) when M =:= #{} -> empty;
lit(_) -> no.

natives() ->
    M = id(#{a => 1, 2 => b, "c" => 3.0}),
    [{get, [c(1, fun() -> maps:get(K, M) end) || K <- [a, 2, "c", 2.0, zz]]},
     {find, [maps:find(K, M) || K <- [a, 2, "c", 2.0, zz]]},
     {is_key, [maps:is_key(K, M) || K <- [a, 2, "c", 2.0, zz]]},
     {put, [maps:put(K, new, M) || K <- [a, 2, q]]},
     {update, [c(1, fun() -> maps:update(K, new, M) end) || K <- [a, 2, q, 2.0]]},
     {remove, [maps:remove(K, M) || K <- [a, 2, q]]},
     {take, [maps:take(K, M) || K <- [a, 2, q]]},
     {keys, sort(maps:keys(M))}, {values, sort(maps:values(M))},
     {keys_order_flat, maps:keys(#{b => 1, a => 2, 1 => 3})}, {values_order_flat, maps:values(#{b => 1, a => 2, 1 => 3})},
     {from_list, maps:from_list([{a, 1}, {b, 2}, {a, 3}])}, {from_list_empty, maps:from_list([])},
     {from_keys, maps:from_keys([a, b, a, 1, 1.0], v)}, {from_keys_empty, maps:from_keys([], v)},
     {from_keys_large, map_size(maps:from_keys(seq(1, 500), {v}))},
     {from_list_large, scope(fun() -> L = [{I rem 100, I} || I <- seq(1, 1000)], X = maps:from_list(L), {map_size(X), map_get(0, X), map_get(99, X)} end)},
     {large_keys, sort(maps:keys(mk(100))) =:= seq(1, 100)}, {large_values, sort(maps:values(mk(100))) =:= [I * I || I <- seq(1, 100)]},
     {keys_match_values, scope(fun() -> X = mk(200), pairs(maps:keys(X), maps:values(X)) end)},
     {take_large, scope(fun() -> {V, R} = maps:take(50, mk(100)), {V, map_size(R), maps:is_key(50, R)} end)}].

pairs([K | Ks], [V | Vs]) -> V =:= K * K andalso pairs(Ks, Vs);
pairs([], []) -> true.

%% Across the boundary between the two representations.
sizes() ->
    [{{size, N}, scope(fun() ->
        M = mk(N),
        {map_size(M), M =:= mk(N), M == mk(N), list(M) =:= [{I, I * I} || I <- seq(1, N)],
         map_size(maps:remove(1, M)), map_size(M#{new => x}), maps:find(N, M), maps:find(N + 1, M),
         maps:remove(new, M#{new => x}) =:= M, phash_same(M), M =:= rebuilt(N)} end)}
     || N <- [1, 2, 8, 31, 32, 33, 34, 64, 100, 1000, 5000]] ++
    [{shrinking, shrink(seq(1, 100), mk(100), [])},
     {grow_one_by_one, list(grow(70, #{})) =:= list(mk(70))},
     {reversed_insertion, grow_down(1, 500, #{}) =:= grow(500, #{})},
     {collisions, scope(fun() -> M = maps:from_list([{{I, float(I)}, I} || I <- seq(1, 2000)]), sum([map_get({I, float(I)}, M) || I <- seq(1, 2000)], 0) end)}].

phash_same(M) -> erlang:phash2(M) =:= erlang:phash2(maps:from_list(lists:reverse(list(M), []))).
rebuilt(N) -> maps:from_list(lists:reverse([{I, I * I} || I <- seq(1, N)], [])).
grow(0, M) -> M;
grow(N, M) -> grow(N - 1, M#{N => N * N}).
grow_down(I, N, M) when I > N -> M;
grow_down(I, N, M) -> grow_down(I + 1, N, M#{I => I * I}).
shrink([K | T], M, Acc) -> M1 = maps:remove(K, M), shrink(T, M1, [map_size(M1) | Acc]);
shrink([], M, Acc) -> {M, sum(Acc, 0)}.
sum([H | T], S) -> sum(T, S + H);
sum([], S) -> S.

merging() ->
    [{{merge, A, B}, scope(fun() ->
        X = mk(A), Y = maps:from_list([{I, {y, I}} || I <- seq(A div 2, A div 2 + B)]),
        Z = maps:merge(X, Y),
        {map_size(Z), maps:find(A, Z), maps:find(A div 2, Z), maps:find(A div 2 + B, Z), maps:merge(Z, Y) =:= Z} end)}
     || A <- [0, 1, 10, 32, 33, 100], B <- [0, 1, 20, 32, 50, 200]] ++
    [{merge_small, maps:merge(#{a => 1, b => 2}, #{b => 3, c => 4})},
     {merge_empty, {maps:merge(#{}, #{a => 1}), maps:merge(#{a => 1}, #{})}},
     {merge_same, scope(fun() -> M = mk(50), maps:merge(M, M) =:= M end)}].

comparing() ->
    Ms = [#{}, #{a => 1}, #{a => 2}, #{b => 1}, #{a => 1.0}, #{1 => a}, #{1.0 => a}, #{a => 1, b => 2}, #{a => 1, c => 0}, #{[] => []}],
    [{{compare, A, B}, {A < B, A == B, A =:= B, A > B}} || A <- Ms, B <- Ms] ++
    [{sorted, sort(Ms)},
     {big_by_size, mk(100) < mk(101)}, {big_by_key, mk(100) < maps:put(101, x, maps:remove(1, mk(100)))},
     {big_by_value, {mk(100) < (mk(100))#{50 := a}, mk(100) > (mk(100))#{50 := 0}}},
     {big_loose, {mk(100) == (mk(100))#{50 := 2500.0}, mk(100) =:= (mk(100))#{50 := 2500.0}}},
     {big_key_type, mk(40) == maps:put(1.0, 1, maps:remove(1, mk(40)))},
     {against_others, [{X < #{}, X > #{}} || X <- [1, a, {}, [], <<>>, {1, 2, 3}]]}].

wrong() ->
    [{{F, As}, c(1, fun() -> apply(maps, F, As) end)}
     || {F, As} <- [{get, [a, b]}, {find, [a, []]}, {put, [a, b, c]}, {update, [a, b, c]}, {remove, [a, b]}, {take, [a, 1]}, {keys, [a]},
                    {values, [{}]}, {merge, [a, #{}]}, {merge, [#{}, a]}, {is_key, [a, b]}, {from_list, [a]}, {from_list, [[a]]},
                    {from_list, [[{a, 1} | b]]}, {from_list, [[{a, b, c}]]}, {from_keys, [a, 1]}, {from_keys, [[a | b], 1]}]] ++
    [{{F, As}, c(1, fun() -> apply(erlang, F, As) end)}
     || {F, As} <- [{map_size, [a]}, {map_get, [a, b]}, {map_get, [a, #{}]}, {is_map_key, [a, b]}, {is_map_key, [a, []]}]].

%% Many updates of many maps, with collections between them.
churn() ->
    [{churn, churn(20000, #{}, 17)},
     {histogram, list(histogram(pseudo(3000, 5), #{}))},
     {versions, versions(300, #{}, [])}].

churn(0, M, _) -> {map_size(M), sum(maps:values(M), 0)};
churn(N, M, S) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff,
    K = S1 rem 97,
    case S1 band 7 of
        0 -> churn(N - 1, maps:remove(K, M), S1);
        _ -> churn(N - 1, M#{K => N}, S1)
    end.

pseudo(0, _) -> [];
pseudo(N, S) -> S1 = (S * 1103515245 + 12345) band 16#7fffffff, [S1 bsr 16 | pseudo(N - 1, S1)].
histogram([X | T], M) -> K = X rem 40, histogram(T, M#{K => case M of #{K := N} -> N + 1; _ -> 1 end});
histogram([], M) -> M.

versions(0, _, Acc) -> sum([map_size(M) || M <- Acc], 0);
versions(N, M, Acc) -> M1 = M#{N => Acc =:= []}, versions(N - 1, M1, [M1 | Acc]).
