%% Files and directories by name, through OTP's `file`: what each call gives, a line each. The expected output is what `erl` 25
%% prints.
-module(f_names).

-export([main/1]).

-include_lib("kernel/include/file.hrl").

main([Directory]) ->
    ok = file:set_cwd(Directory),
    lists:foreach(fun show/1, whole() ++ directories() ++ links() ++ information() ++ strange_names()),
    lists:foreach(fun(Name) -> show({Name, fun() -> file:delete(Name) end}) end, ["a", "copy", "moved", "bin"]),
    show({left, fun() -> file:list_dir(".") end}).

show({Name, Call}) ->
    Result = try Call() catch Class:Reason -> {Class, Reason} end,
    io:format("~0p: ~0tp~n", [Name, Result]).

whole() ->
    [
        {none, fun() -> file:read_file("a") end},
        {write, fun() -> file:write_file("a", <<"hello">>) end},
        {read, fun() -> file:read_file("a") end},
        {write_list, fun() -> file:write_file("a", ["x", [$y, <<"z">>]]) end},
        {read, fun() -> file:read_file(<<"a">>) end},
        {read, fun() -> file:read_file(a) end},
        {read, fun() -> file:read_file(["a"]) end},
        {append, fun() -> file:write_file("a", "more", [append]) end},
        {read, fun() -> file:read_file("a") end},
        {exclusive, fun() -> file:write_file("a", "other", [exclusive]) end},
        {exclusive, fun() -> file:write_file("bin", [0, 255], [exclusive, raw]) end},
        {read, fun() -> file:read_file("bin") end},
        {sync, fun() -> file:write_file("bin", "sync", [sync]) end},
        {read_write, fun() -> file:write_file("bin", "SY", [read]) end},
        {read, fun() -> file:read_file("bin") end},
        {bad_data, fun() -> file:write_file("bin", [foo]) end},
        {bad_data, fun() -> file:write_file("bin", [256]) end},
        {read, fun() -> file:read_file("bin") end},
        {bad_mode, fun() -> file:write_file("bin", "", [foo]) end},
        {no_directory, fun() -> file:write_file("none/a", "") end},
        {read_directory, fun() -> file:read_file(".") end},
        {write_directory, fun() -> file:write_file(".", "") end},
        {under_file, fun() -> file:read_file("a/b") end},
        {empty, fun() -> file:read_file("") end},
        {bad_name, fun() -> file:read_file({a}) end},
        {bad_name, fun() -> file:read_file([foo | bar]) end},
        {zero, fun() -> file:read_file("a\0b") end},
        {long, fun() -> file:read_file(lists:duplicate(300, $a)) end},
        {large, fun() ->
            Large = binary:copy(<<"0123456789abcdef">>, 20000),
            ok = file:write_file("bin", Large),
            {ok, Read} = file:read_file("bin"),
            {byte_size(Read), Read =:= Large}
        end},
        {copy, fun() -> file:copy("a", "copy") end},
        {read, fun() -> file:read_file("copy") end},
        {copy_some, fun() -> file:copy("bin", "copy", 10) end},
        {read, fun() -> file:read_file("copy") end},
        {copy_none, fun() -> file:copy("none", "copy") end},
        {copy_append, fun() -> file:copy("a", {"copy", [append]}) end},
        {read, fun() -> file:read_file("copy") end},
        {rename, fun() -> file:rename("a", "moved") end},
        {rename_none, fun() -> file:rename("a", "moved") end},
        {rename_back, fun() -> file:rename("moved", "a") end},
        {rename_over, fun() -> file:copy("a", "moved"), file:rename("copy", "moved") end},
        {read, fun() -> file:read_file("moved") end},
        {rename_to_directory, fun() -> file:rename("a", ".") end},
        {delete_none, fun() -> file:delete("none") end},
        {delete_directory, fun() -> file:make_dir("d"), file:delete("d") end},
        {delete_under_file, fun() -> file:delete("a/b") end},
        {bad_delete, fun() -> file:delete(1) end}
    ].

directories() ->
    [
        {make, fun() -> file:make_dir("d") end},
        {make_under_none, fun() -> file:make_dir("none/d") end},
        {make_under_file, fun() -> file:make_dir("a/d") end},
        {make_empty, fun() -> file:make_dir("") end},
        {list, fun() -> names(".") end},
        {list_empty, fun() -> file:list_dir("d") end},
        {list_none, fun() -> file:list_dir("none") end},
        {list_file, fun() -> file:list_dir("a") end},
        {list_all, fun() -> {ok, Names} = file:list_dir_all("."), lists:sort(Names) end},
        {fill, fun() -> [file:write_file("d/" ++ [C], [C]) || C <- "zyx"] end},
        {list, fun() -> names("d") end},
        {delete_full, fun() -> file:del_dir("d") end},
        {rename_directory, fun() -> file:rename("d", "e") end},
        {rename_into_itself, fun() -> file:rename("e", "e/f") end},
        {rename_over_file, fun() -> file:rename("e", "a") end},
        {rename_file_over_directory, fun() -> file:rename("a", "e") end},
        {nested, fun() -> [file:make_dir(N) || N <- ["e/f", "e/f/g"]] end},
        {delete_file_as_directory, fun() -> file:del_dir("a") end},
        {delete_all, fun() -> file:del_dir_r("e") end},
        {delete_all_none, fun() -> file:del_dir_r("e") end},
        {delete_none, fun() -> file:del_dir("e") end},
        {cwd, fun() -> file:make_dir("w"), file:set_cwd("w"), {ok, D} = file:get_cwd(), filename:basename(D) end},
        {relative, fun() -> file:read_file("../a") end},
        {cwd_none, fun() -> file:set_cwd("none") end},
        {cwd_file, fun() -> file:set_cwd("../a") end},
        {cwd_bad, fun() -> file:set_cwd(foo) end},
        {cwd_back, fun() -> file:set_cwd("..") end},
        {delete, fun() -> file:del_dir("w") end}
    ].

