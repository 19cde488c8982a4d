%% stale_read, corrected: one register, without a cache.
-module(stale_read_fixed).
-export([main/0, cell/1, writer/2, reader/2]).

main() ->
    Register = spawn(?MODULE, cell, [undefined]),
    Me = self(),
    spawn(?MODULE, writer, [Register, Me]),
    spawn(?MODULE, reader, [Register, Me]),
    spawn(?MODULE, reader, [Register, Me]),
    [receive done -> ok end || _ <- [writer, reader, reader]],
    ok.

writer(Register, Main) ->
    Id = warpbeam:invoke(register, {write, 1}),
    set(Register, 1),
    warpbeam:ok(Id, ok),
    Main ! done.

reader(Cell, Main) ->
    Id = warpbeam:invoke(register, read),
    warpbeam:ok(Id, fetch(Cell)),
    Main ! done.

set(Cell, Value) -> call(Cell, {set, Value}).
fetch(Cell) -> call(Cell, get).

call(Cell, Request) ->
    Ref = make_ref(),
    Cell ! {Request, self(), Ref},
    receive {Ref, Answer} -> Answer end.

cell(Value) ->
    receive
        {get, From, Ref} -> From ! {Ref, Value}, cell(Value);
        {{set, New}, From, Ref} -> From ! {Ref, ok}, cell(New)
    end.
