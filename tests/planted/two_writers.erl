%% Two processes write files of their own, perhaps at the same time.
-module(two_writers).
-export([main/0, writer/1]).

main() ->
    {Writer, Monitor} = spawn_monitor(?MODULE, writer, [<<"/tmp/one", 0>>]),
    Ended = receive {'DOWN', Monitor, process, Writer, normal} -> true after 10 -> false end,
    ok = writer(<<"/tmp/two", 0>>),
    Ended orelse receive {'DOWN', Monitor, process, Writer, normal} -> true end,
    ok.

writer(Path) ->
    {ok, File} = prim_file:open_nif(Path, [write]),
    ok = prim_file:write_nif(File, [<<"bytes">>]),
    ok = prim_file:close_nif(File).
