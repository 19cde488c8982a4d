%% A call takes out its own reply and leaves other messages in their order.
-module(call_among_news).
-export([main/0, server/0, newspaper/1, courier/1]).

main() ->
    Server = spawn(?MODULE, server, []),
    spawn(?MODULE, newspaper, [self()]),
    {42, [of_server]} = call(Server, answer),
    receive {news, monday, [first]} -> ok end,
    receive {news, tuesday, [second]} -> ok end.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {Request, self(), Ref},
    receive {Ref, Reply} -> Reply end.

server() ->
    receive {answer, From, Ref} -> From ! {Ref, {42, [of_server]}} end.

newspaper(Reader) ->
    spawn(?MODULE, courier, [Reader]).

courier(Reader) ->
    Reader ! {news, monday, [first]},
    Reader ! {news, tuesday, [second]}.
