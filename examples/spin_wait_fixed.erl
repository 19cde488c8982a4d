%% spin_wait, corrected: the helper waits for a message, which cannot come too early.
-module(spin_wait_fixed).
-export([main/0, helper/1]).

main() ->
    Table = ets:new(board, [public]),
    warpbeam:eventually(served),
    Helper = spawn(?MODULE, helper, [Table]),
    Helper ! wanted,
    wait(Table).

wait(Table) ->
    case ets:lookup(Table, ready) of
        [{ready, true}] ->
            warpbeam:eventually(true, served);
        [] ->
            receive after 10 -> wait(Table) end
    end.

helper(Table) ->
    receive
        wanted -> ets:insert(Table, {ready, true})
    end.
