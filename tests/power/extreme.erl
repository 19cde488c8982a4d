%% Two processes add one three times each, in two steps. That most additions get lost
%% is known; that the sum can be 2 surprises everybody. Found only by the one order.
-module(extreme).
-export([main/0, adder/3]).

main() ->
    Cell = ets:new(cell, [public]),
    ets:insert(Cell, {n, 0}),
    Two = [spawn_monitor(?MODULE, adder, [Cell, N, 3]) || N <- [1, 2]],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- Two],
    true = ets:lookup_element(Cell, n, 2) > 2.

adder(_, _, 0) -> ok;
adder(Cell, N, Left) ->
    Value = ets:lookup_element(Cell, n, 2),
    ets:insert(Cell, {n, Value + 1}),
    adder(Cell, N, Left - 1).
