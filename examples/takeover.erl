%% A store answers a write as soon as it has sent it to its backup on another host.
%%
%% In production: the link between the two goes away just then. The send has gone well, so the client hears `ok`; the backup
%% hears nothing any more and takes over, without a write that was acknowledged. The order that brings it out: the primary's
%% host is cut off before what it sends is there. (The hosts are addresses of the loopback, so that it runs anywhere.)
-module(takeover).
-export([main/0]).

-define(PRIMARY, {127, 0, 0, 1}).
-define(BACKUP, {127, 0, 0, 2}).
%% After that time without a word the backup takes over.
-define(SILENCE_MS, 2000).

main() ->
    Client = self(),
    Backup = spawn_link(fun() -> backup(Client) end),
    Port = receive {Backup, listens, P} -> P end,
    Primary = spawn_link(fun() -> primary(Port) end),
    Acknowledged = [Value || Value <- [1, 2], write(Primary, Value) =:= ok],
    Primary ! stop,
    receive
        {Backup, has, Values} -> [] = Acknowledged -- Values
    end.

write(Primary, Value) ->
    Primary ! {write, self(), Value},
    receive {Primary, Answer} -> Answer end.

primary(Port) ->
    case gen_tcp:connect(?BACKUP, Port, [binary, {active, false}, {ip, ?PRIMARY}], 1000) of
        {ok, Socket} -> primary_loop(Socket);
        {error, _} -> refusing()
    end.

primary_loop(Socket) ->
    receive
        {write, Client, Value} ->
            Client ! {self(), gen_tcp:send(Socket, <<Value>>)},
            primary_loop(Socket);
        stop ->
            gen_tcp:close(Socket)
    end.

refusing() ->
    receive
        {write, Client, _} -> Client ! {self(), unavailable}, refusing();
        stop -> ok
    end.

backup(Client) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, ?BACKUP}]),
    {ok, Port} = inet:port(Listener),
    Client ! {self(), listens, Port},
    case gen_tcp:accept(Listener, ?SILENCE_MS) of
        {ok, Socket} -> backup_loop(Client, Socket, []);
        {error, _} -> Client ! {self(), has, []}
    end.

backup_loop(Client, Socket, Values) ->
    case gen_tcp:recv(Socket, 1, ?SILENCE_MS) of
        {ok, <<Value>>} ->
            backup_loop(Client, Socket, [Value | Values]);
        {error, _} ->
            %% The primary has gone: the backup is the store now.
            Client ! {self(), has, Values}
    end.
