%% The corrected twin of `dropped_socket`: who waits for an answer keeps the socket, and closes it.
-module(dropped_socket_fixed).
-export([main/0, server/1, client/2, journal/0, wait/2]).

main() ->
    Journal = spawn(?MODULE, journal, []),
    spawn(?MODULE, server, [self()]),
    Address = receive {listens, A} -> A end,
    {Client, Ref} = spawn_monitor(?MODULE, client, [Address, Journal]),
    receive {'DOWN', Ref, process, Client, Reason} -> {answer, <<"pong">>} = Reason end.

server(Main) ->
    Listener = socket(),
    ok = warpbeam_native:bind(Listener, {{127, 0, 0, 1}, 0}),
    ok = warpbeam_native:listen(Listener, 5),
    {ok, Address} = warpbeam_native:socket_name(Listener, own),
    Main ! {listens, Address},
    Socket = warpbeam_native:descriptor(),
    ok = came(warpbeam_native:begin_accept(Listener, Socket)),
    {ok, <<"ping">>} = came(warpbeam_native:begin_receive(Socket, 4)),
    _ = warpbeam_native:try_send(Socket, <<"pong">>),
    %% It is there until the client has gone.
    _ = came(warpbeam_native:begin_receive(Socket, 4)).

client(Address, Journal) ->
    {Socket, Answer} = ask(Address, <<"ping">>),
    noted(Journal, asked),
    noted(Journal, waits),
    erlang:hibernate(?MODULE, wait, [Socket, Answer]).

ask(Address, Question) ->
    Socket = socket(),
    ok = came(warpbeam_native:begin_connect(Socket, Address)),
    _ = warpbeam_native:try_send(Socket, Question),
    {Socket, warpbeam_native:begin_receive(Socket, 4)}.

wait(Socket, Answer) ->
    Result = came(Answer),
    _ = prim_file:close_nif(Socket),
    case Result of
        {ok, Bytes} -> exit({answer, Bytes});
        Error -> exit(Error)
    end.

journal() ->
    receive
        {note, From, _} -> From ! {noted, self()}, journal()
    end.

noted(Journal, What) ->
    Journal ! {note, self(), What},
    receive {noted, Journal} -> ok end.

socket() ->
    Socket = warpbeam_native:descriptor(),
    ok = warpbeam_native:socket(Socket, inet, stream),
    Socket.

%% What an operation came to that was begun.
came(Operation) ->
    receive {warpbeam_io, Operation, Result} -> Result end.
