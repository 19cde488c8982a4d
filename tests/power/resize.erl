%% A table is moved to a larger one, row by row, while another process writes to
%% whichever it finds current. A row that is written between is lost.
-module(resize).
-export([main/0, fixed/0, writer/3, mover/2]).

main() -> run(racy).
fixed() -> run(after_move).

run(How) ->
    Old = ets:new(old, [public, ordered_set]),
    Root = ets:new(root, [public]),
    ets:insert(Root, {current, Old}),
    ets:insert(Old, [{1, a}, {2, b}]),
    Mover = spawn_monitor(?MODULE, mover, [Root, self()]),
    How =:= after_move andalso receive moved -> ok end,
    Writer = spawn_monitor(?MODULE, writer, [Root, 1, c]),
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- [Writer, Mover]],
    Now = ets:lookup_element(Root, current, 2),
    [{1, c}] = ets:lookup(Now, 1).

writer(Root, Key, Value) ->
    Table = ets:lookup_element(Root, current, 2),
    ets:insert(Table, {Key, Value}).

mover(Root, Main) ->
    Old = ets:lookup_element(Root, current, 2),
    New = ets:new(new, [public, ordered_set, {heir, Main, moved}]),
    [ets:insert(New, hd(ets:lookup(Old, K))) || K <- [1, 2]],
    ets:insert(Root, {current, New}),
    Main ! moved.
