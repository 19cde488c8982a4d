%% A state machine for `classes_otp`: a door that can be opened once.
-module(classes_door).
-behaviour(gen_statem).
-export([start_link/0, push/1, init/1, callback_mode/0, closed/3, open/3]).

start_link() -> gen_statem:start_link(?MODULE, [], []).

push(Door) -> gen_statem:call(Door, push).

init([]) -> {ok, closed, none}.

callback_mode() -> state_functions.

closed({call, From}, push, Data) -> {next_state, open, Data, [{reply, From, opened}]}.

open({call, From}, push, _) -> {keep_state_and_data, [{reply, From, was_open}]}.
