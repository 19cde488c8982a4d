%% A restart that is faster than the release of the name.
%%
%% The upgrade asks the session cache to stop, hears "stopping", and starts the
%% new one under the same name. But the old process owns the name until it has
%% exited, and it said "stopping" before that.
%%
%% In production: one upgrade in a thousand ends in a badarg from register/2,
%% the service is down, and the second try works.
%%
%% The order that fails: the old cache sends its farewell; the upgrade starts
%% and registers the new one; the old cache exits.
%%
%% fast_restart_fixed waits for the old cache's DOWN.
-module(fast_restart).
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
    {stopping, Sessions} = call(stop),
    Sessions.

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
