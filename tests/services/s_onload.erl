%% A module whose `on_load` function does what `s_again` asks for.
-module(s_onload).
-export([version/0, stays/0]).
-on_load(loaded/0).

loaded() ->
    Asked = persistent_term:get(s_onload, ok),
    Count = persistent_term:get({s_onload, count}, 0),
    persistent_term:put({s_onload, count}, Count + 1),
    case Asked of
        raise -> error(asked);
        Answer -> Answer
    end.

version() -> version_1.

stays() ->
    receive {From, version} -> From ! {self(), version_1}, stays() end.
