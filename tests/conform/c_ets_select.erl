%% Searching tables by patterns and match specifications: results, limits and
%% continuations, deletion and replacement. Sorted where OTP leaves the order open.
-module(c_ets_select).
-include("conform.hrl").

types() -> [set, ordered_set, bag, duplicate_bag].

main() ->
    [{T, [{N, p(fun() -> F(T) end)} || {N, F} <- any_type()]} || T <- types()]
    ++ [{T, [{N, p(fun() -> F(T) end)} || {N, F} <- sets()]} || T <- [set, ordered_set]]
    ++ [{N, p(F)} || {N, F} <- ordered() ++ wrong()].

t(Type, Objects) -> T = ets:new(c_ets_select, [Type, public]), map(fun(O) -> true = ets:insert(T, O) end, Objects), T.
people(Type) -> t(Type, [{ada, 36, [maths, engines]}, {bob, 20, []}, {cy, 20, [chess]}, {dan, 51, #{pet => dog}}, {{eve, 1}, 20, "eve"}, {eve, 1}]).
numbers(Type, N) -> t(Type, [{I, I rem 7, I * I} || I <- seq(1, N)]).
all(T) -> sort(ets:match_object(T, '_')).

%% All results of a search in portions.
portions('$end_of_table', _) -> [];
portions({L, C}, Next) -> [L | portions(Next(C), Next)].
flat([L | R]) -> L ++ flat(R);
flat([]) -> [].

any_type() ->
    [{match, fun(Y) -> T = people(Y), [sort(ets:match(T, P)) || P <- [{'$1', 20, '_'}, {'$2', '$1', '_'}, {'_', 20, '_'}, {ada, '$1', '$2'}, '_', '$1', {'$1'}, {'$1', '$1', '_'}, {{'$1', '_'}, '_', '_'}, {'_', '_', #{pet => '$1'}}, {zz, '_'}, nomatch, {'_', '_', [maths | '$1']}]] end},
     {match_object, fun(Y) -> T = people(Y), [sort(ets:match_object(T, P)) || P <- ['_', {'_', 20, '_'}, {ada, '_', '_'}, {'_', '$1', '$1'}, {'_', '_', []}, {{eve, '_'}, '_', '_'}, {zz}]] end},
     {select, fun(Y) -> T = people(Y), [sort(ets:select(T, S)) || S <- [[{{'$1', '$2', '_'}, [{'>', '$2', 20}], ['$1']}], [{{'$1', '$2', '_'}, [], [{{'$2', '$1'}}]}], [{'_', [], ['$_']}], [{'$1', [], [{size, '$1'}]}],
        [{{ada, '$1', '_'}, [], ['$1']}, {{bob, '$1', '_'}, [], [{{bob, '$1'}}]}], [{{'$1', '$2', '_'}, [{is_atom, '$1'}, {'orelse', {'<', '$2', 30}, {'==', '$2', 51}}], [['$1' | '$2']]}], [{{'$1', '_', '$2'}, [{is_map, '$2'}], ['$$']}], [{{'$1', '$2', '_'}, [{'==', {'+', '$2', '$1'}, 1}], ['$1']}], []]] end},
     {count, fun(Y) -> T = people(Y), [ets:select_count(T, S) || S <- [[{'_', [], [true]}], [{{'_', 20, '_'}, [], [true]}], [{{'_', '$1', '_'}, [], [{'>', '$1', 30}]}], [{'_', [], [yes]}], [{{ada, '_', '_'}, [], [true]}], []]] end},
     {delete, fun(Y) -> T = people(Y), R = ets:internal_select_delete(T, [{{'_', 20, '_'}, [], [true]}]), {R, all(T), ets:info(T, size), ets:internal_select_delete(T, [{{ada, '_', '_'}, [], [true]}, {{dan, '_', '_'}, [], [false]}]), all(T), ets:internal_select_delete(T, [])} end},
     {many, fun(Y) -> T = numbers(Y, 3500), {length(ets:select(T, [{{'$1', 3, '_'}, [], ['$1']}])), ets:select_count(T, [{{'_', '$1', '_'}, [{'<', '$1', 2}], [true]}]), sort(ets:match(T, {'$1', '_', 12321})), ets:internal_select_delete(T, [{{'_', '$1', '_'}, [{'>', '$1', 2}], [true]}]), ets:info(T, size), length(ets:match_object(T, '_'))} end},
     {portions, fun(Y) -> T = numbers(Y, 100), [begin L = portions(ets:select(T, [{{'$1', '$2', '_'}, [{'<', '$2', 5}], ['$1']}], N), fun(C) -> ets:select(C) end), {length(hd(L)), sort(flat(L)) =:= [I || I <- seq(1, 100), I rem 7 < 5]} end || N <- [1, 3, 10, 71, 72, 1000]] end},
     {match_portions, fun(Y) -> T = numbers(Y, 30), {sort(flat(portions(ets:match(T, {'$1', 2, '_'}, 2), fun(C) -> ets:match(C) end))), sort(flat(portions(ets:match_object(T, {'_', 2, '_'}, 2), fun(C) -> ets:match_object(C) end)))} end},
     {no_results, fun(Y) -> T = numbers(Y, 30), {ets:select(T, [{{x, '_', '_'}, [], ['$_']}], 5), ets:match(T, {'_', 9, '_'}, 5), ets:match(t(Y, []), '_', 1), ets:select(T, [], 3), ets:select('$end_of_table'), ets:match('$end_of_table'), ets:match_object('$end_of_table'), ets:select_reverse('$end_of_table')} end},
     {bound_with_limit, fun(Y) -> T = numbers(Y, 30), {ets:match(T, {3, '$1', '$2'}, 20), ets:select(T, [{{3, '_', '_'}, [], ['$_']}], 5)} end},
     {changed_between, fun(Y) -> T = numbers(Y, 50), ets:safe_fixtable(T, true), R = del(T, ets:match(T, {'$1', '_', '_'}, 4)), ets:safe_fixtable(T, false), {sort(R), ets:info(T, size)} end},
     {compiled, fun(Y) -> T = numbers(Y, 20), {L, C} = ets:match(T, {'$1', '_', '_'}, 5), {length(L), is_tuple(C), [ets:is_compiled_ms(X) || X <- tuple_to_list(C)] =/= [], element(1, C) =:= T} end},
     {reverse, fun(Y) -> T = numbers(Y, 10), {sort(ets:select_reverse(T, [{{'$1', '_', '_'}, [], ['$1']}])), sort(flat(portions(ets:select_reverse(T, [{{'$1', '_', '_'}, [], ['$1']}], 3), fun(C) -> ets:select_reverse(C) end)))} end}].

del(_, '$end_of_table') -> [];
del(T, {L, C}) -> map(fun([K]) -> ets:delete(T, K) end, L), L ++ del(T, ets:match(C)).

sets() ->
    [{replace, fun(Y) -> T = numbers(Y, 10), R = [ets:select_replace(T, S) || S <- [[{{'$1', 3, '_'}, [], [{{'$1', three, x}}]}], [{{'$1', '$2', '$3'}, [{'==', '$2', 4}], [{{'$1', '$3', '$2'}}]}], [{{5, '$1', '$2'}, [], [{{5, '$2'}}]}], [{{'$1', 6, '_'}, [], ['$_']}], [{{99, '_'}, [], [{{99}}]}], []]], {R, all(T)} end},
     {replace_many, fun(Y) -> T = numbers(Y, 2500), {ets:select_replace(T, [{{'$1', '$2', '_'}, [{'<', '$2', 6}], [{{'$1', done}}]}]), ets:select_count(T, [{{'_', done}, [], [true]}]), ets:info(T, size)} end},
     {replace_keys, fun(Y) -> T = t(Y, [{{a, 1}, 1}, {"s", 1}, {1.5, 1}]), [c(fun() -> ets:select_replace(T, S) end) || S <- [[{{{a, 1}, '$1'}, [], [{{{const, {a, 1}}, 2}}]}], [{{{a, '$2'}, '$1'}, [], [{{'$2', 2}}]}], [{{'$1', '$2'}, [], [{{'$2', '$1'}}]}], [{{'_', '$1'}, [], [{{x, 1}}]}], [{{'$1', '_'}, [], [{{'$1', 1}}, {{'$1', 1}}]}], [{{'$1', '_'}, [], ['$1']}], [{{'$1', '_'}, [], [{{}}]}]]] ++ all(T) end}].

ordered() ->
    O = fun(N) -> numbers(ordered_set, N) end,
    S = [{{'$1', '_', '_'}, [], ['$1']}],
    [{in_order, fun() -> {ets:select(O(9), S), ets:select_reverse(O(9), S), ets:match(O(3), {'$1', '_', '_'}), ets:match_object(O(2), '_')} end},
     {in_portions, fun() -> portions(ets:select(O(10), S, 4), fun(C) -> ets:select(C) end) end},
     {reverse_portions, fun() -> portions(ets:select_reverse(O(10), S, 4), fun(C) -> ets:select_reverse(C) end) end},
     {exact_portions, fun() -> {portions(ets:select(O(8), S, 4), fun(C) -> ets:select(C) end), portions(ets:select(O(8), S, 8), fun(C) -> ets:select(C) end), portions(ets:select(O(8), S, 9), fun(C) -> ets:select(C) end)} end},
     {continuation, fun() -> T = O(10), {_, C} = ets:select(T, S, 4), {element(2, C), element(4, C), element(7, C), tuple_size(C), is_reference(element(5, C))} end},
     {equal_keys, fun() -> T = t(ordered_set, [{1, a}, {2.0, b}]), {ets:match(T, {1.0, '$1'}), ets:match(T, {2, '$1'}), ets:select(T, [{{'$1', '_'}, [{'==', '$1', 1.0}], ['$1']}])} end},
     {prefix, fun() -> T = t(ordered_set, [{{A, B}, A * B} || A <- seq(1, 5), B <- seq(1, 5)]), {ets:match(T, {{3, '$1'}, '$2'}), ets:select_count(T, [{{{'_', 2}, '_'}, [], [true]}])} end},
     {inserted_behind, fun() -> T = O(5), {L, C} = ets:select(T, S, 2), ets:insert(T, [{2.5, x, y}, {1.5, x, y}]), {L, portions(ets:select(C), fun(D) -> ets:select(D) end)} end}].

wrong() ->
    E = fun(F) -> c(1, F) end,
    T = fun() -> numbers(set, 3) end,
    [{specs, fun() -> X = T(), [E(fun() -> apply(ets, F, [X, S]) end) || F <- [select, select_reverse, select_count, internal_select_delete, select_replace], S <- [foo, [foo], [{x}], [{'$1', foo, []}], [{'$1', [], []}], [{'_', [], ['$_']} | x], {'_', [], []}, 1]] end},
     {limits, fun() -> X = T(), [E(fun() -> apply(ets, F, [X, P, N]) end) || {F, P} <- [{match, '_'}, {match_object, '_'}, {select, [{'_', [], ['$_']}]}, {select_reverse, [{'_', [], ['$_']}]}], N <- [0, -1, a, 1.0, 1 bsl 70, []]] end},
     {continuations, fun() -> X = T(), {_, D0} = ets:match(X, {'$1', '_', '_'}, 1), C = setelement(2, D0, 0), [E(fun() -> apply(ets, F, [D]) end) || F <- [match, match_object, select], D <- [foo, {}, 1, {X}, setelement(1, C, no_table), setelement(3, C, x), setelement(4, C, x), setelement(5, C, x)]] end},
     {bag_replace, fun() -> X = numbers(bag, 3), [E(fun() -> ets:select_replace(X, [{{'$1', '_', '_'}, [], [{{'$1'}}]}]) end), E(fun() -> ets:select_replace(X, foo) end)] end},
     {rights, fun() -> S = self(), P = spawn(fun() -> A = ets:new(x, [private]), B = ets:new(x, [protected]), S ! {A, B}, receive stop -> ok end end), receive {A, B} -> R = [E(fun() -> apply(ets, F, [X | G]) end) || X <- [A, B], {F, G} <- [{match, ['_']}, {match, ['_', 1]}, {match_object, ['_']}, {select, [[]]}, {select, [foo]}, {select_count, [[]]}, {internal_select_delete, [[]]}, {select_replace, [[]]}]], P ! stop, gone(P), R end end},
     {deleted, fun() -> X = T(), {_, D0} = ets:match(X, {'$1', '_', '_'}, 1), C = setelement(2, D0, 0), ets:delete(X), [E(fun() -> ets:match(C) end), E(fun() -> ets:match(X, '_') end)] end}].
