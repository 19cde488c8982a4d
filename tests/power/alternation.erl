%% Two processes must take turns for the whole of their work: many changes of turn
%% in a short run, which an even choice finds and few changes of priority do not.
-module(alternation).
-export([main/0, player/3]).

-define(ROUNDS, 5).

main() ->
    [spawn(?MODULE, player, [self(), N, ?ROUNDS]) || N <- [1, 2]],
    Order = [receive {moved, N} -> N end || _ <- lists_of:upto(2 * ?ROUNDS)],
    true = changes(Order) < 2 * ?ROUNDS - 1.

changes([A, B | Rest]) when A =/= B -> 1 + changes([B | Rest]);
changes([_ | Rest]) -> changes(Rest);
changes([]) -> 0.

player(_, _, 0) -> ok;
player(Main, N, Left) -> Main ! {moved, N}, player(Main, N, Left - 1).
