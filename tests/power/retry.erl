%% A request that is not answered in time is sent again, and done twice.
%% `fixed` numbers its requests.
-module(retry).
-export([main/0, fixed/0, server/3, client/3]).

main() -> run(plain).
fixed() -> run(numbered).

run(How) ->
    Server = spawn(?MODULE, server, [How, 0, []]),
    spawn(?MODULE, client, [self(), Server, 1]),
    receive ordered -> ok end,
    Server ! {count, self()},
    receive {count, N} -> 1 = N end.

client(Main, Server, Id) ->
    Server ! {order, self(), Id},
    receive {ok, Id} -> Main ! ordered
    after 150 -> client(Main, Server, Id)
    end.

server(How, N, Seen) ->
    receive
        {order, From, Id} ->
            From ! {ok, Id},
            case How =:= numbered andalso lists:member(Id, Seen) of
                true -> server(How, N, Seen);
                false -> server(How, N + 1, [Id | Seen])
            end;
        {count, From} -> From ! {count, N}, server(How, N, Seen)
    end.
