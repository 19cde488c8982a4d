%% The corrected twin of late_reply: each question has its own reference.
%%
%% A reference is never made twice, so an answer that carries an old one cannot
%% match. It stays in the mailbox unread; a client that lives long would throw
%% such answers away now and then, or use an alias (monitor/3), which makes the
%% runtime drop them.
-module(late_reply_fixed).
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
    Question = make_ref(),
    Prices ! {ask, self(), Question, Article},
    receive
        {price, Question, Price} -> Price
    after 50 ->
        unknown
    end.

prices() ->
    receive
        {ask, From, Question, Article} ->
            Price = look_up(Article),
            From ! {price, Question, Price},
            prices()
    end.

look_up(lamp) -> database(40), 20;
look_up(piano) -> database(10), 9000.

database(LatencyMs) ->
    receive after LatencyMs -> ok end.
