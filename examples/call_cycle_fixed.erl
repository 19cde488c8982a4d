%% The corrected twin of call_cycle: calls go one way only.
%%
%% `orders' may ask `stock'; `stock' never asks `orders'. The audit enters at
%% `orders', which adds what it knows to the question and passes it on without
%% waiting; `stock' answers the auditor. `stock' can always go on, so `orders'
%% can.
%%
%% The sum is right too: reservations and the audit travel from `orders' to
%% `stock' in the order of sending, so the shelf lacks just what is counted as open.
-module(call_cycle_fixed).
-export([main/0, orders/1, stock/1, auditor/1]).

main() ->
    register(orders, spawn(?MODULE, orders, [0])),
    register(stock, spawn(?MODULE, stock, [10])),
    spawn(?MODULE, auditor, [self()]),
    placed = call(orders, place),
    receive {audit, 10} -> ok end.

%% Goods on the shelf and goods in open orders must add up.
auditor(Office) ->
    Office ! {audit, call(orders, take_stock)}.

orders(Open) ->
    receive
        {call, From, Ref, place} ->
            ok = call(stock, reserve),
            From ! {Ref, placed},
            orders(Open + 1);
        {call, From, Ref, take_stock} ->
            stock ! {add_shelf, From, Ref, Open},
            orders(Open)
    end.

stock(Shelf) ->
    receive
        {call, From, Ref, reserve} ->
            From ! {Ref, ok},
            stock(Shelf - 1);
        {add_shelf, From, Ref, Open} ->
            From ! {Ref, Shelf + Open},
            stock(Shelf)
    end.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
