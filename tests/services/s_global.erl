%% Names and locks for all nodes, process groups, and whose a module is, where this node is all that there is.
-module(s_global).
-behaviour(gen_server).
-export([main/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

main() ->
    [show(Name, Fun) || {Name, Fun} <- [
        {start, fun start/0}, {again, fun again/0}, {names, fun global:registered_names/0}, {send, fun send/0},
        {died, fun died/0}, {names, fun names/0}, {locks, fun locks/0}, {contended, fun contended/0}, {sync, fun global:sync/0},
        {groups, fun groups/0}, {scope, fun scope/0}, {applications, fun applications/0}, {modules, fun modules/0},
        {nodes, fun nodes_known/0}, {calls, fun calls/0}
    ]],
    ok.

show(Name, Fun) ->
    Result = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~p: ~p~n", [Name, Result]).

init(State) -> {ok, State}.
handle_call(Request, _From, State) -> {reply, {Request, State}, State}.
handle_cast(_Request, State) -> {noreply, State}.
handle_info(_Message, State) -> {noreply, State}.

start() ->
    {ok, Pid} = gen_server:start({global, counter}, ?MODULE, 7, []),
    {gen_server:call({global, counter}, get), global:whereis_name(counter) =:= Pid}.

again() ->
    {error, {already_started, Pid}} = gen_server:start({global, counter}, ?MODULE, 8, []),
    {gen_server:call(Pid, get), gen_server:call({via, global, counter}, get)}.

send() ->
    global:send(counter, message) =:= global:whereis_name(counter).

died() ->
    Pid = global:whereis_name(counter),
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, Reason} -> ok end,
    wait_until_free(counter),
    {Reason, catch gen_server:call({global, counter}, get)}.

wait_until_free(Name) ->
    case global:whereis_name(Name) of
        undefined -> ok;
        _ -> timer:sleep(1), wait_until_free(Name)
    end.

names() ->
    Other = spawn(fun() -> receive stop -> ok end end),
    Answers = [
        global:register_name(name, Other),
        global:register_name(name, self()),
        global:re_register_name(name, self()),
        global:whereis_name(name) =:= self(),
        global:unregister_name(name),
        global:whereis_name(name)
    ],
    Other ! stop,
    Answers.

locks() ->
    [global:set_lock({a, self()}), global:del_lock({a, self()}), global:trans({a, self()}, fun() -> done end)].

contended() ->
    Self = self(),
    true = global:set_lock({b, Self}),
    spawn(fun() -> Self ! {other, global:set_lock({b, self()}, [node()], 0)} end),
    Refused = receive {other, Answer} -> Answer end,
    true = global:del_lock({b, Self}),
    spawn(fun() -> Self ! {other, global:set_lock({b, self()}, [node()], 0)} end),
    {Refused, receive {other, Later} -> Later end}.

groups() ->
    {ok, _} = pg:start_link(),
    ok = pg:join(group, self()),
    ok = pg:join(group, [self(), self()]),
    Before = length(pg:get_members(group)),
    {Before, pg:which_groups(), pg:leave(group, self()), length(pg:get_local_members(group))}.

scope() ->
    {ok, _} = pg:start(scope),
    Member = spawn(fun() -> receive stop -> ok end end),
    ok = pg:join(scope, group, Member),
    {Monitor, Groups} = pg:monitor_scope(scope),
    Member ! stop,
    receive {Monitor, leave, group, [Left]} -> {maps:keys(Groups), Left =:= Member, pg:get_members(scope, group)} end.

applications() ->
    [application:get_application(M) || M <- [lists, gen_server, kernel, global, ?MODULE, no_such_module]].

modules() ->
    [begin {ok, Modules} = application:get_key(A, modules), lists:member(M, Modules) end
     || {A, M} <- [{stdlib, lists}, {stdlib, gen_server}, {kernel, application}, {stdlib, application}]].

nodes_known() ->
    {node(), nodes(), is_alive(), net_adm:ping(node())}.

calls() ->
    {rpc:call(node(), lists, seq, [1, 3]), erpc:call(node(), erlang, abs, [-1]),
     gen_server:multi_call([node()], no_such_server, x)}.
