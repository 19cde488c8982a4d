%% Two locks, taken in either order by two of four processes that mostly mind their
%% own business: a circle of two in a long run.
-module(two_rooms).
-export([main/0, fixed/0, lock/0, visitor/4, busy/2]).

main() -> run(crossed).
fixed() -> run(same).

run(How) ->
    A = spawn(?MODULE, lock, []),
    B = spawn(?MODULE, lock, []),
    Table = ets:new(table, [public]),
    Busy = [spawn_monitor(?MODULE, busy, [Table, 10]) || _ <- [1, 2]],
    One = spawn_monitor(?MODULE, visitor, [Table, A, B, 5]),
    receive after 10 -> ok end,
    {C, D} = case How of crossed -> {B, A}; same -> {A, B} end,
    Two = spawn_monitor(?MODULE, visitor, [Table, C, D, 5]),
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- [One, Two | Busy]],
    ok.

busy(_, 0) -> ok;
busy(Table, N) -> ets:insert(Table, {self(), N}), busy(Table, N - 1).

visitor(Table, First, Second, N) ->
    busy(Table, N),
    take(First), take(Second),
    give(First), give(Second),
    busy(Table, N).

lock() ->
    receive {take, Who} -> Who ! {taken, self()}, held(Who) end.

held(Who) ->
    receive {give, Who} -> lock() end.

take(Lock) -> Lock ! {take, self()}, receive {taken, Lock} -> ok end.
give(Lock) -> Lock ! {give, self()}.
