%% A log that answers before what it was given is on the disk: it syncs afterwards. When the machine loses its power in between,
%% a client has been told that its entry is safe, and the entry is gone. Fast storage hides it for years, since the gap is short.
%%
%% The client notes, on the same disk and synced, what it was told; after the crash the log must hold all of that.
%%
%%   warpbeam explore examples/early_ack.beam --faults crash --after-crash recovered
-module(early_ack).
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
            Client ! {appended, Entry},
            ok = file:datasync(Fd),
            serve(Fd)
    end.

recovered() ->
    [] = found("/tmp/told") -- found("/tmp/log").

found(Name) ->
    case prim_file:read_file(Name) of
        {ok, Bytes} -> binary_to_list(Bytes);
        {error, enoent} -> []
    end.
