%% try, catch, after, raise; the errors that instructions and native functions
%% make; stack traces with their lines.
-module(c_exceptions).
-export([tail/1, one/1]).
-include("conform.hrl").

main() ->
    classes() ++ nesting() ++ afters() ++ catches() ++ reasons() ++ badargs() ++ raising() ++ stacks() ++ lines() ++ deep().

classes() ->
    [{{K, R}, try raise(K, R) of V -> {value, V} catch throw:X -> {t, X}; error:X -> {e, X}; exit:X -> {x, X} end}
     || K <- [throw, error, exit, value], R <- [a, {b, 1}, [], "s"]] ++
    [{no_matching_clause, c(fun() -> try throw(x) catch error:x -> no end end)},
     {matching_second, try exit(b) catch exit:a -> 1; exit:b -> 2 end},
     {default_is_throw, try throw(b) catch b -> thrown end},
     {default_is_not_error, c(fun() -> try error(b) catch b -> thrown end end)},
     {of_clause, try id({ok, 1}) of {ok, X} -> X; error -> none catch _:_ -> caught end},
     {of_not_protected, c(fun() -> try id(1) of 1 -> error(in_of) catch error:in_of -> wrong end end)},
     {of_no_clause, c(fun() -> try id(2) of 1 -> ok catch _:_ -> wrong end end)},
     {guard_in_catch, [try error(N) catch error:X when X > 2 -> big; error:X when X + 1 > 0 -> small; error:_ -> other end || N <- [5, 1, a]]},
     {class_variable, [try raise(K, r) catch C:r -> C end || K <- [throw, error, exit]]},
     {in_catch_clause, c(fun() -> try error(a) catch error:a -> error(b) end end)}].

raise(throw, R) -> throw(R);
raise(error, R) -> error(R);
raise(exit, R) -> exit(R);
raise(value, R) -> R.

nesting() ->
    [{inner_first, try try error(a) catch error:a -> inner end catch error:a -> outer end},
     {outer, try try error(a) catch error:b -> inner end catch error:a -> outer end},
     {rethrow, try try error(a) catch error:X -> throw({again, X}) end catch throw:Y -> Y end},
     {three, try try try throw(1) catch throw:2 -> a end catch throw:3 -> b end catch throw:1 -> c end},
     {values_kept, scope(fun() -> A = id(1), B = id([2]), R = try error(x) catch _:_ -> {A, B} end, {R, A, B} end)},
     {in_function, c(fun() -> protect(fun() -> protect(fun() -> throw(deep) end) end) end)},
     {loop, loop(1000, 0)},
     {many_deep, nest(5000)}].

protect(F) -> try F() catch throw:X -> throw({wrapped, X}) end.
loop(0, N) -> N;
loop(I, N) -> V = try case id(I) rem 3 of 0 -> throw(three); R -> R end of W -> W catch _:_ -> 7 after ok end, loop2(I, N, V).
loop2(I, N, V) -> loop(I - 1, N + V).
nest(0) -> 0;
nest(N) -> try 1 + nest(N - 1) catch _:_ -> error end.

afters() ->
    [{after_value, with(fun() -> ok end)}, {after_throw, with(fun() -> throw(t) end)},
     {after_error, with(fun() -> error(e) end)}, {after_exit, with(fun() -> exit(x) end)},
     {after_replaces, c(fun() -> try error(first) after error(second) end end)},
     {after_order, scope(fun() -> put(c_order, []), catch try try note(1) after note(2) end after note(3) end, erase(c_order) end)},
     {after_order_error, scope(fun() -> put(c_order, []), catch try try note(1), error(x) after note(2) end catch error:x -> note(3) after note(4) end, erase(c_order) end)},
     {after_value_ignored, try a after b end},
     {of_and_after, scope(fun() -> put(c_order, []), X = try note(1), id(2) of 2 -> note(2), two after note(3) end, {X, erase(c_order)} end)},
     {of_error_after, scope(fun() -> put(c_order, []), X = c(fun() -> try note(1) of _ -> note(2), error(of_error) catch _:_ -> note(9) after note(3) end end), {X, erase(c_order)} end)},
     {after_in_loop, scope(fun() -> put(c_order, 0), after_loop(100), erase(c_order) end)}].

