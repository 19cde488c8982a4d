%% One process guards a value by one lock, the others by another.
%% After wronglock_N of SCTBench.
-module(wronglock).
-export([main/0, many/0, fixed/0, lock/0, careful/3, wrong/3]).

main() -> run(1, wrong).
many() -> run(4, wrong).
fixed() -> run(3, right).

run(Others, How) ->
    Data = ets:new(data, [public]),
    ets:insert(Data, {value, 0}),
    A = spawn(?MODULE, lock, []),
    B = case How of wrong -> spawn(?MODULE, lock, []); right -> A end,
    First = spawn_monitor(?MODULE, careful, [Data, A, 1]),
    Rest = [spawn_monitor(?MODULE, wrong, [Data, B, 1]) || _ <- lists_of:upto(Others)],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- [First | Rest]],
    ok.

careful(Data, Lock, By) ->
    Lock ! {take, self()}, receive {taken, Lock} -> ok end,
    Before = ets:lookup_element(Data, value, 2),
    ets:insert(Data, {value, Before + By}),
    After = ets:lookup_element(Data, value, 2),
    Lock ! {give, self()},
    After = Before + By.

wrong(Data, Lock, By) ->
    Lock ! {take, self()}, receive {taken, Lock} -> ok end,
    ets:update_counter(Data, value, By),
    Lock ! {give, self()}.

lock() ->
    receive {take, Who} -> Who ! {taken, self()}, held(Who) end.

held(Who) ->
    receive {give, Who} -> lock() end.
