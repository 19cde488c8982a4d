%% A client that tries again when it has waited too long: answers to what it has given up never reach it.
-module(third_try).
-export([main/0, server/0]).

main() ->
    Server = spawn(?MODULE, server, []),
    Answered = try_until(Server, 1, 5),
    Server ! {stop, self()},
    receive {stopped, Server} -> ok end,
    receive {_, {answer, Other}} -> error({answered_late, Other, Answered}) after 0 -> ok end.

try_until(Server, Nth, Last) ->
    Call = monitor(process, Server, [{alias, reply_demonitor}]),
    Server ! {ask, Call, Nth},
    receive {Call, {answer, Nth}} -> Nth
    after patience(Nth, Last) ->
        demonitor(Call, [flush]),
        receive {Call, {answer, Nth}} -> Nth after 0 -> try_until(Server, Nth + 1, Last) end
    end.

patience(Last, Last) -> infinity;
patience(_Nth, _Last) -> 5.

server() ->
    receive
        {ask, Call, Nth} ->
            Call ! {Call, {answer, Nth}},
            server();
        {stop, From} ->
            From ! {stopped, self()}
    end.
