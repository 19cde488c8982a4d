%% A timer that cannot be cancelled has sent its message.
-module(cancel_race).
-export([main/0, server/0]).

main() ->
    Server = spawn(?MODULE, server, []),
    Timer = erlang:start_timer(20, self(), tick),
    Server ! {ask, self(), Timer},
    receive {Timer, answer} -> ok end,
    case erlang:cancel_timer(Timer) of
        false ->
            receive {timeout, Timer, tick} -> ok end;
        Left when is_integer(Left) ->
            receive {timeout, Timer, tick} -> error(fired_and_cancelled) after 100 -> ok end
    end.

server() ->
    receive {ask, From, Tag} -> From ! {Tag, answer} end.
