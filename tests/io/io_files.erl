%% Files through OTP's `prim_file`, below `file`: what each operation gives, and whose descriptors are. What is printed is the
%% last line; everything before it is asserted.
-module(io_files).

-export([main/1]).

main([Directory]) ->
    File = Directory ++ "/io_files.data",
    Path = list_to_binary([File, 0]),
    content(File, Path),
    names(Directory, File),
    owner(Path),
    dropped(Path),
    ok = prim_file:delete(File),
    {error, enoent} = prim_file:delete(File),
    erlang:display(done).

content(File, Path) ->
    {error, enoent} = prim_file:read_file(File),
    {ok, Fd} = prim_file:open_nif(Path, [write]),
    ok = prim_file:write_nif(Fd, [<<"hello ">>, <<"world">>]),
    ok = prim_file:sync_nif(Fd, 1),
    ok = prim_file:close_nif(Fd),
    {error, einval} = prim_file:close_nif(Fd),
    {error, einval} = prim_file:write_nif(Fd, [<<"x">>]),
    {ok, <<"hello world">>} = prim_file:read_file(File),
    {ok, Read} = prim_file:open_nif(Path, [read]),
    {ok, <<"hel">>} = prim_file:read_nif(Read, 3),
    {ok, <<"wor">>} = prim_file:pread_nif(Read, 6, 3),
    {ok, <<"lo world">>} = prim_file:read_nif(Read, 30),
    eof = prim_file:read_nif(Read, 30),
    {ok, 1} = prim_file:seek_nif(Read, bof, 1),
    {ok, <<"e">>} = prim_file:read_nif(Read, 1),
    {error, ebadf} = prim_file:write_nif(Read, [<<"x">>]),
    ok = prim_file:close_nif(Read).

names(Directory, File) ->
    {ok, Info} = prim_file:read_file_info(File, [{time, posix}]),
    {11, regular, read_write} = {element(2, Info), element(3, Info), element(4, Info)},
    {ok, Names} = prim_file:list_dir(Directory),
    true = lists:member("io_files.data", Names),
    Made = Directory ++ "/io_files.dir",
    ok = prim_file:make_dir(Made),
    {error, eexist} = prim_file:make_dir(Made),
    ok = prim_file:rename(File, Made ++ "/moved"),
    {error, eexist} = prim_file:del_dir(Made),
    ok = prim_file:rename(Made ++ "/moved", File),
    ok = prim_file:del_dir(Made).

%% What a process owns is closed when it ends.
owner(Path) ->
    Me = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        {ok, Fd} = prim_file:open_nif(Path, [read]),
        Me ! {opened, Fd},
        receive stop -> ok end
    end),
    receive {opened, Fd} -> ok end,
    {ok, <<"h">>} = prim_file:read_nif(Fd, 1),
    Pid ! stop,
    receive {'DOWN', Monitor, process, Pid, normal} -> ok end,
    {error, einval} = prim_file:read_nif(Fd, 1).

%% What is dropped is closed when that is noticed: more are opened than there may be at once.
dropped(Path) ->
    lists:foreach(fun(_) -> {ok, _} = prim_file:open_nif(Path, [read]), garbage_collect() end, lists:seq(1, 30)).
