%% Two processes close a file: one of them does, and the other is told that it is closed.
-module(closed_by_two).
-export([main/0, closer/1]).

main() ->
    {ok, File} = prim_file:open_nif(<<"/tmp/file", 0>>, [write]),
    {Closer, Monitor} = spawn_monitor(?MODULE, closer, [File]),
    Here = prim_file:close_nif(File),
    receive
        {'DOWN', Monitor, process, Closer, {closed, There}} ->
            true = (Here =:= ok) xor (There =:= ok)
    end,
    ok.

closer(File) ->
    receive after 10 -> ok end,
    exit({closed, prim_file:close_nif(File)}).
