%% The corrected twin of ets_counter: the table does the arithmetic.
%%
%% ets:update_counter/4 reads, adds and writes in one step, and puts the default
%% in where the customer is new, so no other worker's count can come between.
-module(ets_counter_fixed).
-export([main/0, worker/3]).

main() ->
    Table = ets:new(requests, [public, {write_concurrency, true}]),
    true = ets:insert(Table, {limit, 100}),
    Workers = [start(Table, Customers) || Customers <- [[ada, bob], [bob, cy]]],
    [stopped(Worker) || Worker <- Workers],
    [{bob, Count}] = ets:lookup(Table, bob),
    case Count of
        2 -> ok;
        Wrong -> error({requests_not_counted, {bob, Wrong}})
    end.

start(Table, Customers) ->
    [{limit, Limit}] = ets:lookup(Table, limit),
    spawn_monitor(?MODULE, worker, [Table, Limit, Customers]).

stopped({Pid, Monitor}) ->
    receive {'DOWN', Monitor, process, Pid, normal} -> ok end.

worker(_Table, _Limit, []) ->
    ok;
worker(Table, Limit, [Customer | Rest]) ->
    true = count(Table, Customer) =< Limit,
    worker(Table, Limit, Rest).

count(Table, Customer) ->
    ets:update_counter(Table, Customer, 1, {Customer, 0}).
