%% What the logger prints of processes that end badly, and of its own calls. After each, the default handler writes
%% what it has, so that the order of the reports is the same in every run.
-module(s_reports).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2, child/1, badly/0]).

main() ->
    process_flag(trap_exit, true),
    {ok, Server} = gen_server:start_link(?MODULE, server, []),
    gen_server:cast(Server, {fail, now}),
    ended(Server),
    {ok, Caller} = gen_server:start_link(?MODULE, server, []),
    Asked = catch_exit(fun() -> gen_server:call(Caller, fail) end),
    ended(Caller),
    io:format("~p~n", [element(1, element(1, Asked))]),
    {ok, Top} = supervisor:start_link({local, s_top}, ?MODULE, supervisor),
    ended(Top),
    Proc = proc_lib:spawn_link(?MODULE, badly, []),
    ended(Proc),
    logger:error("an error ~p", [42]),
    logger:warning(#{what => happened, where => [here]}),
    logger:notice("noticed"),
    logger:info("not printed at this level"),
    error_logger:error_msg("old ~s~n", ["style"]),
    error_logger:info_report([{key, value}, {other, "text"}]),
    synced().

ended(Pid) -> receive {'EXIT', Pid, _} -> synced() after 5000 -> io:format("~p lives~n", [Pid]) end.

synced() -> ok = logger_std_h:filesync(default).

catch_exit(Fun) -> try Fun() catch exit:Reason -> Reason end.

badly() -> receive never -> ok after 0 -> erlang:error({bad, [thing]}) end.

child(Name) -> {ok, proc_lib:spawn_link(fun() -> exit({child, Name}) end)}.

init(server) -> {ok, #{state => 1}};
init(supervisor) ->
    Child = #{id => one, start => {?MODULE, child, [one]}},
    {ok, {#{strategy => one_for_one, intensity => 1, period => 60}, [Child]}}.

handle_call(fail, _From, State) -> {stop, {asked, to}, State}.

handle_cast({fail, What}, #{state := N}) -> {noreply, N + What}.

handle_info(_, State) -> {noreply, State}.
