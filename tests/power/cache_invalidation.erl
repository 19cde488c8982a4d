%% A cache is filled from the store by whoever misses, and emptied by whoever
%% writes: an old value, read before the write, is put in after the emptying.
%% `fixed` writes through.
-module(cache_invalidation).
-export([main/0, fixed/0, reader/3, writer/3]).

main() -> run(empties).
fixed() -> run(through).

run(How) ->
    Store = ets:new(store, [public]),
    Cache = ets:new(cache, [public]),
    ets:insert(Store, {key, old}),
    All = [spawn_monitor(?MODULE, F, [How, Store, Cache]) || F <- [reader, writer]],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- All],
    new = look(How, Store, Cache).

look(How, Store, Cache) ->
    case ets:lookup(Cache, key) of
        [{key, Value}] -> Value;
        [] ->
            [{key, Value}] = ets:lookup(Store, key),
            _ = How =:= empties andalso ets:insert(Cache, {key, Value}),
            Value
    end.

reader(How, Store, Cache) -> look(How, Store, Cache).

writer(How, Store, Cache) ->
    ets:insert(Store, {key, new}),
    case How of
        empties -> ets:delete(Cache, key);
        through -> ets:insert(Cache, {key, new})
    end.
