%% Reaches a native function that warpbeam does not have, through a callback that only a behaviour calls.
-module(s_missing).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2]).

main() -> gen_server:start(?MODULE, [], []).

init([]) -> {ok, []}.

handle_call(_, _, State) -> {reply, erlang:trace(self(), true, []), State}.

handle_cast(_, State) -> {noreply, State}.
