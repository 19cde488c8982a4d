%% Nodes hand a token round by cells of a table; a slow node takes the token for
%% lost and makes another. `fixed` never makes one.
-module(token_ring).
-export([main/0, fixed/0, node/5]).

main() -> run(60).
fixed() -> run(infinity).

run(Limit) ->
    Shared = ets:new(shared, [public]),
    ets:insert(Shared, {inside, 0}),
    Nodes = [spawn(?MODULE, node, [self(), Shared, Id, Limit, 2]) || Id <- [1, 2, 3]],
    [P ! {next, N} || {P, N} <- lists_of:zip(Nodes, tl(Nodes) ++ [hd(Nodes)])],
    hd(Nodes) ! token,
    [receive {done, P, Most} -> 1 = Most end || P <- Nodes],
    ok.

node(Main, Shared, Id, Limit, Rounds) ->
    Next = receive {next, N} -> N end,
    turn(Main, Shared, Id, Limit, Next, Rounds, 1).

turn(Main, _, _, _, _, 0, Most) -> Main ! {done, self(), Most};
turn(Main, Shared, Id, Limit, Next, Rounds, Most) ->
    receive token -> ok after Limit -> ok end,
    Inside = ets:update_counter(Shared, inside, 1),
    ets:update_counter(Shared, inside, -1),
    Next ! token,
    turn(Main, Shared, Id, Limit, Next, Rounds - 1, max(Most, Inside)).
