%% Says hello through the group leader.
-module(s_hello).
-export([main/0]).

main() ->
    io:format("hello ~s ~p~n", ["world", {1, <<"two">>, #{three => 3.0}}]),
    io:put_chars(<<"caf\x{e9} "/utf8>>),
    io:fwrite("~ts~n", [[16#20AC]]),
    io:nl().
