%% A race in a program that needs standard input and output and no other service.
-module(s_race).
-export([main/0]).

main() ->
    Me = self(),
    [spawn(fun() -> Me ! Name end) || Name <- [a, b]],
    io:format("waits~n"),
    receive a -> ok; b -> exit(b_was_first) end.
