%% Numbers are drawn by reading a cell and writing the next one. Three draw.
-module(id_allocator).
-export([main/0, fixed/0, client/3]).

main() -> run(steps).
fixed() -> run(atomic).

run(How) ->
    Cell = ets:new(cell, [public]),
    ets:insert(Cell, {next, 1}),
    Clients = [spawn(?MODULE, client, [How, self(), Cell]) || _ <- [1, 2, 3]],
    Ids = lists_of:append([receive {ids, C, L} -> L end || C <- Clients]),
    6 = length(lists_of:usort(Ids)).

client(How, Main, Cell) ->
    First = draw(How, Cell),
    Second = draw(How, Cell),
    Main ! {ids, self(), [First, Second]}.

draw(atomic, Cell) -> ets:update_counter(Cell, next, 1);
draw(steps, Cell) ->
    Id = ets:lookup_element(Cell, next, 2),
    ets:insert(Cell, {next, Id + 1}),
    Id.
