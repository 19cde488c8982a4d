%% Match specifications for tables: heads, guards, bodies and errors, one by
%% one, and random ones over random rows.
-module(c_match_specs).
-include("conform.hrl").

main() ->
    [{heads, map(fun({T, H}) -> test(T, [{H, [], ['$$']}]) end, heads())},
     {guards, map(fun(G) -> test(row(), [{{'$1', '$2', '$3', '$4', '$5'}, [G], [yes]}, {'_', [], [no]}]) end, guards())},
     {bodies, map(fun(B) -> test(row(), [{{'$1', '$2', '$3', '$4', '$5'}, [], [B]}]) end, bodies())},
     {names, map(fun({N, A}) -> test(row(), [{'_', [], [list_to_tuple([N | ones(A)])]}]) end, names())},
     {shapes, map(fun(S) -> test(row(), S) end, shapes())},
     {compiled, compiled()},
     {random, random(600)}].

test(Term, Spec) ->
    case p(fun() -> erlang:match_spec_test(Term, Spec, table) end) of
        {ok, Result, [], []} -> Result;
        {error, Errors} -> {errors, map(fun({K, T}) -> {K, list_to_atom(T)} end, Errors)};
        Other -> Other
    end.

ones(0) -> [];
ones(N) -> [1 | ones(N - 1)].

