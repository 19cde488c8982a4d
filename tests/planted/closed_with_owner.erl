%% A file is closed when its owner ends, whatever else is under way then.
-module(closed_with_owner).
-export([main/0, owner/1]).

main() ->
    {Owner, Monitor} = spawn_monitor(?MODULE, owner, [<<"/tmp/owned", 0>>]),
    Ended = receive {'DOWN', Monitor, process, Owner, normal} -> true after 10 -> false end,
    {ok, File} = prim_file:open_nif(<<"/tmp/file", 0>>, [write]),
    ok = prim_file:write_nif(File, [<<"bytes">>]),
    ok = prim_file:close_nif(File),
    Ended orelse receive {'DOWN', Monitor, process, Owner, normal} -> true end,
    ok.

owner(Path) ->
    {ok, _} = prim_file:open_nif(Path, [write]),
    ok.
