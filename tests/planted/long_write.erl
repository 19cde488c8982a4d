%% What was written is read again, whole.
-module(long_write).
-export([main/0]).

main() ->
    Bytes = <<"some bytes, not all of which may go at once">>,
    {ok, Out} = prim_file:open_nif(<<"/tmp/file", 0>>, [write]),
    ok = prim_file:write_nif(Out, [Bytes]),
    ok = prim_file:close_nif(Out),
    {ok, In} = prim_file:open_nif(<<"/tmp/file", 0>>, [read]),
    {ok, Bytes} = prim_file:read_nif(In, 100),
    ok = prim_file:close_nif(In).
