%% The time limit of a receive does not begin again with each message.
%%
%% The noise of a neighbour does not count: after 50 ms the reply is late. In
%% idle time a process that can run is never slow.
-module(time_limit).
-export([main/0, neighbour/1]).

main() ->
    Neighbour = spawn(?MODULE, neighbour, [self()]),
    Neighbour ! visit,
    Start = erlang:monotonic_time(millisecond),
    late = receive reply -> in_time after 50 -> late end,
    50 = erlang:monotonic_time(millisecond) - Start,
    receive noise -> ok end.

%% Makes its noise at once if somebody is there already, otherwise in a while.
neighbour(Other) ->
    receive
        visit -> ok
    after 0 ->
        receive after 30 -> ok end
    end,
    Other ! noise.
