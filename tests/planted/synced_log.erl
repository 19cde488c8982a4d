%% A log whose lines are on the disk when they are acknowledged: in a second file, each of whose writes is synced, for who
%% looks after a crash.
-module(synced_log).
-export([main/0]).

main() ->
    Acknowledged = read(<<"/tmp/acknowledged", 0>>),
    Logged = read(<<"/tmp/log", 0>>),
    true = byte_size(Logged) >= byte_size(Acknowledged),
    {ok, Log} = prim_file:open_nif(<<"/tmp/log", 0>>, [write, append]),
    {ok, Told} = prim_file:open_nif(<<"/tmp/acknowledged", 0>>, [write, append, sync]),
    [line(Log, Told) || _ <- [1, 2]],
    ok = prim_file:close_nif(Log),
    ok = prim_file:close_nif(Told).

line(Log, Told) ->
    ok = prim_file:write_nif(Log, [<<"line">>]),
    ok = prim_file:sync_nif(Log, 1),
    ok = prim_file:write_nif(Told, [<<"line">>]).

read(Path) ->
    case prim_file:open_nif(Path, [read]) of
        {ok, File} ->
            Read = prim_file:read_nif(File, 100),
            ok = prim_file:close_nif(File),
            case Read of {ok, Bytes} -> Bytes; eof -> <<>> end;
        {error, enoent} ->
            <<>>
    end.
