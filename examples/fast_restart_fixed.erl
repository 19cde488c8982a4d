%% The corrected twin of fast_restart: wait for the event that matters.
%%
%% What the upgrade needs is not the old cache's promise to stop but its end.
%% An exiting process gives up its name before it sends DOWN to those who watch
%% it, so after the DOWN the name is free. The monitor is set before the request
%% to stop, while the name is sure to mean the old cache.
-module(fast_restart_fixed).
-export([main/0, cache/1]).

main() ->
    start_cache(#{}),
    ok = call({put, ada, logged_in}),
    Sessions = stop_cache(),
    start_cache(Sessions),
    {ok, logged_in} = call({find, ada}),
    ok.

start_cache(Sessions) ->
    register(session_cache, spawn(?MODULE, cache, [Sessions])).

stop_cache() ->
    Monitor = monitor(process, session_cache),
    {stopping, Sessions} = call(stop),
    receive {'DOWN', Monitor, process, _, _} -> Sessions end.

call(Request) ->
    Ref = make_ref(),
    session_cache ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.

cache(Sessions) ->
    receive
        {call, From, Ref, {put, User, State}} ->
            From ! {Ref, ok},
            cache(maps:put(User, State, Sessions));
        {call, From, Ref, {find, User}} ->
            From ! {Ref, maps:find(User, Sessions)},
            cache(Sessions);
        {call, From, Ref, stop} ->
            From ! {Ref, {stopping, Sessions}}
    end.
