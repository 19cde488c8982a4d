%% A value is made once, by whoever finds the flag down; the flag goes up before
%% the value is there. `fixed` raises it afterwards.
-module(double_checked).
-export([main/0, fixed/0, user/3, lock/0]).

main() -> run(flag_first).
fixed() -> run(value_first).

run(How) ->
    Shared = ets:new(shared, [public]),
    Lock = spawn(?MODULE, lock, []),
    Users = [spawn_monitor(?MODULE, user, [How, Shared, Lock]) || _ <- [1, 2]],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Users],
    ok.

user(How, Shared, Lock) ->
    case ets:member(Shared, ready) of
        true -> ok;
        false ->
            Lock ! {take, self()}, receive {taken, Lock} -> ok end,
            ets:member(Shared, ready) orelse make(How, Shared),
            Lock ! {give, self()}
    end,
    [{value, 42}] = ets:lookup(Shared, value).

make(flag_first, Shared) -> ets:insert(Shared, {ready, true}), ets:insert(Shared, {value, 42});
make(value_first, Shared) -> ets:insert(Shared, {value, 42}), ets:insert(Shared, {ready, true}).

lock() ->
    receive {take, Who} -> Who ! {taken, self()}, held(Who) end.

held(Who) ->
    receive {give, Who} -> lock() end.
