%% Prints much, then ends the system at once: nothing that was printed is lost.
-module(s_halt).
-export([main/0]).

main() ->
    [io:format("line ~b~n", [N]) || N <- lists:seq(1, 2000)],
    halt(3).
