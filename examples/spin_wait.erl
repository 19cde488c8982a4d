%% main asks for something by a row in a table, and looks again and again whether it is there. The helper looks once whether
%% something is wanted. If it looks too early, main goes round for ever: its time limits always wake it, so nothing sees a deadlock.
-module(spin_wait).
-export([main/0, helper/1]).

main() ->
    Table = ets:new(board, [public]),
    warpbeam:eventually(served),
    spawn(?MODULE, helper, [Table]),
    ets:insert(Table, {wanted, true}),
    wait(Table).

wait(Table) ->
    case ets:lookup(Table, ready) of
        [{ready, true}] ->
            warpbeam:eventually(true, served);
        [] ->
            receive after 10 -> wait(Table) end
    end.

helper(Table) ->
    case ets:lookup(Table, wanted) of
        [{wanted, true}] -> ets:insert(Table, {ready, true});
        [] -> nothing_to_do
    end.
