%% Two versions of a module: which calls lead where, who is killed by a purge, and what `code` says meanwhile.
-module(s_code).
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
    Second = binary:replace(First, <<"version_1">>, <<"version_2">>, [global]),
    calls(Second),
    funs(First),
    stacks(Second),
    servers(First, Second),
    deleted(First),
    refused(First),
    by_hand(First, Second),
    own_code(Second).

version(Pid) ->
    Pid ! {self(), version},
    receive {Pid, Version} -> Version; {'EXIT', Pid, Reason} -> {exited, Reason} after 2000 -> silent end.

gone(Pid) -> receive {'EXIT', Pid, Reason} -> Reason after 2000 -> alive end.

uses(Pid) -> erlang:check_process_code(Pid, s_versions).

calls(Second) ->
    Moves = spawn_link(s_versions, moves, []),
    Stays = spawn_link(s_versions, stays, []),
    ?T({version(Moves), version(Stays), s_versions:version()}),
    ?T(erlang:check_old_code(s_versions)),
    ?T(code:is_loaded(s_versions) =:= {file, code:which(s_versions)}),
    ?T(code:load_binary(s_versions, "second.beam", Second)),
    ?T({s_versions:version(), apply(s_versions, version, [])}),
    ?T({version(Moves), version(Moves), version(Stays), version(Stays)}),
    ?T({code:is_loaded(s_versions), code:which(s_versions)}),
    ?T({erlang:check_old_code(s_versions), uses(Moves), uses(Stays), uses(self())}),
    ?T(erlang:check_process_code(Stays, s_versions, [{async, id}])),
    ?T(receive {check_process_code, id, Uses} -> Uses after 2000 -> silent end),
    ?T(code:soft_purge(s_versions)),
    ?T(version(Stays)),
    ?T(code:purge(s_versions)),
    ?T({gone(Stays), version(Moves), erlang:check_old_code(s_versions)}),
    ?T({code:purge(s_versions), code:soft_purge(s_versions)}),
    unlink(Moves),
    exit(Moves, kill).

funs(First) ->
    Adder = s_versions:adder(1),
    Me = self(),
    Holder = spawn_link(fun() -> Held = s_versions:adder(5), Me ! ready, receive go -> Me ! Held(1) end end),
    receive ready -> ok end,
    ?T(code:load_binary(s_versions, "first.beam", First)),
    ?T({Adder(1), (s_versions:adder(1))(1), (s_versions:constant())()}),
    ?T(uses(Holder)),
    Holder ! go,
    ?T(receive Held -> Held after 2000 -> silent end),
    gone(Holder),
    ?T(element(2, erlang:fun_info(Adder, module))).

stacks(Second) ->
    Me = self(),
    Waits = spawn_link(s_versions, waits, [Me]),
    receive {Waits, 0} -> ok end,
    spawn(fun() -> code:load_binary(s_versions, "second.beam", Second), Me ! loaded end),
    receive loaded -> ok end,
    ?T(uses(Waits)),
    Waits ! {numbers, [1, 2]},
    ?T(receive {Waits, Sum} -> Sum after 2000 -> silent end),
    gone(Waits),
    Other = spawn_link(s_versions, moves, []),
    ?T({code:soft_purge(s_versions), version(Other)}),
    ?T(code:load_binary(s_versions, "third.beam", Second)),
    ?T(s_versions:version()),
    ?T(uses(Other)),
    %% The third version purges the first.
    ?T(code:load_binary(s_versions, "fourth.beam", Second)),
    ?T(gone(Other)).

servers(First, Second) ->
    {ok, Server} = gen_server:start_link({local, s_versions_server}, s_versions, state, []),
    ?T(gen_server:call(Server, get)),
    ?T(code:load_binary(s_versions, "first.beam", First)),
    ?T(gen_server:call(Server, get)),
    ?T({sys:suspend(Server), code:load_binary(s_versions, "second.beam", Second)}),
    ?T(sys:change_code(Server, s_versions, "old vsn", extra)),
    ?T(sys:resume(Server)),
    ?T(gen_server:call(Server, get)),
    ?T({code:purge(s_versions), is_process_alive(Server)}),
    ?T(sys:change_code(Server, s_versions, "old vsn", extra)),
    ?T(gen_server:stop(Server)),
    ?T(gone(Server)).

