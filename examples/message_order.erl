%% Counting on the order of messages from two senders.
%%
%% The till tells the courier to pick the parcel up, then tells the customer that
%% the payment went through. The customer's page expects `paid' first and
%% `shipped' second. Erlang keeps the order of messages from one process to
%% another; it promises nothing about messages from two processes to a third.
%%
%% In production: the page crashes with a badmatch when the courier is quick,
%% most of all after the two have been put on different nodes.
%%
%% The order that fails: the till tells the courier; the courier tells the
%% customer `shipped'; only then the till tells the customer `paid'.
%%
%% message_order_fixed waits for each message by its content.
-module(message_order).
-export([main/0, courier/0, till/1]).

main() ->
    Courier = spawn(?MODULE, courier, []),
    Till = spawn(?MODULE, till, [Courier]),
    Till ! {pay, self(), 25},
    {paid, 25} = next_event(),
    {shipped, parcel} = next_event(),
    ok.

next_event() ->
    receive Event -> Event end.

till(Courier) ->
    receive
        {pay, Customer, Amount} ->
            Courier ! {pick_up, Customer, parcel},
            Customer ! {paid, Amount}
    end.

courier() ->
    receive
        {pick_up, Customer, Goods} ->
            Customer ! {shipped, Goods}
    end.
