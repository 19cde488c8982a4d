%% Calls of modules that were deleted while processes still run their code, and modules with an `on_load` function.
-module(s_again).
-export([main/0]).

-define(T(Expression), show(??Expression, fun() -> Expression end)).

show(Text, Fun) ->
    Gives = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~ts~n    ~tp~n", [Text, Gives]).

main() ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, critical),
    {module, s_versions} = code:ensure_loaded(s_versions),
    {s_versions, First, _} = code:get_object_code(s_versions),
    [again(How) || How <- [call, apply, spawn, fun_of_name, in_itself]],
    not_on_the_path(First),
    on_load(),
    ?T(init:stop(id(no_status))).

version(Pid) ->
    Pid ! {self(), version},
    receive {Pid, Version} -> Version; {'EXIT', Pid, Reason} -> {exited, Reason} after 2000 -> silent end.

gone(Pid) -> receive {'EXIT', Pid, Reason} -> Reason after 2000 -> alive end.

again(How) ->
    Stays = spawn_link(s_versions, stays, []),
    ?T({version(Stays), code:purge(s_versions), code:delete(s_versions)}),
    ?T({version(Stays), erlang:check_old_code(s_versions), erlang:module_loaded(s_versions)}),
    ?T({How, called(How)}),
    ?T({gone(Stays), erlang:check_old_code(s_versions), erlang:module_loaded(s_versions)}).

called(call) -> s_versions:version();
called(apply) -> apply(s_versions, id(version), []);
called(spawn) -> version(spawn_link(s_versions, moves, []));
called(fun_of_name) -> F = fun s_versions:version/0, F();
called(in_itself) ->
    %% Whoever runs the old code does not outlive the call.
    Caller = spawn_link(s_versions, waits, [self()]),
    receive {Caller, 0} -> ok end,
    ?T({code:purge(s_versions), code:delete(s_versions)}),
    {s_versions:version(), gone(Caller)}.

id(X) -> X.

not_on_the_path(First) ->
    Renamed = binary:replace(First, <<"s_versions">>, <<"s_versionz">>, [global]),
    ?T(code:load_binary(s_versionz, "made.beam", Renamed)),
    Stays = spawn_link(s_versionz, stays, []),
    ?T({version(Stays), code:delete(s_versionz)}),
    ?T(s_versionz:version()),
    ?T({version(Stays), erlang:check_old_code(s_versionz)}),
    ?T(catch_top(fun() -> s_versionz:version(1, 2) end)),
    ?T({code:purge(s_versionz), gone(Stays), erlang:check_old_code(s_versionz)}),
    ?T(s_versionz:version()).

catch_top(F) ->
    try F() catch C:R:S -> [{M, Function, Args, _}, {?MODULE, _, _, _} | _] = S, {C, R, {M, Function, Args}} end.

count() -> persistent_term:get({s_onload, count}, 0).

on_load() ->
    ?T(count()),
    ?T({s_onload:version(), count()}),
    ?T({s_onload:version(), count()}),
    {s_onload, First, _} = code:get_object_code(s_onload),
    Second = binary:replace(First, <<"version_1">>, <<"version_2">>, [global]),
    ?T(code:load_binary(s_onload, "second.beam", Second)),
    ?T({s_onload:version(), count(), erlang:check_old_code(s_onload)}),
    Stays = spawn_link(s_onload, stays, []),
    ?T({version(Stays), code:delete(s_onload), code:purge(s_onload), gone(Stays)}),
    [refused(Answer, First) || Answer <- [no, {error, why}, raise]],
    persistent_term:put(s_onload, ok),
    ?T({code:load_binary(s_onload, "first.beam", First), s_onload:version(), count()}).

refused(Answer, First) ->
    persistent_term:put(s_onload, Answer),
    ?T({Answer, code:purge(s_onload), code:delete(s_onload), code:purge(s_onload)}),
    ?T(code:load_binary(s_onload, "first.beam", First)),
    ?T({erlang:module_loaded(s_onload), code:is_loaded(s_onload)}),
    ?T(s_onload:version()).
