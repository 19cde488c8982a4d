%% Of two processes that insert the same two new keys at once, one gets both.
-module(all_or_none).
-export([main/0, taker/2]).

main() ->
    Table = ets:new(seats, [public]),
    Monitors = [element(2, spawn_monitor(?MODULE, taker, [Table, Who])) || Who <- [ada, bob]],
    Answers = [receive {'DOWN', Monitor, process, _, Answer} -> Answer end || Monitor <- Monitors],
    [{window, Who}] = ets:lookup(Table, window),
    [{aisle, Who}] = ets:lookup(Table, aisle),
    Who = winner(Answers).

winner([{ada, true}, {bob, false}]) -> ada;
winner([{ada, false}, {bob, true}]) -> bob.

taker(Table, Who) ->
    exit({Who, ets:insert_new(Table, [{window, Who}, {aisle, Who}])}).
