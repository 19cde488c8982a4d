%% An heir that has been told of its table may write to it.
-module(heir_writes).
-export([main/0, owner/1]).

main() ->
    Owner = spawn(?MODULE, owner, [self()]),
    receive
        {'ETS-TRANSFER', Table, Owner, legacy} ->
            true = ets:insert(Table, {heir, self()}),
            [{owner, Owner}] = ets:lookup(Table, owner),
            ok
    end.

owner(Heir) ->
    Table = ets:new(estate, [{heir, Heir, legacy}]),
    true = ets:insert(Table, {owner, self()}).
