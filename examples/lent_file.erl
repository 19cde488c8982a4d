%% A file is read by a process that does not own it. An open file is closed when its owner ends, whoever else holds it; a read that
%% is under way then comes back with an error, and one that begins later finds it closed. The owner here is a loader that hands on
%% what it has opened, and is done. (The natives below `file`, which has raw files read by their owners alone for this reason.)
%%
%%   warpbeam explore examples/lent_file.beam
-module(lent_file).
-export([main/0, load/1, parse/0]).

-define(SETTINGS, <<"/tmp/settings", 0>>).

main() ->
    {ok, File} = prim_file:open_nif(?SETTINGS, [write]),
    ok = prim_file:write_nif(File, [<<"port=80">>]),
    {Parser, Ref} = spawn_monitor(?MODULE, parse, []),
    spawn(?MODULE, load, [Parser]),
    receive {'DOWN', Ref, process, Parser, Reason} -> {parsed, 80} = Reason end.

load(Parser) ->
    {ok, File} = prim_file:open_nif(?SETTINGS, [read]),
    Parser ! {settings, File},
    %% It looks whether there is a newer one.
    _ = prim_file:read_info_nif(?SETTINGS, 1).

parse() ->
    receive
        {settings, File} ->
            {ok, <<"port=", Port/binary>>} = prim_file:read_nif(File, 20),
            exit({parsed, binary_to_integer(Port)})
    end.
