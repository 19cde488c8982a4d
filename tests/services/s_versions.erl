%% A module of which `s_code` makes a second version: the name of the version stands in it as an atom.
-module(s_versions).
-behaviour(gen_server).
-export([version/0, moves/0, stays/0, adder/1, constant/0, waits/1]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

version() -> version_1.

%% Goes on in the current version with each message.
moves() ->
    receive {From, version} -> From ! {self(), version_1}, ?MODULE:moves() end.

%% Goes on in the version that it is in.
stays() ->
    receive {From, version} -> From ! {self(), version_1}, stays() end.

adder(N) -> fun(X) -> {version_1, X + N} end.

constant() -> fun() -> version_1 end.

%% Has this version on its stack alone.
waits(From) ->
    From ! {self(), 0},
    From ! {self(), lists:foldl(fun(N, Sum) -> Sum + N end, 0, waited())},
    version_1.

waited() -> receive {numbers, Numbers} -> Numbers end.

init(State) -> {ok, State}.
handle_call(get, _, State) -> {reply, {version_1, State}, State}.
handle_cast(_, State) -> {noreply, State}.
code_change(From, State, Extra) -> {ok, {version_1, from, From, State, Extra}}.
