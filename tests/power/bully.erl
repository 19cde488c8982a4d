%% The bully's election: whoever hears of nobody greater within a time is the
%% leader. A slow greater node leaves two. `fixed` tells a leader of a greater one.
-module(bully).
-export([main/0, fixed/0, node/3]).

main() -> run(believes).
fixed() -> run(yields).

run(How) ->
    Nodes = [spawn(?MODULE, node, [self(), Id, How]) || Id <- [1, 2, 3]],
    [P ! {peers, lists_of:nthtail(I, Nodes)} || {I, P} <- lists_of:zip([1, 2, 3], Nodes)],
    Leaders = [Id || {Id, leader} <- [receive {outcome, Id, What} -> {Id, What} end || Id <- [1, 2, 3]]],
    [3] = Leaders.

node(Main, Id, How) ->
    Greater = receive {peers, G} -> G end,
    [P ! {election, self()} || P <- Greater],
    wait(Main, Id, Greater, How).

wait(Main, Id, [], _) -> Main ! {outcome, Id, leader}, serve();
wait(Main, Id, _, How) ->
    Limit = case How of believes -> 100; yields -> infinity end,
    receive
        {alive, _} -> Main ! {outcome, Id, follower}, serve();
        {election, From} -> From ! {alive, self()}, wait(Main, Id, [greater], How)
    after Limit -> Main ! {outcome, Id, leader}, serve()
    end.

serve() ->
    receive {election, From} -> From ! {alive, self()}, serve() end.
