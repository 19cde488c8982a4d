%% A register with a cache beside it. A write changes the register and then the cache; one reader asks the register, another
%% one the cache. So the second may read the old value after the first has read the new one: no single register does that.
-module(stale_read).
-export([main/0, cell/1, writer/3, reader/2]).

main() ->
    Register = spawn(?MODULE, cell, [undefined]),
    Cache = spawn(?MODULE, cell, [undefined]),
    Me = self(),
    spawn(?MODULE, writer, [Register, Cache, Me]),
    spawn(?MODULE, reader, [Register, Me]),
    spawn(?MODULE, reader, [Cache, Me]),
    [receive done -> ok end || _ <- [writer, reader, reader]],
    ok.

writer(Register, Cache, Main) ->
    Id = warpbeam:invoke(register, {write, 1}),
    set(Register, 1),
    set(Cache, 1),
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
