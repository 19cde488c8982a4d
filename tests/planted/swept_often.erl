%% A message that waits while others have the process's memory collected, now and then, is still there afterwards.
-module(swept_often).
-export([main/0, clerk/0, sweeper/1]).

main() ->
    Clerk = spawn(?MODULE, clerk, []),
    Sweepers = [spawn_monitor(?MODULE, sweeper, [Clerk]) || _ <- [1, 2, 3]],
    Clerk ! {note, self(), {price, 12, [50]}},
    Clerk ! next,
    receive {noted, {price, 12, [50]}} -> ok end,
    [receive {'DOWN', Monitor, process, Sweeper, normal} -> ok end || {Sweeper, Monitor} <- Sweepers],
    ok.

clerk() ->
    receive next -> ok end,
    receive {note, From, Price} -> From ! {noted, Price} end,
    clerk().

sweeper(Clerk) ->
    receive after 5 -> ok end,
    true = erlang:garbage_collect(Clerk).
