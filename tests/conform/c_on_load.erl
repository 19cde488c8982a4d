%% A module whose on_load function runs before its first call.
-module(c_on_load).
-on_load(start/0).
-include("conform.hrl").

main() -> [{ran, persistent_term:get(?MODULE, no)}, {erased, persistent_term:erase(?MODULE)}, {not_the_caller, persistent_term:get({?MODULE, pid}) =:= self()}, {cleaned, persistent_term:erase({?MODULE, pid})}].
start() -> persistent_term:put(?MODULE, {loaded, seq(1, 3)}), persistent_term:put({?MODULE, pid}, self()), ok.
