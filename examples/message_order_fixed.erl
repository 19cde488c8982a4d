%% The corrected twin of message_order: selective receive.
%%
%% The page waits for `paid' and leaves `shipped' in the mailbox should it be
%% there first; then it waits for `shipped'. Either order of arrival will do.
-module(message_order_fixed).
-export([main/0, courier/0, till/1]).

main() ->
    Courier = spawn(?MODULE, courier, []),
    Till = spawn(?MODULE, till, [Courier]),
    Till ! {pay, self(), 25},
    receive {paid, 25} -> ok end,
    receive {shipped, parcel} -> ok end.

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
