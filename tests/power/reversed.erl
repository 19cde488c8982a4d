%% Five processes send one message each; only the reverse of the order of their births
%% is wrong.
-module(reversed).
-export([main/0, sender/2]).

main() ->
    [spawn(?MODULE, sender, [self(), N]) || N <- [1, 2, 3, 4, 5]],
    Order = [receive {number, N} -> N end || _ <- [1, 2, 3, 4, 5]],
    true = Order =/= [5, 4, 3, 2, 1].

sender(Main, N) -> Main ! {number, N}.
