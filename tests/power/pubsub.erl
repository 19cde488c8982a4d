%% A subscriber asks for the history and then subscribes; what is published
%% between is missed. `fixed` subscribes first.
-module(pubsub).
-export([main/0, fixed/0, topic/2, publisher/2, subscriber/3]).

main() -> run(history_first).
fixed() -> run(subscribe_first).

run(How) ->
    Topic = spawn(?MODULE, topic, [[], []]),
    spawn(?MODULE, publisher, [Topic, 3]),
    spawn(?MODULE, subscriber, [self(), Topic, How]),
    receive {seen, Seen} -> [1, 2, 3] = lists_of:usort(Seen) end.

topic(History, Subscribers) ->
    receive
        {publish, N} -> [S ! {news, N} || S <- Subscribers], topic([N | History], Subscribers);
        {history, From} -> From ! {history, History}, topic(History, Subscribers);
        {subscribe, From} -> From ! subscribed, topic(History, [From | Subscribers])
    end.

publisher(_, 0) -> ok;
publisher(Topic, N) -> Topic ! {publish, N}, publisher(Topic, N - 1).

subscriber(Main, Topic, How) ->
    case How of
        history_first ->
            History = history(Topic),
            Topic ! {subscribe, self()},
            receive subscribed -> ok end;
        subscribe_first ->
            Topic ! {subscribe, self()},
            receive subscribed -> ok end,
            History = history(Topic)
    end,
    Main ! {seen, collect(History)}.

history(Topic) -> Topic ! {history, self()}, receive {history, H} -> H end.

collect(Seen) ->
    case length(lists_of:usort(Seen)) of
        3 -> Seen;
        _ -> receive {news, N} -> collect([N | Seen]) after 5000 -> Seen end
    end.