with(F) -> put(c_after, no), R = c(fun() -> try F() after put(c_after, yes) end end), {R, erase(c_after)}.
note(N) -> put(c_order, get(c_order) ++ [N]).
after_loop(0) -> ok;
after_loop(N) -> try id(N) after put(c_order, get(c_order) + N) end, after_loop(N - 1).

catches() ->
    [{catch_value, catch id(1)}, {catch_throw, catch throw(x)}, {catch_exit, catch exit(x)},
     {catch_error, scope(fun() -> {'EXIT', {R, St}} = (catch error(x)), {R, top(1, St)} end)},
     {catch_exit_tuple, catch exit({a, b})},
     {catch_throw_looks_like_exit, catch throw({'EXIT', x})},
     {catch_in_expression, [catch throw(1), catch 2, catch exit(3)]},
     {catch_catch, catch (catch throw(a))},
     {catch_badarith, scope(fun() -> {'EXIT', {Q, _}} = (catch 1 / id(0)), Q end)},
     {catch_in_args, {id(catch throw(y)), z}},
     {catch_keeps_y, scope(fun() -> A = id(5), B = (catch throw(6)), A + B end)},
     {catch_deep, catch_deep(1000)}].

catch_deep(0) -> throw(bottom);
catch_deep(N) -> catch {N, catch_deep(N - 1)}.

one(1) -> one.

