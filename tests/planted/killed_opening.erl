%% A process is killed while it opens a file: nobody has the file then, and it is closed.
-module(killed_opening).
-export([main/0, opener/0]).

main() ->
    {Opener, Monitor} = spawn_monitor(?MODULE, opener, []),
    exit(Opener, kill),
    receive {'DOWN', Monitor, process, Opener, _} -> ok end.

opener() ->
    {ok, File} = prim_file:open_nif(<<"/tmp/file", 0>>, [write]),
    ok = prim_file:close_nif(File).
