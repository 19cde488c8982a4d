%% Two servers that call each other.
%%
%% To place an order, `orders' calls `stock'. To take stock, `stock' calls
%% `orders'. Each call waits for its answer and serves nobody meanwhile. If
%% both are under way at once, each server waits for the other for ever.
%%
%% In production: the shop stands still the one night on which somebody orders
%% while the inventory runs; with call timeouts both servers crash instead.
%%
%% The order that fails: `orders' has taken the customer's order but not yet
%% asked `stock'; the auditor's request reaches `stock' first; then `orders'
%% asks `stock', which is busy asking `orders'.
%%
%% call_cycle_fixed lets questions travel in one direction only.
-module(call_cycle).
-export([main/0, orders/1, stock/1, auditor/1]).

main() ->
    register(orders, spawn(?MODULE, orders, [0])),
    register(stock, spawn(?MODULE, stock, [10])),
    spawn(?MODULE, auditor, [self()]),
    placed = call(orders, place),
    receive {audit, 10} -> ok end.

%% Goods on the shelf and goods in open orders must add up.
auditor(Office) ->
    Office ! {audit, call(stock, take_stock)}.

orders(Open) ->
    receive
        {call, From, Ref, place} ->
            ok = call(stock, reserve),
            From ! {Ref, placed},
            orders(Open + 1);
        {call, From, Ref, open_orders} ->
            From ! {Ref, Open},
            orders(Open)
    end.

stock(Shelf) ->
    receive
        {call, From, Ref, reserve} ->
            From ! {Ref, ok},
            stock(Shelf - 1);
        {call, From, Ref, take_stock} ->
            Open = call(orders, open_orders),
            From ! {Ref, Shelf + Open},
            stock(Shelf)
    end.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