row() -> {1, 2.5, a, [x, y | z], #{k => v, 2 => <<"bytes">>}}.

heads() ->
    Map = #{a => 1, b => 2, 1.0 => c},
    Large = large(40, #{}),
    [{row(), '$1'}, {row(), '_'}, {row(), '$_'}, {row(), '$$'}, {foo, foo}, {foo, '_'}, {[], '$1'}, {[], []}, {[1 | 2], '_'},
     {{1, 2}, {'$1', '$1'}}, {{1, 1}, {'$1', '$1'}}, {{1, 1.0}, {'$1', '$1'}}, {{1, 1.0}, {1, 1}}, {{1.0, 1}, {1.0, 1}},
     {{1, 2}, {'$2', '$1'}}, {{1, 2}, {'$10', '$9'}}, {{1, 2}, {'$0', '$00'}}, {{1, 2}, {'$100', '$01'}}, {{1, 2}, {'$a', '$1'}},
     {{1, 2}, {'$99999999', '$1'}}, {{1, 2}, {'$', '_'}}, {{'$', '$00'}, {'$', '$00'}}, {{"$1", 1}, {"$1", '_'}},
     {{1, 2}, {'$1', '$2', '$3'}}, {{1, 2}, {}}, {{}, {}}, {{1, 2}, {'_', '$_'}}, {{1, '$_'}, {'_', '$_'}},
     {{1, [1, 2 | x]}, {'$1', ['$2' | '$3']}}, {{1, [1, 2 | x]}, {'$1', ['$1', '$2' | x]}}, {{[]}, {[]}}, {{[]}, {['$1']}},
     {[1, 2], ['$1', '$2']}, {[1, 2], ['$1' | '$2']}, {{"text"}, {"text"}}, {{"text"}, {[$t | '$1']}}, {{[a, [b, [c]]]}, {[a, ['$1', ['$2' | '$3']]]}},
     {{Map}, {#{}}}, {{Map}, {#{a => '$1'}}}, {{Map}, {#{a => '$1', b => '$1'}}}, {{Map}, {#{a => '$2', b => '$1'}}}, {{Map}, {#{a => 2}}},
     {{Map}, {#{1 => '$1'}}}, {{Map}, {#{1.0 => '$1'}}}, {{Map}, {#{c => '_'}}}, {{Map}, {Map}}, {{Map}, {#{'$1' => 1}}}, {{Map}, {#{'_' => 1}}},
     {{#{['$1'] => 1}}, {#{['$1'] => '$2'}}}, {{a}, {#{}}}, {{#{a => #{b => [{c}]}}}, {#{a => #{b => ['$1']}}}}, {#{a => 1}, #{a => '$1'}},
     {{Large}, {#{1 => '$1', 40 => '$2', {7} => '$3'}}}, {{Large}, {#{41 => '_'}}}, {{Large}, {Large}}, {{Map}, {Large}},
     {{1 bsl 70, <<"bin">>, 2.0}, {1 bsl 70, <<"bin">>, 2.0}}, {{1 bsl 70, <<1:3>>}, {'$1', <<1:4>>}}, {{1 bsl 70, <<1:3>>}, {'$1', <<1:3>>}},
     {{0.0}, {-0.0}}, {{{1, {2, {3}}}, 4}, {{'$4', {'$3', {'$2'}}}, '$1'}}].

large(0, M) -> M#{{7} => seven};
large(N, M) -> large(N - 1, M#{N => N * N}).

guards() ->
    [true, false, 1, '$1', '$9', '$_', [true], {{true}}, #{}, {const, true}, {const, false}, {const, [{x}]}, {'$1'}, {1, 2}, {}, {{}},
     {'=:=', {self}, {self}}, {is_pid, {self}}, {'=:=', {node}, {node, {self}}}, {'not', {is_atom, '$3'}}, {is_atom, '$3'},
     {'>', '$1', 0}, {'>', '$2', '$1'}, {'=<', '$1', 1.0}, {'==', '$1', 1.0}, {'=:=', '$1', 1.0}, {'=/=', '$1', 1.0}, {'/=', '$1', 1.0}, {'<', '$3', '$4'}, {'>=', '$4', '$5'},
     {'+', '$1', '$3'}, {'>', {'+', '$1', '$3'}, 0}, {'=:=', {'+', '$1', '$2'}, 3.5}, {'=:=', {'/', 1, 0}, 1}, {'>', {'*', '$2', 1.0e308}, 0}, {'=:=', {'*', 1 bsl 40, 1 bsl 40}, {const, 1 bsl 80}},
     {'and', true}, {'and', 1}, {'and', true, true, true}, {'and', true, false, 1}, {'and', false, {'+', a, 1}}, {'and'}, {'or', false, true}, {'or', true, 1}, {'or'}, {'xor', true, false}, {'xor', true, 1},
     {'andalso', true, true}, {'andalso', false, 1}, {'andalso', true, 1}, {'andalso', 1, true}, {'andalso', true, false, {'+', a, 1}}, {'andalso'},
     {'orelse', true, 1}, {'orelse', false, true}, {'orelse', 1, true}, {'orelse', false, false, {'>', '$1', 0}}, {'orelse'}, {'orelse', {'andalso', false, 1}, {'not', false}},
     {'=:=', {element, 1, '$_'}, '$1'}, {element, 9, '$_'}, {'=:=', {element, 2, {{a, true}}}, true}, {element, 2, {{a, true}}}, {'=:=', {hd, '$4'}, x}, {'=:=', {tl, {tl, '$4'}}, z}, {hd, []},
     {is_record, '$_', 1, 5}, {is_record, '$_', a, 5}, {is_record, {{a, '$1'}}, a, 2}, {is_record, {{a, '$1'}}, '$3', {'+', 1, 1}}, {is_record, {{a, '$1'}}, b, 2}, {is_record, '$_', a},
     {is_map_key, k, '$5'}, {is_map_key, z, '$5'}, {is_map_key, k, '$4'}, {'=:=', {map_get, k, '$5'}, v}, {'=:=', {map_get, 2, '$5'}, <<"bytes">>}, {map_get, z, '$5'},
     {'=:=', {size, '$_'}, 5}, {'=:=', {size, {map_get, 2, '$5'}}, 5}, {'=:=', {map_size, '$5'}, 2}, {'=:=', {length, '$4'}, 2}, {'=:=', {length, [1, 2]}, 2}, {is_list, '$4'}, {is_function, '$4'}, {foo}, {'==', #{k => '$1'}, #{k => 1.0}}].

bodies() ->
    ['$1', '$9', '$_', '$$', '_', 1, a, "text", <<"bin">>, [], {}, {{}}, {{{}}}, {{{{}}}}, {{{1}}}, {{{{1}}}}, [{{'$1', '$_'}} | '$2'], ['$_' | a], [['$1'], '$2', [[]]],
     #{}, #{a => '$_', '$1' => {self, 1}}, #{a => {const, {b}}, '$1' => '$$'}, #{{'+', '$1', 1} => x, 2 => y}, #{{const, {1}} => '$5'}, {const, '$1'}, {const, {'$1', [x]}}, {const}, {const, 1, 2},
     {{{'+', 1, a}, 2}}, [{'+', 1, a} | 3], #{{'+', 1, a} => {'+', a, 1}}, {'+', {'+', a, 1}, 1}, {is_atom, {'+', a, 1}}, {'or', {'+', 1, a}, true}, {'and', false, {'+', a, 1}}, {'andalso', true, '$3'}, {'andalso', '$3', true}, {'orelse', false, '$4'}, {'andalso', '$1'},
     {'+', '$1', '$2'}, {'-', '$2'}, {'*', 2.5, 1.0e308}, {'div', 7, 2}, {'rem', 7, 0}, {'/', 7, 2}, {'bsl', '$1', 100}, {'bsr', 1 bsl 70, 3}, {'bnot', '$1'}, {'band', 7, 2.0}, {abs, {'-', '$2'}}, {round, '$2'}, {trunc, '$2'}, {float, '$1'},
     {hd, '$4'}, {tl, '$4'}, {hd, a}, {element, 4, '$_'}, {element, 5, '$_'}, {element, 6, '$_'}, {element, a, '$_'}, {element, 1, '$4'}, {map_get, k, '$5'}, {map_get, z, '$5'}, {map_size, '$_'}, {size, '$5'}, {byte_size, {map_get, 2, '$5'}}, {bit_size, {const, <<1:3>>}}, {binary_part, {map_get, 2, '$5'}, 1, 2}, {binary_part, {map_get, 2, '$5'}, {{0, 2}}},
     {is_record, '$_', 1, 5}, {is_record, '$_', a, b}, {is_record, '$_', a, 1.0}, {'xor', true, '$3'}, {'not', '$3'}, {node}, {node, a}, {foo, {bar}}, {{{foo}, {bar}}}, [{foo}, {bar} | {baz}], {'+', {foo}, '$9'}, {[a], 1}, {'$1'}, {1, [a | b]},
     {'<=', 1, 2}, {is_record, 1, 2}, {self, x, '$1'}].

names() ->
    Names = ['==', '=<', '<=', is_atom, is_boolean, is_binary, is_bitstring, is_constant, is_float, is_function, is_integer, is_list, is_map, is_map_key, is_number, is_pid, is_port, is_record, is_reference, is_tuple,
             abs, byte_size, bit_size, binary_part, ceil, floor, element, hd, tl, length, map_get, map_size, max, min, node, round, self, size, trunc, tuple_size, float, 'not', 'xor', 'and', 'or', 'andalso', 'orelse', const,
             '+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bnot', 'bsl', 'bsr', get_tcw, set_tcw, get_tag, message, return_trace, exception_trace, is_seq_trace, set_seq_token, get_seq_token, process_dump, caller,
             enable_trace, disable_trace, trace, silent, display, current_stacktrace, caller_line, setelement, get, exit, put],
    pairs(Names, [0, 1, 2, 3, 4]).

pairs([], _) -> [];
pairs([N | Ns], As) -> map(fun(A) -> {N, A} end, As) ++ pairs(Ns, As).

shapes() ->
    [[], foo, {'_', [], ['$_']}, [{'_', []}], [{'_', [], []}], [{'_', a, [1]}], [{'_', [], a}], [{'_', [], [1]} | a], [a], [{'_', [], [1, 2, {'+', a, 1}, 3]}], [{'_', [], [1 | 2]}], [{'_', [1 | 2], [1]}],
     [{'$1', [], ['$2']}], [{{'$1'}, [], ['$1']}, {'_', [], ['$_']}], [{{'$1', '_', '_', '_', '_'}, [{'$1'}], ['$2', {foo}, {foo, 1}]}, {'_', [], [{bar}]}], [{'_', [{foo}, {'$1'}], []}],
     [{{#{'_' => 1}}, [{foo}], [{bar}]}], [{'_', [true, false], [1]}, {'_', [true, true], [2]}, {'_', [], [3]}], [{'_', [{'+', a, 1}], [1]}, {{'$3', '_', '_', '_', '_'}, [], ['$3']}], [{a, [], [1]}]].

compiled() ->
    Spec = ets:match_spec_compile([{{'$1', '$2'}, [{'>', '$1', 1}], [{{'$2', '$1', {const, [kept]}}}]}, {{'_'}, [], ['$_']}]),
    Whole = ets:match_spec_compile([{foo, [], ['$_']}, {'_', [{'=:=', '$_', {self}}], [me]}]),
    Me = self(),
    Pid = spawn(fun() -> receive S -> Me ! {self(), ets:is_compiled_ms(S), ets:match_spec_run_r([{2, b}, {1, a}], S, [])} end end),
    Pid ! Spec,
    Sent = receive {Pid, Is, Rs} -> {Is, Rs} end,
    [is_reference(Spec), ets:is_compiled_ms(Spec), ets:is_compiled_ms(make_ref()), ets:is_compiled_ms(foo), Spec =:= Whole, Sent,
     p(fun() -> ets:match_spec_run_r([{1, a}, {2, b}, {3}, x, [], {4, c}], Spec, [z]) end),
     p(fun() -> ets:match_spec_run_r([foo, bar, self()], Whole, z) end),
     p(fun() -> ets:match_spec_run_r([], Spec, []) end),
     p(fun() -> ets:match_spec_run_r([{2, a} | x], Spec, []) end),
     p(fun() -> ets:match_spec_run_r(x, Spec, []) end),
     p(fun() -> ets:match_spec_run_r([{2, a}], make_ref(), []) end),
     p(fun() -> ets:match_spec_run_r([{2, a}], [{'_', [], [1]}], []) end),
     p(fun() -> ets:match_spec_compile([]) end), p(fun() -> ets:match_spec_compile([{'_', [], [{foo}]}]) end), p(fun() -> ets:match_spec_compile(x) end),
     p(fun() -> erlang:match_spec_test({a}, [{'_', [], [1]}], nothing) end)].

%% Random specifications over random rows. State is a linear congruence.
random(0) -> [];
random(N) ->
    put(seed, N * 7919),
    Row = list_to_tuple(map(fun(_) -> value(2) end, [1, 1 | ones(pick(3))])),
    Spec = map(fun(_) -> {first(Row), map(fun(_) -> expression(3) end, ones(pick(4) div 3)), [expression(3)]} end, ones(pick(3))),
    [test(Row, Spec ++ [{'_', [], [none]}]) | random(N - 1)].

pick(N) ->
    Seed = (get(seed) * 1103515245 + 12345) band 16#7fffffff,
    put(seed, Seed),
    (Seed bsr 12) rem N + 1.

one(L) -> nth(pick(length(L)), L).
nth(1, [H | _]) -> H;
nth(N, [_ | T]) -> nth(N - 1, T).

value(0) -> one([a, b, 0, 1, 2, 1.0, 2.5, true, false, [], <<"b">>, 1 bsl 64]);
value(D) ->
    case pick(6) of
        1 -> [value(D - 1) | value(D - 1)];
        2 -> {value(D - 1), value(D - 1)};
        3 -> #{value(0) => value(D - 1), value(0) => value(D - 1)};
        _ -> value(0)
    end.

%% A head that is near the row and has the first variables.
first(Row) -> list_to_tuple(['$1', '$2' | map(fun(E) -> head(E) end, tl(tl(tuple_to_list(Row))))]).

head(T) when is_tuple(T) ->
    case pick(5) of 1 -> variable(); _ -> list_to_tuple(map(fun(E) -> head(E) end, tuple_to_list(T))) end;
head([H | T]) -> case pick(5) of 1 -> variable(); _ -> [head(H) | head(T)] end;
head(M) when is_map(M) ->
    case pick(4) of 1 -> variable(); 2 -> M; 3 -> #{}; 4 -> #{value(0) => variable()} end;
head(T) -> case pick(3) of 1 -> T; _ -> variable() end.

variable() -> one(['$1', '$2', '$3', '$4', '_', '$1', '$2']).

expression(0) -> one(['$1', '$2', '$_', '$$', true, false, 1, 2.5, a, {self}, {const, {a}}, [], {node}, '$1', '$2']);
expression(D) ->
    E = fun() -> expression(D - 1) end,
    case pick(10) of
        1 -> {{E(), E()}};
        2 -> [E() | E()];
        3 -> #{value(0) => E(), value(0) => E()};
        4 -> {one(['and', 'or', 'andalso', 'orelse']), E(), E(), E()};
        5 -> {one([is_atom, is_list, is_tuple, is_number, is_map, 'not', hd, tl, size, length, abs, map_size, is_integer, '-']), E()};
        6 -> {one(['+', '-', '*', '/', 'div', 'rem', 'band', 'bsl', element, map_get, is_map_key]), E(), E()};
        7 -> {one(['==', '=:=', '/=', '=/=', '<', '>', '=<', '>=', 'xor']), E(), E()};
        8 -> {one([element, map_get]), one([1, 2, a]), E()};
        9 -> {is_record, E(), one([a, b]), pick(2)};
        _ -> expression(0)
    end.
