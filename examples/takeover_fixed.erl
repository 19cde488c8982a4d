%% As takeover, corrected: the primary answers when the backup has said that it has the write. Where it says nothing, the
%% client is told so, and the primary, which may be alone, takes no more writes. What was acknowledged is on both.
-module(takeover_fixed).
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
            case replicated(Socket, Value) of
                true -> Client ! {self(), ok}, primary_loop(Socket);
                false -> Client ! {self(), unavailable}, refusing()
            end;
        stop ->
            gen_tcp:close(Socket)
    end.

replicated(Socket, Value) ->
    gen_tcp:send(Socket, <<Value>>) =:= ok andalso gen_tcp:recv(Socket, 1, 1000) =:= {ok, <<Value>>}.

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
            _ = gen_tcp:send(Socket, <<Value>>),
            backup_loop(Client, Socket, [Value | Values]);
        {error, _} ->
            %% The primary has gone: the backup is the store now.
            Client ! {self(), has, Values}
    end.
