%% A file that is closed while others read it, and opened anew: who has read what was asked for says so, and nobody reads
%% another file's bytes.
-module(read_by_two).
-export([main/0, reader/2]).

main() ->
    ok = write(<<"/tmp/mine", 0>>, <<"mine">>),
    {ok, File} = prim_file:open_nif(<<"/tmp/mine", 0>>, [read]),
    Readers = [spawn_monitor(?MODULE, reader, [File, 2]) || _ <- [1, 2]],
    receive after 5 -> ok end,
    ok = prim_file:close_nif(File),
    ok = write(<<"/tmp/other", 0>>, <<"other">>),
    [receive {'DOWN', Monitor, process, Reader, normal} -> ok end || {Reader, Monitor} <- Readers],
    ok.

reader(_File, 0) ->
    ok;
reader(File, Left) ->
    case prim_file:pread_nif(File, 0, 10) of
        {ok, <<"mine">>} -> reader(File, Left - 1);
        {error, _} -> ok
    end.

write(Path, Bytes) ->
    {ok, File} = prim_file:open_nif(Path, [write]),
    ok = prim_file:write_nif(File, [Bytes]),
    prim_file:close_nif(File).
