%% Starts what programs expect to be running, in OTP's order: `user`, the logger, the application controller, and a
%% kernel application that has the logger's handlers, `kernel_safe_sup` and, for programs that use files, OTP's file server, and
%% nothing of nodes or the network.
%%
%% All but this is OTP's own code. The process that runs `start/2` goes on as `init`.
-module(warpbeam_boot).
-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1]).
-export([main/3]).
-export([init/1]).
-export([flush/0]).
-export([start_inet_db/0]).

%% The first process of the services. `Plain` are the arguments that `init:get_plain_arguments/0` gives. A program that
%% only reads and writes needs standard input and output alone.
main(Plain, Level, Global) ->
    register(init, self()),
    process_flag(trap_exit, true),
    {ok, User} = warpbeam_user:start_link(output),
    group_leader(User, self()),
    {ok, _} = warpbeam_user:start_link(error),
    Level =:= input_output orelse start_applications(names(Level, Global)),
    Level =:= elixir andalso start_elixir(),
    ok = warpbeam_native:ready(User),
    init:loop(Plain).

start_applications(Servers) ->
    ok = warpbeam_port:new_table(),
    {ok, _} = logger_server:start_link(),
    {ok, _} = application_controller:start(kernel(Servers)),
    ok = application:load(stdlib()),
    ok = application:start_boot(kernel, permanent),
    ok = application:start_boot(stdlib, permanent).

%% What the command `elixir` starts before a program, where it is installed.
start_elixir() ->
    case application:ensure_all_started(elixir) of
        {ok, _} -> {ok, _} = application:ensure_all_started(logger), ok;
        {error, {elixir, {"no such file or directory", _}}} -> ok
    end.

kernel(Servers) ->
    {application, kernel, [
        {description, "ERTS  CXC 138 10"},
        {vsn, version(kernel)},
        {modules, modules(kernel)},
        {registered, [kernel_sup, kernel_safe_sup, logger_sup, user, standard_error | Servers]},
        {applications, []},
        {env, [{logger_level, notice}, {logger_sasl_compatible, false}]},
        {mod, {?MODULE, Servers}}
    ]}.

stdlib() ->
    {application, stdlib, [
        {description, "ERTS  CXC 138 10"},
        {vsn, version(stdlib)},
        {modules, modules(stdlib)},
        {registered, [timer_server]},
        {applications, [kernel]},
        {env, []}
    ]}.

%% Servers that only some programs need.
names(Level, true) -> names(Level, false) ++ [global_name_server];
names(all, false) -> [];
names(elixir, false) -> [erl_signal_server | names(sockets, false)];
names(files, false) -> [file_server_2];
names(_, false) -> [file_server_2, inet_db].

%% The modules that lie in the application's directory: those that its own specification names, but reading that would make
%% half of the start, and so would the names of the files: all of this is done again for each plan of collections.
modules(Application) ->
    case code:lib_dir(Application) of
        {error, _} -> [];
        Directory -> warpbeam_native:modules(Directory ++ "/ebin")
    end.

%% The version that the name of the application's directory says.
version(Application) ->
    Prefix = atom_to_list(Application) ++ "-",
    case code:lib_dir(Application) of
        {error, _} ->
            "";
        Directory ->
            case string_after(Prefix, last_part(Directory)) of
                none -> "";
                Version -> Version
            end
    end.

last_part(Path) -> last_part(Path, Path).

last_part([$/ | Rest], _) -> last_part(Rest, Rest);
last_part([_ | Rest], Part) -> last_part(Rest, Part);
last_part([], Part) -> Part.

string_after([Char | Prefix], [Char | Text]) -> string_after(Prefix, Text);
string_after([], Text) -> Text;
string_after(_, _) -> none.

%% The kernel application.
start(_Type, Servers) ->
    ok = logger:internal_init_logger(),
    {ok, Supervisor} = supervisor:start_link({local, kernel_sup}, ?MODULE, {kernel, Servers}),
    ok = logger:add_handlers(kernel),
    {ok, Supervisor}.

stop(_) ->
    ok.

init({kernel, Servers}) ->
    Safe = {supervisor, start_link, [{local, kernel_safe_sup}, ?MODULE, safe]},
    {ok, {#{strategy => one_for_all, intensity => 0, period => 1}, [server(Name) || Name <- Servers] ++ [
        #{id => logger_sup, start => {logger_sup, start_link, []}, type => supervisor},
        #{id => kernel_safe_sup, start => Safe, type => supervisor, shutdown => infinity}
    ]}};
init(safe) ->
    {ok, {#{strategy => one_for_one, intensity => 4, period => 3600}, []}}.

%% Where programs that ask for signals of the operating system put their handlers. None is sent there.
server(erl_signal_server) ->
    #{id => erl_signal_server, start => {gen_event, start_link, [{local, erl_signal_server}]}, modules => dynamic};
server(file_server_2) ->
    #{id => file_server_2, start => {file_server, start_link, []}, shutdown => 2000};
server(inet_db) ->
    #{id => inet_db, start => {?MODULE, start_inet_db, []}, shutdown => 2000};
%% This node is all that there is, so names are registered and locked here alone.
server(global_name_server) ->
    #{id => global_name_server, start => {global, start_link, []}, shutdown => 2000}.

%% Names of hosts are looked up in a file: the program that OTP asks for others does not run here. So it is not
%% `inet_config` that sets it up.
start_inet_db() ->
    {ok, Server} = gen_server:start_link({local, inet_db}, inet_db, [], []),
    inet_db:set_hostname(hostname()),
    inet_db:set_lookup([file]),
    inet_db:add_host({127, 0, 0, 1}, ["localhost"]),
    inet_db:add_host({0, 0, 0, 0, 0, 0, 0, 1}, ["localhost"]),
    inet_db:res_option(hosts_file_name, "/etc/hosts"),
    %% Its cache holds what name servers answer, and none is asked. A timer that goes on for ever would let nobody see that a
    %% program waits in vain.
    sys:replace_state(Server, fun(State) ->
        _ = [erlang:cancel_timer(Part) || Part <- tuple_to_list(State), is_reference(Part)],
        State
    end),
    {ok, Server}.

hostname() ->
    {ok, Name} = prim_inet:gethostname(none),
    lists:takewhile(fun(C) -> C =/= $. end, Name).

%% Returns when what was logged and written before has gone out.
flush() ->
    lists:foreach(fun settle/1, [logger, logger_proxy, logger_std_h_default]),
    %% The handler has a process of its own that writes.
    case whereis(logger_std_h_default) of
        undefined -> ok;
        _ -> catch logger_std_h:filesync(default)
    end,
    case whereis('Elixir.Logger') of
        undefined -> ok;
        _ -> catch gen_event:sync_notify('Elixir.Logger', flush)
    end,
    case whereis(user) of
        undefined -> ok;
        _ -> settle_user()
    end.

settle(Name) ->
    case whereis(Name) of
        undefined -> ok;
        _ -> catch sys:get_state(Name, 5000)
    end.

settle_user() ->
    Monitor = monitor(process, user),
    user ! {io_request, self(), Monitor, getopts},
    receive
        {io_reply, Monitor, _} -> ok;
        {'DOWN', Monitor, process, _, _} -> ok
    after 5000 -> ok
    end,
    demonitor(Monitor, [flush]),
    ok.
