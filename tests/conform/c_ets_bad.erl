%% Wrong arguments to the functions of ets: class, reason, the top of the trace
%% and the cause that error_info has.
-module(c_ets_bad).
-include("conform.hrl").

main() ->
    [{N, F, san(A), e(F, A)} || {N, F, A} <- bad_tables()]
    ++ [{N, with(O, fun(T) -> map(fun({F, A}) -> {F, san(A), e(F, [T | A])} end, L) end)} || {N, O, L} <- good_table()]
    ++ new() ++ rights() ++ deleted().

%% Reason, call and cause of a failing call.
e(F, A) ->
    try apply(ets, F, A) of V -> {value, san(V)}
    catch C:R:S -> [{M, G, X, L} | _] = S, {C, R, M, G, san(X), cause(L)}
    end.
cause([{error_info, #{cause := C}} | _]) -> C;
cause([_ | T]) -> cause(T);
cause([]) -> none.

with(Options, F) -> p(fun() -> T = ets:new(c_ets_bad, Options), ets:insert(T, rows(Options)), F(T) end).
rows(O) -> case O of [{keypos, 2} | _] -> [{1, a}]; _ -> [{a, 1, 2, x}, {b}] end.

%% Tables that are none: by a name, an unused reference, other types.
bad_tables() ->
    [{N, F, [T | A]} || {N, T} <- [{name, no_such_table}, {string, "table"}, {integer, 17}, {tuple, {a}}, {nil, []}, {binary, <<>>}],
                        {F, A} <- calls()].
calls() ->
    [{insert, [{a}]}, {insert, [foo]}, {insert_new, [{a}]}, {lookup, [a]}, {lookup_element, [a, 1]}, {lookup_element, [a, 0]}, {member, [a]}, {take, [a]},
     {delete, [a]}, {delete, []}, {delete_object, [{a}]}, {internal_delete_all, [undefined]}, {first, []}, {last, []}, {next, [a]}, {prev, [a]}, {slot, [50000]}, {slot, [x]},
     {info, []}, {info, [size]}, {rename, [x]}, {setopts, [{heir, none}]}, {safe_fixtable, [true]}, {update_counter, [a, 1]}, {update_counter, [a, 1, {a, 0}]}, {update_element, [a, {2, 1}]},
     {give_away, [self(), x]}].

wrong() -> [foo, 17, 1 bsl 70, 1.5, "string", <<"bin">>, {}, {a}, [], [a | b], #{}, make_ref()].

good_table() ->
    [{set, [set], objects() ++ elements() ++ counters() ++ others()}, {ordered_set, [ordered_set], objects() ++ elements() ++ counters() ++ others()},
     {bag, [bag], objects() ++ elements() ++ [{update_counter, [a, 1]}, {update_counter, [a, 1, {a, 1}]}, {update_element, [a, {2, 1}]}]},
     {duplicate_bag, [duplicate_bag], objects() ++ [{update_counter, [a, 1]}, {update_element, [a, {2, 1}]}]},
     {keypos, [{keypos, 2}], [{insert, [{a}]}, {insert_new, [{a}]}, {insert, [[{1, 2}, {a}]]}, {delete_object, [{a}]}, {update_counter, [a, {2, 1}]}, {update_counter, [a, 1]}, {update_element, [a, {2, 1}]}]}].
objects() ->
    [{F, [X]} || F <- [insert, insert_new], X <- wrong() -- [{a}, []]] ++
    [{F, [L]} || F <- [insert, insert_new], L <- [[{c}, d], [{c} | {d}], [{}], [[{c}]]]] ++
    [{delete_object, [X]} || X <- wrong() -- [{a}]] ++ [{member, [zz]}, {lookup, [c]}].
elements() ->
    [{lookup_element, [a, X]} || X <- wrong() ++ [0, -1, 5]] ++ [{lookup_element, [zz, X]} || X <- [1, 5, 0, x]] ++ [{lookup_element, [b, 2]}].
counters() ->
    [{update_counter, [a, X]} || X <- wrong()] ++
    [{update_counter, [zz, X]} || X <- [1, foo, {2, 1}, []]] ++
    [{update_counter, [a, X]} || X <- [{0, 1}, {1, 1}, {5, 1}, {-1, 1}, {4, 1}, {2, x}, {2, 1.0}, {2, 1, x, 0}, {2, 1, 0, x}, {2, 1, 0}, {2, 1, 1, 1, 1}, [{2, 1}, {4, 1}], [{2, 1} | x], [{2, 1}, foo], {1 bsl 70, 1}, {x, 1}]] ++
    [{update_counter, [b, 1]}, {update_counter, [b, {2, 1}]}] ++
    [{update_counter, [zz, O, D]} || {O, D} <- [{1, foo}, {1, {x}}, {{3, 1}, {x, 1}}, {1, {x, y}}, {foo, {x, 1}}, {{1, 1}, {x, 1}}]] ++
    [{update_counter, [a, 1, foo]}, {lookup, [a]}, {lookup, [zz]}] ++
    [{update_element, [a, X]} || X <- wrong() -- [[]]] ++ [{update_element, [zz, X]} || X <- [foo, {1, 2}, {0, 2}, []]] ++
    [{update_element, [a, X]} || X <- [{1, z}, {0, z}, {5, z}, {2}, {2, a, b}, [{2, k}, {9, k}], [{2, k}, {1, k}], [{2, k} | k]]] ++ [{update_element, [b, {2, 1}]}, {lookup, [a]}].
others() ->
    [{slot, [X]} || X <- [-1, 1 bsl 70, x, 1.0, 5000]] ++ [{safe_fixtable, [X]} || X <- [foo, 1, []]] ++ [{rename, [X]} || X <- [1, "n", {a}]] ++
    [{setopts, [X]} || X <- wrong() ++ [[{heir, none}, {heir, none}], {heir, foo, x}, {heir, self()}, {protection, foo}, {keypos, 1}, [{protection, public} | x]]] ++
    [{info, [X]} || X <- [foo, 1, "size", {size}]] ++ [{give_away, [X, x]} || X <- [foo, 1, self()]].

new() ->
    [{new, N, san(O), e(new, [N, O])} || {N, O} <- [{"x", []}, {1, []}, {x, foo}, {x, [foo]}, {x, [set | bag]}, {x, [{keypos, 0}]}, {x, [{keypos, -1}]}, {x, [{keypos, a}]}, {x, [{keypos, 1 bsl 70}]},
        {x, [{heir, foo, x}]}, {x, [{heir, self()}]}, {x, [{heir, foo}]}, {x, [{write_concurrency, maybe}]}, {x, [{read_concurrency, 1}]}, {x, [{decentralized_counters, x}]}, {x, [{compressed, true}]}, {x, [named_table, {foo, bar}]}, {x, [{}]}, {x, ["set"]}]]
    ++ [{named_twice, p(fun() -> ets:new(c_ets_bad_n, [named_table]), [e(new, [c_ets_bad_n, [named_table]]), is_reference(ets:new(c_ets_bad_n, []))] end)},
        {rename_taken, p(fun() -> ets:new(c_ets_bad_n, [named_table]), ets:new(c_ets_bad_m, [named_table]), T = ets:new(u, []), [e(rename, [c_ets_bad_n, c_ets_bad_m]), e(rename, [c_ets_bad_n, c_ets_bad_n]), e(rename, [T, c_ets_bad_m])] end)},
        {whereis, [e(whereis, [X]) || X <- [1, "x", {a}]]}].

%% What another process may do to a table of each protection.
rights() ->
    [{P, p(fun() -> others_table([P], fun(T) -> map(fun({F, A}) -> {F, san(A), e(F, [T | A])} end, calls() -- [{delete, []}, {info, []}]) end) end)} || P <- [private, protected]]
    ++ [{public, p(fun() -> others_table([public], fun(T) -> map(fun({F, A}) -> {F, san(A), e(F, [T | A])} end, [{setopts, [{heir, none}]}, {give_away, [self(), x]}, {give_away, [foo, x]}, {insert, [{a}]}, {rename, [y]}, {delete, []}, {lookup, [a]}]) end) end)}].
others_table(Options, F) ->
    S = self(),
    P = spawn(fun() -> T = ets:new(others, Options), ets:insert(T, {a, 1, 2}), S ! {T, ets:info(T, size)}, receive stop -> ok end end),
    receive {T, _} -> R = F(T), P ! stop, gone(P), [R, ets:info(T)] end.

deleted() -> [{deleted, p(fun() -> T = ets:new(x, []), ets:delete(T), map(fun({F, A}) -> {F, san(A), e(F, [T | A])} end, calls()) end)},
              {dead_receiver, p(fun() -> T = ets:new(x, []), P = spawn(fun() -> ok end), gone(P), [e(give_away, [T, P, x]), e(setopts, [T, {heir, P, x}]), ets:info(T, heir)] end)},
              {plain_reference, p(fun() -> [e(F, [make_ref() | A]) || {F, A} <- calls()] end)}].
