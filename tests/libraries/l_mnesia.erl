%% A bank over OTP's database: transactions of several processes, one that gives up, an index, and what is selected.
-module(l_mnesia).
-export([main/0, race/0, transactions/0]).

-record(account, {id, balance}).

main() ->
    start(),
    Self = self(),
    Clients = [spawn_link(fun() -> Self ! {done, self(), in_transaction(N)} end) || N <- lists:seq(1, 10)],
    say([receive {done, Client, Result} -> Result end || Client <- Clients]),
    say(mnesia:transaction(fun() -> mnesia:read(account, 1) end)),
    GivesUp = fun() ->
        mnesia:write(#account{id = 2, balance = 0}),
        mnesia:abort(too_poor)
    end,
    say(mnesia:transaction(GivesUp)),
    say(mnesia:dirty_read(account, 2)),
    say(mnesia:add_table_index(account, balance)),
    say(lists:sort(mnesia:dirty_index_read(account, 100, balance))),
    say(lists:sort(mnesia:dirty_select(account, [{{account, '$1', '$2'}, [{'>', '$2', 100}], [['$1', '$2']]}]))),
    say(lists:sort(mnesia:system_info(tables))),
    say(mnesia:table_info(account, size)),
    say(mnesia:delete_table(account)),
    say(catch mnesia:dirty_read(account, 1)).

start() ->
    {ok, _} = application:ensure_all_started(mnesia),
    {atomic, ok} = mnesia:create_table(account, [{attributes, record_info(fields, account)}]),
    {atomic, ok} = mnesia:transaction(fun() -> [mnesia:write(#account{id = I, balance = 100}) || I <- [1, 2, 3]], ok end).

in_transaction(N) ->
    mnesia:transaction(fun() ->
        [#account{balance = Balance}] = mnesia:read(account, 1, write),
        mnesia:write(#account{id = 1, balance = Balance + N})
    end).

%% What is read and written without a transaction can be overtaken.
race() ->
    both(fun(N) ->
        [#account{balance = Balance}] = mnesia:dirty_read(account, 1),
        mnesia:dirty_write(#account{id = 1, balance = Balance + N})
    end).

transactions() ->
    both(fun in_transaction/1).

both(Pays) ->
    start(),
    Clients = [spawn_monitor(fun() -> Pays(N) end) || N <- [10, 20]],
    [receive {'DOWN', Monitor, process, Client, normal} -> ok end || {Client, Monitor} <- Clients],
    [#account{balance = 130}] = mnesia:dirty_read(account, 1).

say(What) -> io:format("~p~n", [What]).
