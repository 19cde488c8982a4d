%% A lost update in a shared table: looking up and inserting are two steps.
%%
%% Web workers count the requests of each customer in a public ETS table, to
%% stop those who ask too much. Each worker looks the count up, adds one and
%% inserts the sum. The table does each of these atomically, but not both
%% together: another worker's count can fall between and be overwritten.
%%
%% In production: customers get more requests than they pay for; the busier
%% the system, the more. No error, no log.
%%
%% The order that fails: both workers look up the same count before either of
%% them has inserted the new one.
%%
%% ets_counter_fixed counts with ets:update_counter/4, which is one step.
-module(ets_counter).
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
    Count =
        case ets:lookup(Table, Customer) of
            [] -> 1;
            [{Customer, Before}] -> Before + 1
        end,
    true = ets:insert(Table, {Customer, Count}),
    Count.