reasons() ->
    [{badmatch, c(1, fun() -> a = id(b) end)},
     {badmatch_tuple, c(1, fun() -> {_, x} = id({1, 2}) end)},
     {badmatch_list, c(1, fun() -> [_ | _] = id([]) end)},
     {badmatch_big, c(1, fun() -> 1 = id(1 bsl 70) end)},
     {badmatch_float, c(1, fun() -> 1 = id(1.0) end)},
     {badmatch_binary, c(1, fun() -> <<1, _/binary>> = id(<<2>>) end)},
     {badmatch_map, c(1, fun() -> #{a := _} = id(#{b => 1}) end)},
     {case_clause, c(1, fun() -> case id(c) of a -> 1; b -> 2 end end)},
     {case_clause_tuple, c(1, fun() -> case id({a, 1}) of {b, _} -> 1 end end)},
     {case_guard, c(1, fun() -> case id(3) of X when X > 5 -> X end end)},
     {if_clause, c(1, fun() -> if map_size(#{}) > 5 -> x end end)},
     {if_clause_2, c(1, fun() -> X = id(1), if X > 2 -> a; X < 0 -> b end end)},
     {function_clause, c(1, fun() -> one(id(2)) end)},
     {function_clause_remote, c(1, fun() -> ?MODULE:one(id({x, [1]})) end)},
     {fun_clause, c(fun() -> F = fun(1) -> ok end, F(id(2)) end)},
     {badfun, [c(1, fun() -> (id(X))(1, 2) end) || X <- [a, 1, {m, f}, [], <<>>, "x", 1.5, #{}]]},
     {badarity, c(fun() -> (id(fun(A) -> A end))(1, 2) end)},
     {badarity_0, c(fun() -> (id(fun(A) -> A end))() end)},
     {badarity_external, c(fun() -> (id(fun ?MODULE:one/1))(1, 2) end)},
     {undef, c(1, fun() -> c_no_such_module:f(1, [2]) end)},
     {undef_function, c(1, fun() -> ?MODULE:no_such(1) end)},
     {undef_variable, c(1, fun() -> (id(c_nope)):(id(f))(x) end)},
     {undef_external_fun, c(1, fun() -> (id(fun c_nope:g/2))(1, 2) end)},
     {apply_bad_module, [c(1, fun() -> apply(id(X), f, []) end) || X <- [1, "m", {a}]]},
     {apply_bad_function, [c(1, fun() -> apply(erlang, id(X), []) end) || X <- [1, "m", {a}]]},
     {apply_bad_args, [c(1, fun() -> apply(erlang, abs, id(X)) end) || X <- [1, [1 | 2], a]]},
     {apply_fun_bad_args, [c(1, fun() -> apply(fun(A) -> A end, id(X)) end) || X <- [a, [1 | 2]]]},
     {badkey, c(1, fun() -> map_get(k, id(#{})) end)},
     {badkey_update, c(1, fun() -> (id(#{a => 1}))#{b := 2} end)},
     {badmap_update, c(1, fun() -> (id(x))#{b => 2} end)},
     {badmap_exact, c(1, fun() -> (id([]))#{b := 2} end)},
     {badrecord_like, c(1, fun() -> element(2, id(x)) end)},
     {badarith, c(2, fun() -> id(x) + id(y) end)},
     {badarith_neg, c(1, fun() -> -id(x) end)},
     {badarith_div0, c(1, fun() -> id(1) div id(0) end)},
     {badarith_rem0, c(1, fun() -> id(1) rem id(0) end)},
     {badarith_fdiv0, c(fun() -> id(1.0) / id(0.0) end)},
     {badarith_overflow, c(fun() -> id(1.0e308) * id(10.0) end)},
     {system_limit_shift, c(1, fun() -> id(1) bsl id(1 bsl 40) end)},
     {system_limit_atom, c(1, fun() -> list_to_atom(id(chars(256))) end)},
     {not_boolean_and, c(1, fun() -> id(a) and id(true) end)},
     {not_boolean_andalso, c(1, fun() -> id(a) andalso id(true) end)},
     {not_boolean_orelse, c(1, fun() -> id(1) orelse id(true) end)},
     {andalso_second_any, c(1, fun() -> id(true) andalso id(7) end)},
     {not_boolean_not, c(1, fun() -> not id(a) end)},
     {xor_bad, c(1, fun() -> id(true) xor id(1) end)},
     {bad_generator, c(fun() -> [X || X <- id(y)] end)},
     {bad_filter, c(fun() -> [X || X <- [1], id(f)] end)}].

chars(0) -> [];
chars(N) -> [$a | chars(N - 1)].

badargs() ->
    [{{F, A}, c(1, fun() -> apply(erlang, F, A) end)}
     || {F, A} <- [{atom_to_list, [1]}, {list_to_atom, [a]}, {hd, [[]]}, {tl, [[]]}, {length, [x]}, {element, [0, {}]},
                   {setelement, [1, {}, x]}, {tuple_to_list, [[]]}, {list_to_tuple, [{}]}, {byte_size, [a]}, {bit_size, [[]]},
                   {integer_to_list, [a]}, {list_to_integer, ["x"]}, {float, [a]}, {round, [a]}, {trunc, [<<>>]}, {abs, [x]},
                   {binary_to_list, [[]]}, {list_to_binary, [x]}, {size, [[]]}, {map_size, [[]]}, {node, [a]}, {exit, [a, b]},
                   {spawn, [a, b, c]}, {register, [1, 2]}, {unregister, [1]}, {whereis, [1]}, {put, [a]}, {make_tuple, [-1, x]},
                   {link, [x]}, {monitor, [process, "x"]}, {send_after, [-1, x, y]}, {binary_part, [<<1>>, 0, 2]},
                   {split_binary, [<<1>>, 2]}, {process_flag, [foo, bar]}, {process_info, [x, y]}, {max, [1]}, {iolist_size, [[a]]}]].

raising() ->
    [{raise_rethrows, scope(fun() ->
        {C, R, S} = try error(orig) catch C1:R1:S1 -> {C1, R1, S1} end,
        try erlang:raise(C, R, S) catch C2:R2:S2 -> {C2, R2, S2 =:= S} end end)},
     {raise_made_up, try erlang:raise(exit, r, [{m, f, 1, []}, {m, g, [a, b], [{file, "x"}, {line, 3}]}]) catch C:R:S -> {C, R, S} end},
     {raise_three_tuple, try erlang:raise(throw, r, [{m, f, 2}]) catch throw:r:S -> S end},
     {raise_empty, try erlang:raise(error, r, []) catch error:r:S -> S end},
     {raise_bad_class, c(fun() -> erlang:raise(id(foo), r, []) end)},
     {raise_bad_stack, [c(fun() -> erlang:raise(error, r, id(St)) end) || St <- [a, [x], [{m, f}], [{m, f, 1} | x]]]},
     {raise_in_after, c(1, fun() -> try erlang:raise(error, a, [{x, y, 0, []}]) after ok end end)},
     {error_2, c(1, fun() -> error(r, [a, b]) end)},
     {error_2_none, c(1, fun() -> error(r, none) end)},
     {error_3, try error(r, [a], [{error_info, #{cause => why}}]) catch error:r:S -> [{_, _, A, L} | _] = S, {A, key(error_info, L)} end},
     {error_3_none, c(1, fun() -> error(r, none, []) end)},
     {error_3_bad, [c(fun() -> error(r, id(A), id(O)) end) || {A, O} <- [{[], a}, {[], [x]}, {a, [{error_info, 1}]}, {[a | b], []}]]},
     {error_any_term, c(fun() -> error({1, [2], <<"3">>, #{4 => 5}, 1.5, 1 bsl 80}) end)},
     {stack_is_list, try error(a) catch _:_:S -> is_list(S) end},
     {stack_after_use, try error(a) catch _:_:S -> {length(S) > 0, top(1, S)} end},
     {nif_like_catch, catch erlang:raise(throw, x, [])}].

key(K, [{K, V} | _]) -> V;
key(K, [_ | T]) -> key(K, T);
key(_, []) -> none.

stacks() ->
    [{three_frames, try f1() catch _:_:S -> top(3, S) end},
     {tail_call_leaves_no_frame, try 1 + tail(3) catch _:_:S -> top(3, S) end},
     {bif_frame, try [bif(a)] catch _:_:S -> top(2, S) end},
     {function_clause_args, try [one({2, [x]})] catch _:_:S -> top(2, S) end},
     {undef_args, try [c_nope:f(1, 2)] catch _:_:S -> top(2, S) end},
     {apply_frame, try [apply(c_exceptions, tail, [0])] catch _:_:S -> top(2, S) end},
     {in_fun, try [(fun() -> error(x) end)()] catch _:_:S -> top(2, S) end},
     {in_comprehension, try [error(X) || X <- [1, 2]] catch _:R:S -> {R, top(1, S)} end},
     {depth_is_bounded, try deep_error(100) catch _:_:S -> length(S) end}, {repeats_count_once, try same_error(100) catch _:_:S -> top(3, S) end},
     {after_catch_again, try catch_and_error() catch _:_:S -> top(2, S) end}].

f1() -> [f2()].
f2() -> {f3()}.
f3() -> error(x).
tail(0) -> error(end_of_tail);
tail(N) -> tail(N - 1).
bif(X) -> [atom_to_list(id(X)), list_to_atom(id(X))].
deep_error(0) -> error(deep); deep_error(N) when N > 1000 -> [];
deep_error(N) -> [deep_other(N - 1)]. deep_other(N) -> {deep_error(N)}. same_error(0) -> error(same); same_error(N) when N > 1000 -> []; same_error(N) -> [same_error(N - 1)].
catch_and_error() -> catch error(first), [error(second)].

lines() ->
    [{line_of_error, cl(1, fun() ->
        error(here) end)},
     {line_of_call, cl(3, fun() -> [
        line_helper(x)] end)},
     {line_of_badmatch, cl(1, fun() ->
        X = id(1),
        {X} = id(2),
        X end)},
     {line_of_case, cl(1, fun() ->
        case id(5)
        of 1 -> ok end end)},
     {line_of_function_clause, cl(1, fun() -> one(3) end)},
     {line_of_bif, cl(2, fun() ->
        Y = id([]),
        Z = hd(Y),
        {Y, Z} end)},
     {line_of_badarith, cl(1, fun() ->
        Y = id(a),
        Z = Y * 2.5,
        {Y, Z} end)},
     {line_after_call, cl(1, fun() ->
        _ = id(1),
        _ = id(2),
        error(third) end)}].

line_helper(X) ->
    Y = id(X),
    [line_deeper(Y)].
line_deeper(Y) ->
    Z = {Y},
    error(Z).

deep() ->
    [{deep_unwind, c(fun() -> unwind(200000) end)},
     {deep_catch, try unwind(100000) catch error:bottom -> caught end},
     {large_reason, try error(seq(1, 10000)) catch error:L -> length(L) end}].

unwind(0) -> error(bottom);
unwind(N) -> 1 + unwind(N - 1).
