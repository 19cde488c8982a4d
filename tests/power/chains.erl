%% Requests travel through chains of processes that are born on the way. One whole
%% chain has to be slower than the others: few chains, many processes.
-module(chains).
-export([main/0, fixed/0, hop/4]).

main() -> run(last).
fixed() -> run(any).

run(How) ->
    [spawn(?MODULE, hop, [self(), C, 6, How]) || C <- [1, 2, 3]],
    Order = [receive {through, C} -> C end || _ <- [1, 2, 3]],
    How =:= any orelse Order =/= [3, 2, 1] orelse error(backwards).

hop(Main, C, 0, _) -> Main ! {through, C};
hop(Main, C, Left, How) ->
    Next = spawn(?MODULE, hop, [Main, C, Left - 1, How]),
    Ref = monitor(process, Next),
    receive {'DOWN', Ref, process, _, _} -> ok end.