deleted(First) ->
    Stays = spawn_link(s_versions, stays, []),
    ?T(version(Stays)),
    ?T(code:delete(s_versions)),
    ?T({code:is_loaded(s_versions), erlang:module_loaded(s_versions), erlang:check_old_code(s_versions)}),
    ?T(erlang:function_exported(s_versions, version, 0)),
    ?T(lists:member(s_versions, erlang:loaded())),
    ?T(version(Stays)),
    ?T(code:delete(s_versions)),
    ?T({code:purge(s_versions), gone(Stays)}),
    %% The code path has it.
    ?T(s_versions:version()),
    ?T(erlang:module_loaded(s_versions)),
    ?T(code:load_binary(s_versions, "first.beam", First)),
    ?T(code:delete(s_versions)),
    ?T({erlang:check_old_code(s_versions), code:purge(s_versions)}),
    ?T(code:ensure_loaded(s_versions)),
    ?T(code:load_file(s_versions)),
    ?T(code:load_file(s_no_such)),
    ?T(code:delete(s_no_such)),
    ?T({code:purge(s_no_such), code:soft_purge(s_no_such), erlang:check_old_code(s_no_such)}).

refused(First) ->
    ?T(code:load_binary(s_versions, "bad.beam", <<"no code">>)),
    ?T(code:load_binary(s_other, "other.beam", First)),
    ?T(code:load_binary(lists, "lists.beam", First)),
    ?T(code:load_binary("name", "bad.beam", First)),
    ?T(code:load_binary(s_versions, "bad.beam", list)),
    ?T(s_versions:version()),
    Renamed = binary:replace(First, <<"s_versions">>, <<"s_versionz">>, [global]),
    ?T(code:which(s_versionz)),
    ?T(s_versionz:version()),
    ?T(code:load_binary(s_versionz, "made.beam", Renamed)),
    ?T({s_versionz:version(), code:is_loaded(s_versionz), code:which(s_versionz)}),
    ?T({code:delete(s_versionz), code:purge(s_versionz), code:is_loaded(s_versionz), code:which(s_versionz)}),
    ?T(s_versionz:version()).

by_hand(First, Second) ->
    ?T(code:purge(s_versions)),
    ?T(erlang:load_module(s_versions, Second)),
    ?T(erlang:load_module(s_versions, First)),
    ?T(s_versions:version()),
    ?T(erlang:delete_module(s_versions)),
    ?T(erlang:purge_module(s_versions)),
    ?T(erlang:purge_module(s_versions)),
    ?T(erlang:delete_module(s_versions)),
    ?T(erlang:delete_module(s_versions)),
    ?T(erlang:purge_module(s_versions)),
    ?T(erlang:delete_module(s_no_such)),
    ?T(erlang:load_module(s_versions, <<"no code">>)),
    ?T(erlang:load_module(s_versions, First)),
    ?T(erlang:check_old_code("name")),
    ?T(erlang:check_process_code(self(), "name")),
    ?T(erlang:check_process_code(self(), s_no_such)),
    ?T(erlang:check_process_code(self(), s_versions, [nonsense])).

%% A fun is no use of the code that it was made in.
own_code(Second) ->
    {Pid, Monitor} = spawn_monitor(fun() ->
        Adder = s_versions:adder(1),
        code:load_binary(s_versions, "second.beam", Second),
        Uses = uses(self()),
        Purged = code:purge(s_versions),
        {'EXIT', {Reason, _}} = (catch Adder(1)),
        exit({Uses, Purged, element(1, Reason), is_function(element(2, Reason), 1)})
    end),
    ?T(receive {'DOWN', Monitor, process, Pid, Reason} -> Reason after 2000 -> alive end).