names(Directory) ->
    case file:list_dir(Directory) of
        {ok, Names} -> {ok, lists:sort(Names)};
        Error -> Error
    end.

links() ->
    [
        {symlink, fun() -> file:make_symlink("a", "s") end},
        {again, fun() -> file:make_symlink("a", "s") end},
        {read_link, fun() -> file:read_link("s") end},
        {read_link_all, fun() -> file:read_link_all("s") end},
        {read_link_of_file, fun() -> file:read_link("a") end},
        {read_link_none, fun() -> file:read_link("none") end},
        {through, fun() -> file:read_file("s") end},
        {write_through, fun() -> file:write_file("s", "through") end},
        {read, fun() -> file:read_file("a") end},
        {type, fun() -> type(file:read_link_info("s")) end},
        {type_through, fun() -> type(file:read_file_info("s")) end},
        {dangling, fun() -> file:make_symlink("nowhere", "t"), file:read_file("t") end},
        {loop, fun() -> file:make_symlink("u", "u"), file:read_file("u") end},
        {hard, fun() -> file:make_link("a", "h") end},
        {hard_again, fun() -> file:make_link("a", "h") end},
        {hard_none, fun() -> file:make_link("none", "i") end},
        {links, fun() -> {ok, I} = file:read_file_info("a"), I#file_info.links end},
        {same, fun() ->
            {ok, I} = file:read_file_info("a"),
            {ok, J} = file:read_file_info("h"),
            I#file_info.inode =:= J#file_info.inode
        end},
        {write_hard, fun() -> file:write_file("h", "hard"), file:read_file("a") end},
        {delete, fun() -> [file:delete(N) || N <- ["s", "t", "u", "h"]] end}
    ].

type({ok, Info}) -> Info#file_info.type;
type(Error) -> Error.

information() ->
    [
        {info, fun() ->
            {ok, I} = file:read_file_info("a"),
            {I#file_info.size, I#file_info.type, I#file_info.access, I#file_info.links}
        end},
        {none, fun() -> file:read_file_info("none") end},
        {directory, fun() -> type(file:read_file_info(".")) end},
        {under_file, fun() -> file:read_file_info("a/b") end},
        {times, fun() ->
            Time = {{2020, 1, 2}, {3, 4, 5}},
            ok = file:write_file_info("a", #file_info{mtime = Time, atime = Time}, [{time, universal}]),
            {ok, I} = file:read_file_info("a", [{time, universal}]),
            {I#file_info.mtime, I#file_info.atime}
        end},
        {posix, fun() ->
            ok = file:write_file_info("a", #file_info{mtime = 1000000000, atime = 999}, [{time, posix}]),
            {ok, I} = file:read_file_info("a", [{time, posix}]),
            {I#file_info.mtime, I#file_info.atime}
        end},
        {raw, fun() -> {ok, I} = file:read_file_info("a", [raw, {time, posix}]), I#file_info.mtime end},
        {change_time, fun() -> file:change_time("a", {{2021, 1, 1}, {0, 0, 0}}) end},
        {mode, fun() ->
            ok = file:change_mode("a", 8#600),
            {ok, I} = file:read_file_info("a"),
            io_lib:format("~.8b", [I#file_info.mode])
        end},
        {modes, fun() ->
            R = [begin
                     Set = file:change_mode("a", Mode),
                     {ok, #file_info{mode = Is}} = file:read_file_info("a"),
                     {Set, Is band 8#7777}
                 end || Mode <- [8#640, 8#4711, 8#1777, -1, 8#600]],
            R
        end},
        {mode_none, fun() -> file:change_mode("none", 8#600) end},
        {write_info_none, fun() -> file:write_file_info("none", #file_info{mode = 8#600}) end},
        {bad_info, fun() -> file:write_file_info("a", foo) end}
    ].

%% Names that are not ASCII, as text and as bytes.
strange_names() ->
    [
        {unicode, fun() -> file:write_file("\x{e5}\x{3b1}", "u") end},
        {unicode, fun() -> file:read_file("\x{e5}\x{3b1}") end},
        {unicode, fun() -> file:read_file(<<"\x{e5}\x{3b1}"/utf8>>) end},
        {raw_name, fun() -> file:write_file(<<255, 254>>, "r") end},
        {raw_name, fun() -> file:read_file(<<255, 254>>) end},
        {list_all, fun() -> {ok, Names} = file:list_dir_all("."), lists:sort(Names) end},
        {delete, fun() -> [file:delete(N) || N <- ["\x{e5}\x{3b1}", <<255, 254>>]] end},
        {native, fun() -> {file:native_name_encoding(), filename:join(["a", "/b", "c"])} end}
    ].
