%% An application that runs until the operating system asks for an end.
-module(s_term).
-behaviour(application).
-export([main/0, start/2, prep_stop/1, stop/1]).

main() ->
    ok = application:load({application, ?MODULE, [{vsn, "1"}, {modules, [?MODULE]}, {applications, [kernel, stdlib]}, {mod, {?MODULE, []}}]}),
    ok = application:start(?MODULE),
    io:format("up~n"),
    receive never -> ok end.

start(_, _) -> {ok, spawn_link(fun() -> receive never -> ok end end), running}.

prep_stop(running) ->
    io:format("about to stop~n"),
    stopping.

stop(stopping) -> io:format("stopped~n").
