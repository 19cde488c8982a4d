%% A file that is closed while somebody else reads it: the reader gets bytes or an error, never another file's.
-module(shared_read).
-export([main/0, reader/2]).

main() ->
    ok = write(<<"/tmp/mine", 0>>, <<"mine">>),
    {ok, File} = prim_file:open_nif(<<"/tmp/mine", 0>>, [read]),
    {Reader, Monitor} = spawn_monitor(?MODULE, reader, [self(), File]),
    Reader ! go,
    ok = prim_file:close_nif(File),
    ok = write(<<"/tmp/other", 0>>, <<"other">>),
    receive {read, {ok, <<"mine">>}} -> ok; {read, {error, _}} -> ok end,
    receive {'DOWN', Monitor, process, Reader, normal} -> ok end.

reader(Parent, File) ->
    receive go -> ok end,
    Parent ! {read, prim_file:read_nif(File, 10)}.

write(Path, Bytes) ->
    {ok, File} = prim_file:open_nif(Path, [write]),
    ok = prim_file:write_nif(File, [Bytes]),
    prim_file:close_nif(File).
