%% Calls of OTP's libraries of data, code as data, time, and the tools of processes: each is printed with what it gives.
-module(s_data).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2]).
-include_lib("stdlib/include/ms_transform.hrl").

-define(T(Expression), show(??Expression, fun() -> Expression end)).

show(Text, Fun) ->
    Gives = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~ts~n    ~tp~n", [Text, Gives]).

main() ->
    lists_and_maps(),
    collections(),
    trees(),
    graphs(),
    tables(),
    code(),
    dates(),
    seeded(),
    timers(),
    looked_into(),
    tasks().

lists_and_maps() ->
    ?T(lists:sort(fun(A, B) -> A >= B end, [2, 3, 1])),
    ?T(lists:usort([b, a, b])),
    ?T(lists:keysort(2, [{a, 2}, {b, 1}])),
    ?T(lists:ukeymerge(1, [{a, 1}], [{a, 2}, {b, 2}])),
    ?T(lists:zipwith3(fun(A, B, C) -> A + B + C end, [1], [2], [3])),
    ?T(lists:zip([1], [1, 2])),
    ?T(lists:partition(fun(X) -> X > 1 end, [1, 2, 3])),
    ?T(lists:mapfoldl(fun(X, S) -> {X * S, S + 1} end, 1, [1, 2, 3])),
    ?T(lists:foldr(fun(X, S) -> [X | S] end, [], [1, 2])),
    ?T(lists:split(2, [a, b, c])),
    ?T(lists:sublist([a, b, c], 2, 5)),
    ?T(lists:nth(4, [a])),
    ?T(lists:search(fun(X) -> X > 1 end, [1, 2])),
    ?T(lists:seq(5, 1, -2)),
    ?T(lists:join(x, [1, 2])),
    ?T(lists:filtermap(fun(X) -> X > 1 andalso {true, X * 2} end, [1, 2])),
    ?T(lists:keytake(b, 1, [{a, 1}, {b, 2}])),
    ?T(lists:enumerate([a, b])),
    ?T(lists:flatlength([1, [2, [3]]])),
    ?T(lists:splitwith(fun is_atom/1, [a, 1, b])),
    ?T(maps:fold(fun(K, V, A) -> [{K, V} | A] end, [], #{a => 1, b => 2})),
    ?T(maps:update_with(a, fun(X) -> X + 1 end, #{a => 1})),
    ?T(maps:update_with(b, fun(X) -> X + 1 end, #{a => 1})),
    ?T(maps:merge_with(fun(_, X, Y) -> X + Y end, #{a => 1}, #{a => 2, b => 3})),
    ?T(maps:intersect(#{a => 1, b => 2}, #{a => 3})),
    ?T(maps:groups_from_list(fun(X) -> X rem 2 end, [1, 2, 3])),
    ?T(maps:next(maps:iterator(#{a => 1}))),
    ?T(maps:filtermap(fun(_, V) -> V > 1 andalso {true, -V} end, #{a => 1, b => 2})),
    ?T(maps:without([a], #{a => 1, b => 2})),
    ?T(maps:get(c, maps:remove(c, #{a => 1}))),
    ?T(maps:from_keys([a, b], 0)),
    ?T(proplists:get_value(k, [{k, 1}])),
    ?T(proplists:expand([{a, [b, c]}], [a, d])),
    ?T(proplists:unfold([a, {b, 1}])),
    ?T(proplists:to_map([a, {b, 1}])).

collections() ->
    ?T(queue:to_list(queue:in_r(0, queue:from_list([1, 2])))),
    ?T(queue:out(queue:new())),
    ?T(queue:peek_r(queue:from_list([1, 2]))),
    ?T(queue:get(queue:new())),
    ?T(queue:split(1, queue:from_list([a, b, c]))),
    ?T(ordsets:union([a, c], [b])),
    ?T(ordsets:is_subset([a], [a, b])),
    ?T(ordsets:subtract([a, b], [a])),
    ?T(orddict:update_counter(a, 2, [{a, 1}])),
    ?T(orddict:store(b, 1, [{a, 1}, {c, 1}])),
    ?T(lists:sort(dict:to_list(dict:append(a, 1, dict:from_list([{b, [2]}]))))),
    ?T(dict:fetch(x, dict:new())),
    ?T(lists:sort(sets:to_list(sets:union(sets:from_list([1, 2]), sets:from_list([2, 3]))))),
    ?T(sets:from_list([a], [{version, 2}])),
    ?T(array:to_orddict(array:set(2, x, array:new()))),
    ?T(array:get(9, array:new(3, [{default, d}, fixed]))),
    ?T(array:foldl(fun(I, V, A) -> [{I, V} | A] end, [], array:from_list([a, b]))).

trees() ->
    Tree = gb_trees:from_orddict([{1, a}, {2, b}, {3, c}]),
    ?T(Tree),
    ?T(gb_trees:to_list(gb_trees:delete(2, Tree))),
    ?T(gb_trees:insert(1, x, Tree)),
    ?T(gb_trees:take_smallest(Tree)),
    ?T(gb_trees:largest(Tree)),
    ?T(gb_trees:next(gb_trees:iterator_from(2, Tree))),
    ?T(gb_trees:balance(Tree)),
    ?T(gb_sets:to_list(gb_sets:intersection(gb_sets:from_list([1, 2]), gb_sets:from_list([2])))),
    ?T(gb_sets:filter(fun(X) -> X > 1 end, gb_sets:from_list([1, 2]))),
    ?T(sofs:to_external(sofs:composite(sofs:relation([{a, 1}]), sofs:relation([{1, x}])))),
    ?T(sofs:to_external(sofs:family_union(sofs:family([{a, [[1], [2]]}])))).

graphs() ->
    Graph = digraph:new(),
    [digraph:add_vertex(Graph, V) || V <- [a, b, c, d]],
    [digraph:add_edge(Graph, X, Y) || {X, Y} <- [{a, b}, {b, c}, {c, a}, {c, d}]],
    ?T(lists:sort(digraph:vertices(Graph))),
    ?T(digraph:get_path(Graph, a, d)),
    ?T(digraph:get_cycle(Graph, a)),
    ?T(digraph:get_short_path(Graph, b, d)),
    ?T(lists:sort(digraph:out_neighbours(Graph, c))),
    ?T(digraph_utils:topsort(Graph)),
    ?T([lists:sort(C) || C <- lists:sort(digraph_utils:strong_components(Graph))]),
    ?T(lists:sort(digraph_utils:reachable([b], Graph))),
    ?T(digraph_utils:is_acyclic(Graph)),
    ?T(digraph:add_edge(Graph, a, none)),
    ?T(digraph:delete(Graph)).

tables() ->
    Table = ets:new(t, [ordered_set]),
    ets:insert(Table, [{N, N * N} || N <- lists:seq(1, 5)]),
    Spec = ets:fun2ms(fun({K, V}) when V > 4, K =/= 4 -> {V, K} end),
    ?T(Spec),
    ?T(ets:select(Table, Spec)),
    ?T(ets:select_count(Table, ets:fun2ms(fun({_, V}) -> V rem 2 =:= 0 end))),
    ?T(ets:select_replace(Table, ets:fun2ms(fun({K, V}) when K < 2 -> {K, -V} end))),
    ?T(ets:test_ms({1, 9}, Spec)),
    ?T(ets:foldl(fun({K, V}, Sum) -> K + V + Sum end, 0, Table)),
    ?T(ets:tab2list(Table)),
    ?T(ets:select_delete(Table, ets:fun2ms(fun({K, _}) -> K > 3 end))),
    ?T(ets:match(Table, {'$1', 4})),
    ?T(ets:fun2ms(fun(X) when is_atom(X) -> [X] end)),
    ?T(ets:is_compiled_ms(ets:match_spec_compile(Spec))).

code() ->
    {ok, Tokens, _} = erl_scan:string("F = fun(X) -> X * 2 end, {F(21), [Y || Y <- [1,2,3], Y > 1]}."),
    ?T(hd(Tokens)),
    {ok, Parsed} = erl_parse:parse_exprs(Tokens),
    ?T(length(Parsed)),
    ?T(element(2, erl_eval:exprs(Parsed, []))),
    ?T(evaluated("try 1 div Z catch error:E -> {caught, E} end.", [{'Z', 0}])),
    ?T(evaluated("case #{a => 1} of #{a := V} when V > 0 -> V; _ -> none end.", [])),
    ?T(evaluated("<<A:8, B/binary>> = <<1, 2, 3>>, {A, B}.", [])),
    ?T(evaluated("begin self() ! hi, receive M -> {got, M} after 0 -> none end end.", [])),
    ?T(evaluated("lists:map(fun F(0) -> 0; F(N) -> N + F(N - 1) end, [3, 4]).", [])),
    ?T(evaluated("X + 1.", [])),
    ?T(evaluated("1 = 2.", [])),
    ?T(erl_scan:string("'unfinished")),
    ?T(erl_parse:parse_exprs(element(2, erl_scan:string("a b.")))),
    ?T(lists:flatten(erl_pp:exprs(Parsed))),
    ?T(erl_parse:abstract({a, [1, "s"], #{k => <<"v">>}})),
    ?T(erl_parse:normalise(erl_parse:abstract({a, [1, 2.5]}))),
    ?T(erl_scan:tokens([], "foo(bar). rest", 1)),
    ?T(lists:flatten(erl_pp:form({attribute, 1, module, m}))),
    ?T(erl_lint:module([{attribute, 1, module, m}, {function, 2, f, 0, [{clause, 2, [], [], [{var, 2, 'X'}]}]}])).

evaluated(Text, Bindings) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Parsed} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Parsed, Bindings),
    Value.

dates() ->
    ?T(calendar:day_of_the_week(2026, 11, 25)),
    ?T(calendar:date_to_gregorian_days({2000, 2, 29})),
    ?T(calendar:gregorian_seconds_to_datetime(63900000000)),
    ?T(calendar:iso_week_number({2027, 1, 1})),
    ?T(calendar:last_day_of_the_month(2100, 2)),
    ?T(calendar:valid_date(2026, 2, 29)),
    ?T(calendar:time_difference({{2026, 1, 1}, {0, 0, 0}}, {{2026, 1, 2}, {1, 0, 1}})),
    ?T(calendar:seconds_to_daystime(100000)),
    ?T(calendar:system_time_to_rfc3339(1000000000, [{offset, "Z"}])),
    ?T(calendar:rfc3339_to_system_time("2026-11-25T12:00:00.5+01:00", [{unit, millisecond}])),
    ?T(calendar:rfc3339_to_system_time("yesterday")),
    ?T(calendar:is_leap_year(1900)),
    ?T(calendar:system_time_to_universal_time(0, second)).

seeded() ->
    ?T([element(1, rand:uniform_s(1000, rand:seed_s(Algorithm, {1, 2, 3})))
        || Algorithm <- [exsss, exrop, exro928ss, exs1024s, mwc59, dummy], Algorithm =/= mwc59]),
    ?T(begin rand:seed(exsss, 42), [rand:uniform(100) || _ <- lists:seq(1, 8)] end),
    ?T(rand:uniform()),
    ?T(rand:normal()),
    ?T(rand:bytes(5)),
    ?T(rand:uniform(0)),
    ?T(element(1, rand:uniform_s(10, rand:jump(rand:seed_s(exro928ss, 7))))),
    ?T(rand:export_seed_s(rand:seed_s(exsss, 1))).

timers() ->
    Me = self(),
    ?T(element(1, timer:apply_after(1, erlang, send, [Me, applied]))),
    ?T(receive applied -> applied after 2000 -> late end),
    {ok, Ticks} = timer:send_interval(2, tick),
    ?T([receive tick -> tick after 2000 -> late end || _ <- [1, 2, 3]]),
    ?T(timer:cancel(Ticks)),
    ?T(begin {ok, _} = timer:send_after(1, sent), receive sent -> sent after 2000 -> late end end),
    ?T(element(2, timer:tc(fun() -> done end))),
    ?T(timer:hms(1, 1, 1)),
    ?T(begin P = spawn(fun() -> receive after infinity -> ok end end), M = monitor(process, P),
             {ok, _} = timer:kill_after(1, P), receive {'DOWN', M, _, _, R} -> R after 2000 -> late end end),
    ?T(timer:cancel(nonsense)),
    ?T(timer:sleep(0)).

looked_into() ->
    {ok, Server} = gen_server:start_link({local, s_data_server}, ?MODULE, 1, []),
    ?T(sys:get_state(Server)),
    ?T(sys:replace_state(Server, fun(N) -> N + 10 end)),
    ?T(gen_server:call(Server, get)),
    ?T(sys:suspend(Server)),
    ?T(begin {status, _, {module, Kind}, [_, State | _]} = sys:get_status(Server), {Kind, State} end),
    ?T(element(1, element(2, catch gen_server:call(Server, get, 5)))),
    ?T(sys:resume(Server)),
    ?T(sys:statistics(Server, true)),
    ?T(gen_server:call(Server, get)),
    ?T(begin {ok, S} = sys:statistics(Server, get), lists:keyfind(messages_in, 1, S) end),
    ?T(sys:log(Server, {true, 5})),
    ?T(gen_server:cast(Server, 5)),
    ?T(sys:get_state(Server)),
    ?T(element(1, sys:log(Server, get))),
    ?T(sys:trace(Server, true)),
    ?T(begin N = gen_server:call(s_data_server, get), N = sys:get_state(Server) end),
    ?T(sys:trace(Server, false)),
    ?T(sys:get_state(no_such_server)),
    ?T(gen_server:call(no_such_server, get)),
    Gone = monitor(process, Server),
    ?T(sys:terminate(Server, normal)),
    ?T(receive {'DOWN', Gone, _, _, Reason} -> {Reason, whereis(s_data_server)} end).

tasks() ->
    ?T(rpc:call(node(), lists, sum, [[1, 2]])),
    ?T(erpc:call(node(), lists, max, [[1, 2]])),
    ?T(rpc:pmap({erlang, abs}, [], [-1, 2])),
    ?T(element(1, pg:start_link())),
    ?T(begin ok = pg:join(group, self()), pg:get_members(group) =:= [self()] end),
    ?T(proc_lib:start(erlang, apply, [fun() -> proc_lib:init_ack(started) end, []])),
    ?T(proc_lib:initial_call(self())),
    ?T(error_logger:get_format_depth()),
    ?T(is_list(erlang:system_info(system_version))),
    ?T(math:pow(2, 0.5)),
    ?T(file:format_error(enoent)),
    ?T(init:get_plain_arguments()),
    ?T(os:getenv("NO_SUCH_VARIABLE", "default")),
    ?T(beam_lib:md5(<<"no beam">>)),
    ?T(inet:parse_address("127.0.0.1")).


init(N) -> {ok, N}.
handle_call(get, _, N) -> {reply, N, N}.
handle_cast(Add, N) -> {noreply, N + Add}.
handle_info(_, N) -> {noreply, N}.
