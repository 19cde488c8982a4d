%% Runs a program of this directory. Where OTP's services have not been started it starts what behaviours cannot do
%% without: the table of application variables, the logger's, which says that nothing is logged, and the timer server.
-module(b_run).
-export([run/1, run/2]).

run(Module) ->
    ready(),
    Module:main().

%% One case alone, by its place.
run(Module, N) ->
    ready(),
    lists:nth(N, Module:main()).

ready() ->
    case whereis(logger) of
        undefined ->
            ac_tab = ets:new(ac_tab, [set, named_table, public, {read_concurrency, true}]),
            Table = logger_config:new(logger),
            true = logger_config:create(Table, primary, #{level => none, filters => [], filter_default => log, metadata => #{}}),
            {ok, _} = gen_server:start({local, timer_server}, timer, [], []),
            ok;
        _ ->
            logger:set_primary_config(level, none)
    end.
