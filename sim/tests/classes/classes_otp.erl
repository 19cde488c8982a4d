%% Small programs over OTP's libraries and services, with known numbers of classes: `../classes.rs` proves them.
%%
%% Servers of `gen_server` and `gen_statem`, a supervisor, an event manager, and processes that write to their
%% group leader, which is a service of its own.
-module(classes_otp).
-behaviour(gen_server).
-export([calls2/0, calls3/0, casts3/0, cast_call/0, update/0, update_fixed/0, stop_call/0, named/0]).
-export([writers2/0, writers3/0, write_apart/0, tree/0, restart/0, statem/0, events/0, tasks/0, settings/0, across/0]).
-export([init/1, handle_call/3, handle_cast/2]).

%% A server adds up what clients send, in the order in which it came.
calls2() -> calls(2).
calls3() -> calls(3).

calls(N) ->
    {ok, Server} = gen_server:start_link(?MODULE, sum, []),
    Ps = [spawn_monitor(fun() -> gen_server:call(Server, {add, I}) end) || I <- lists:seq(1, N)],
    wait(Ps),
    gen_server:call(Server, get).

casts3() ->
    {ok, Server} = gen_server:start_link(?MODULE, sum, []),
    wait([spawn_monitor(fun() -> gen_server:cast(Server, {add, I}) end) || I <- [1, 2, 3]]),
    gen_server:call(Server, get).

cast_call() ->
    {ok, Server} = gen_server:start_link(?MODULE, sum, []),
    wait([spawn_monitor(fun() -> gen_server:cast(Server, {add, 1}) end)]),
    gen_server:call(Server, get).

%% Each client reads, then writes.
update() ->
    {ok, Server} = gen_server:start_link(?MODULE, sum, []),
    Add = fun(I) -> Sum = gen_server:call(Server, get), ok = gen_server:call(Server, {set, [I | Sum]}) end,
    wait([spawn_monitor(fun() -> Add(I) end) || I <- [1, 2]]),
    length(gen_server:call(Server, get)).

update_fixed() ->
    {ok, Server} = gen_server:start_link(?MODULE, sum, []),
    wait([spawn_monitor(fun() -> gen_server:call(Server, {add, I}) end) || I <- [1, 2]]),
    length(gen_server:call(Server, get)).

%% The server stops; the call comes before, or it fails.
stop_call() ->
    {ok, Server} = gen_server:start(?MODULE, sum, []),
    {Pid, Ref} = spawn_monitor(fun() -> exit(catch gen_server:call(Server, get)) end),
    gen_server:stop(Server),
    receive {'DOWN', Ref, process, Pid, Reason} -> is_list(Reason) end.

%% Two of them start a server under one name.
named() ->
    Start = fun() -> {Ok, _} = gen_server:start({local, the_one}, ?MODULE, sum, []), exit(Ok) end,
    Ps = [spawn_monitor(Start) || _ <- [1, 2]],
    [receive {'DOWN', Ref, process, Pid, Reason} -> is_atom(Reason) end || {Pid, Ref} <- Ps].

%% The group leader sees in which order they write.
writers2() -> writers(2).
writers3() -> writers(3).

writers(N) ->
    wait([spawn_monitor(fun() -> io:put_chars(integer_to_list(I)) end) || I <- lists:seq(1, N)]).

%% One writes, the others do something else.
write_apart() ->
    Ps = [spawn_monitor(fun() -> lists:seq(1, I) end) || I <- [1, 2]],
    io:put_chars("alone"),
    wait(Ps).

%% A supervisor starts two servers, and stops them in the other order.
tree() ->
    {ok, Sup} = supervisor:start_link(?MODULE, [a, b]),
    2 = length(supervisor:which_children(Sup)),
    unlink(Sup),
    Ref = monitor(process, Sup),
    exit(Sup, shutdown),
    receive {'DOWN', Ref, process, Sup, shutdown} -> ok end.

%% A call while the server is started again, which fails or not.
restart() ->
    {ok, Sup} = supervisor:start_link(?MODULE, [a]),
    Old = whereis(a),
    P = spawn_monitor(fun() -> catch gen_server:call(a, get) end),
    exit(Old, shutdown),
    wait([P]),
    [{a, New, worker, _}] = supervisor:which_children(Sup),
    is_pid(New) andalso New =/= Old.

%% A door that two want to open.
statem() ->
    {ok, Door} = classes_door:start_link(),
    Ps = [spawn_monitor(fun() -> exit(classes_door:push(Door)) end) || _ <- [1, 2]],
    Got = [receive {'DOWN', Ref, process, Pid, Reason} -> Reason end || {Pid, Ref} <- Ps],
    lists:sort(Got).

%% Handlers of one manager see events in one order.
events() ->
    {ok, Manager} = gen_event:start_link(),
    wait([spawn_monitor(fun() -> gen_event:notify(Manager, I) end) || I <- [1, 2]]),
    gen_event:which_handlers(Manager).

%% Workers that know only who asked them.
tasks() ->
    Me = self(),
    Ps = [proc_lib:spawn_link(fun() -> Me ! {self(), done} end) || _ <- [1, 2]],
    [receive {P, done} -> ok end || P <- Ps],
    ok.

%% The application controller has waited since before the first event.
settings() ->
    wait([spawn_monitor(fun() -> application:set_env(kernel, I, I) end) || I <- [1, 2]]),
    [application:get_env(kernel, I) || I <- [1, 2]].

wait(Ps) ->
    [receive {'DOWN', Ref, process, Pid, _} -> ok end || {Pid, Ref} <- Ps],
    ok.

%% Two servers that ask each other while both are asked: a deadlock, which the critical pair is looked for.
across() ->
    Main = self(),
    [A, B] = [element(2, gen_server:start_link(?MODULE, sum, [])) || _ <- [a, b]],
    spawn_link(fun() -> Main ! {done, gen_server:call(A, {relay, B}, infinity)} end),
    gen_server:call(B, {relay, A}, infinity),
    receive {done, _} -> ok end.

init(sum) ->
    {ok, []};
init(Names) ->
    Start = fun(Name) -> {gen_server, start_link, [{local, Name}, ?MODULE, sum, []]} end,
    {ok, {#{}, [#{id => Name, start => Start(Name)} || Name <- Names]}}.

handle_call({relay, To}, _From, Sum) -> {reply, gen_server:call(To, get, infinity), Sum};
handle_call(get, _From, Sum) -> {reply, Sum, Sum};
handle_call({set, Sum}, _From, _) -> {reply, ok, Sum};
handle_call({add, I}, _From, Sum) -> {reply, ok, [I | Sum]}.

handle_cast({add, I}, Sum) -> {noreply, [I | Sum]}.
