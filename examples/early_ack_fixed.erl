%% The corrected twin of `early_ack`: nobody is told of what is not on the disk, so that a crash takes away nothing that was
%% acknowledged.
-module(early_ack_fixed).
-export([main/0, recovered/0, log/2]).

main() ->
    {ok, Told} = file:open("/tmp/told", [write, raw]),
    Log = spawn_link(?MODULE, log, [self(), "/tmp/log"]),
    receive {Log, ready} -> ok end,
    [append(Entry, Log, Told) || Entry <- "ab"].

append(Entry, Log, Told) ->
    Log ! {append, self(), Entry},
    receive {appended, Entry} -> ok end,
    ok = file:write(Told, [Entry]),
    ok = file:datasync(Told).

log(Client, Name) ->
    {ok, Fd} = file:open(Name, [write, raw]),
    Client ! {self(), ready},
    serve(Fd).

serve(Fd) ->
    receive
        {append, Client, Entry} ->
            ok = file:write(Fd, [Entry]),
            ok = file:datasync(Fd),
            Client ! {appended, Entry},
            serve(Fd)
    end.

recovered() ->
    [] = found("/tmp/told") -- found("/tmp/log").

found(Name) ->
    case prim_file:read_file(Name) of
        {ok, Bytes} -> binary_to_list(Bytes);
        {error, enoent} -> []
    end.
