%% Reads standard input: a line, some characters, the lines that are left, and what comes after the end.
-module(s_echo).
-export([main/0]).

main() ->
    io:format("~p~n", [io:get_line("name? ")]),
    io:format("~p~n", [io:get_chars("", 4)]),
    io:format("~p~n", [io:fread("", "~d ~a")]),
    lines(),
    io:format("~p~n", [io:get_line("")]),
    io:format("~p~n", [io:get_chars("", 1)]).

lines() ->
    case io:get_line("") of
        eof -> io:format("eof~n");
        Line -> io:format("line ~p~n", [Line]), lines()
    end.
