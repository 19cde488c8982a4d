%% A late reply is taken for the next one.
%%
%% The shop asks the price server and waits for 50 ms at most. The answer that
%% comes after that is still put into the shop's mailbox. The next question
%% finds it there, and nothing in it says which question it answers.
%%
%% In production: under load, customers are shown the price of what they looked
%% at before, and from then on every answer is one behind.
%%
%% The order that fails: the server needs 40 ms for the lamp; it is slow to get
%% the processor, the shop's 50 ms are over first, the shop asks about the
%% piano, and then the lamp's price arrives.
%%
%% late_reply_fixed gives each question a reference, and the answer carries it.
-module(late_reply).
-export([main/0, prices/0]).

main() ->
    Prices = spawn(?MODULE, prices, []),
    check(lamp, 20, ask(Prices, lamp)),
    check(piano, 9000, ask(Prices, piano)),
    ok.

%% Not knowing a price is allowed, a wrong price is not.
check(_Article, _Price, unknown) -> ok;
check(_Article, Price, Price) -> ok;
check(Article, _Price, Wrong) -> error({wrong_price, Article, Wrong}).

ask(Prices, Article) ->
    Prices ! {ask, self(), Article},
    receive
        {price, Price} -> Price
    after 50 ->
        unknown
    end.

prices() ->
    receive
        {ask, From, Article} ->
            Price = look_up(Article),
            From ! {price, Price},
            prices()
    end.

look_up(lamp) -> database(40), 20;
look_up(piano) -> database(10), 9000.

database(LatencyMs) ->
    receive after LatencyMs -> ok end.
