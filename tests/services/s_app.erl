%% An application of its own: starts it with what it needs, looks at it, stops it.
-module(s_app).
-behaviour(application).
-behaviour(gen_server).
-export([main/0, start/2, stop/1, init/1, start_worker/0, handle_call/3, handle_cast/2]).

main() ->
    io:format("~p~n", [application:ensure_all_started(s_app)]),
    io:format("~p~n", [[App || {App, _, _} <- application:which_applications(), App =:= s_app]]),
    io:format("~p~n", [lists:keyfind(s_app, 1, application:which_applications())]),
    io:format("~p~n", [gen_server:call(s_worker, get)]),
    io:format("~p ~p ~p~n", [application:get_env(s_app, colour), application:get_env(s_app, none),
                             application:get_env(s_app, none, default)]),
    ok = application:set_env(s_app, colour, blue),
    io:format("~p~n", [application:get_env(s_app, colour)]),
    io:format("~p~n", [application:get_key(s_app, vsn)]),
    io:format("~p~n", [application:get_application(whereis(s_worker))]),
    io:format("~p~n", [[Id || {Id, _, _, _} <- supervisor:which_children(s_app_top)]]),
    io:format("~p~n", [application:start(s_app)]),
    io:format("~p~n", [application:ensure_started(s_app)]),
    io:format("~p~n", [application:ensure_all_started(s_no_such)]),
    logger:set_primary_config(level, error),
    io:format("~p ~p~n", [application:stop(s_app), whereis(s_worker)]),
    io:format("~p~n", [lists:keyfind(s_app, 1, application:which_applications())]).

start(Type, Arguments) ->
    io:format("starts ~p ~p~n", [Type, Arguments]),
    supervisor:start_link({local, s_app_top}, ?MODULE, top).

stop(State) -> io:format("stopped ~p~n", [State]).

start_worker() -> gen_server:start_link({local, s_worker}, ?MODULE, worker, []).

init(top) -> {ok, {#{}, [#{id => worker, start => {?MODULE, start_worker, []}}]}};
init(worker) -> {ok, 17}.

handle_call(get, _From, State) -> {reply, State, State}.

handle_cast(_, State) -> {noreply, State}.
