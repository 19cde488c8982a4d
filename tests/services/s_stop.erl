%% Ends the system by `init:stop/1`: nothing that was printed is lost.
-module(s_stop).
-export([main/0]).

main() ->
    [io:format("line ~b~n", [N]) || N <- lists:seq(1, 2000)],
    init:stop(4),
    receive after infinity -> ok end.
