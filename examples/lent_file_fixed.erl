%% The corrected twin of `lent_file`: the loader is there until the parser has read.
-module(lent_file_fixed).
-export([main/0, load/1, parse/0]).

-define(SETTINGS, <<"/tmp/settings", 0>>).

main() ->
    {ok, File} = prim_file:open_nif(?SETTINGS, [write]),
    ok = prim_file:write_nif(File, [<<"port=80">>]),
    {Parser, Ref} = spawn_monitor(?MODULE, parse, []),
    spawn(?MODULE, load, [Parser]),
    receive {'DOWN', Ref, process, Parser, Reason} -> {parsed, 80} = Reason end.

load(Parser) ->
    Ref = monitor(process, Parser),
    {ok, File} = prim_file:open_nif(?SETTINGS, [read]),
    Parser ! {settings, File},
    _ = prim_file:read_info_nif(?SETTINGS, 1),
    receive {'DOWN', Ref, process, Parser, _} -> prim_file:close_nif(File) end.

parse() ->
    receive
        {settings, File} ->
            {ok, <<"port=", Port/binary>>} = prim_file:read_nif(File, 20),
            exit({parsed, binary_to_integer(Port)})
    end.
