%% What is there when the program begins: a file, which is read, changed and read again, and a pipe.
-module(io_given).

-export([main/0]).

main() ->
    {ok, <<"as it is">>} = file:read_file("/files/inner/a"),
    Me = self(),
    [spawn_link(fun() -> ok = file:write_file("/files/inner/" ++ [C], [C]), Me ! C end) || C <- "ab"],
    [receive C -> ok end || C <- "ab"],
    {ok, <<"a">>} = file:read_file("/files/inner/a"),
    {ok, Names} = file:list_dir("/files/inner"),
    ["a", "b", "pipe"] = lists:sort(Names),
    {ok, Pipe} = file:open("/files/inner/pipe", [raw, read, write]),
    ok = file:write(Pipe, "through"),
    {ok, "through"} = file:read(Pipe, 7).
