%% The code server's functions, over a code path that is fixed when the program starts.
%%
%% Source: the documentation of `code`. Modules are loaded when they are first called, which nobody can see; a module
%% that is on the path therefore counts as loaded. Code is never replaced while a program runs: there is no old code to
%% purge, and directories cannot be added.
-module(code).

-export([
    ensure_loaded/1,
    ensure_modules_loaded/1,
    load_file/1,
    load_abs/1,
    load_binary/3,
    is_loaded/1,
    all_loaded/0,
    is_module_native/1,
    is_sticky/1,
    module_status/1,
    modified_modules/0,
    which/1,
    where_is_file/1,
    get_object_code/1,
    module_md5/1,
    purge/1,
    soft_purge/1,
    delete/1,
    get_path/0,
    set_path/1,
    add_path/1,
    add_patha/1,
    add_pathz/1,
    add_paths/1,
    add_pathsa/1,
    add_pathsz/1,
    del_path/1,
    replace_path/2,
    root_dir/0,
    lib_dir/0,
    lib_dir/1,
    lib_dir/2,
    priv_dir/1,
    compiler_dir/0,
    get_mode/0,
    objfile_extension/0,
    stick_dir/1,
    unstick_dir/1
]).

ensure_loaded(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        true -> {module, Module};
        false -> {error, nofile}
    end.

ensure_modules_loaded(Modules) ->
    case [{Module, nofile} || Module <- Modules, not erlang:module_loaded(Module)] of
        [] -> ok;
        Failed -> {error, Failed}
    end.

load_file(Module) ->
    ensure_loaded(Module).

load_abs(_File) ->
    {error, nofile}.

%% The module that is there already can be loaded again, and no other.
load_binary(Module, _File, Binary) when is_atom(Module), is_binary(Binary) ->
    case get_object_code(Module) of
        {Module, Binary, _} -> {module, Module};
        _ -> {error, badfile}
    end.

is_loaded(Module) when is_atom(Module) ->
    case which(Module) of
        non_existing -> false;
        File -> {file, File}
    end.

all_loaded() ->
    [{Module, which(Module)} || Module <- erlang:loaded()].

is_module_native(Module) ->
    case erlang:module_loaded(Module) of
        true -> false;
        false -> undefined
    end.

is_sticky(_Module) ->
    false.

module_status(Module) ->
    case erlang:module_loaded(Module) of
        true -> loaded;
        false -> not_loaded
    end.

modified_modules() ->
    [].

which(Module) when is_atom(Module) ->
    case warpbeam_native:code_file(Module) of
        none ->
            case erlang:module_loaded(Module) of
                true -> preloaded;
                false -> non_existing
            end;
        File ->
            File
    end.

where_is_file(Name) ->
    first([Directory ++ "/" ++ Name || Directory <- get_path()]).

first([File | Rest]) ->
    case warpbeam_native:read_file(File) of
        error -> first(Rest);
        _ -> File
    end;
first([]) ->
    non_existing.

get_object_code(Module) when is_atom(Module) ->
    case warpbeam_native:object_code(Module) of
        error ->
            error;
        Bytes ->
            File = case which(Module) of
                Path when is_list(Path) -> Path;
                _ -> atom_to_list(Module) ++ ".beam"
            end,
            {Module, Bytes, File}
    end.

module_md5(Binary) ->
    case beam_lib:md5(Binary) of
        {ok, {_, Md5}} -> Md5;
        _ -> undefined
    end.

purge(Module) when is_atom(Module) -> false.
soft_purge(Module) when is_atom(Module) -> true.
delete(Module) when is_atom(Module) -> false.

get_path() ->
    warpbeam_native:code_path().

set_path(_Path) ->
    {error, bad_path}.

add_path(Directory) -> add_pathz(Directory).

add_patha(Directory) -> add_pathz(Directory).

%% A directory that is there already stays where it is.
add_pathz(Directory) ->
    case lists:member(text(Directory), get_path()) of
        true -> true;
        false -> {error, bad_directory}
    end.

add_paths(_) -> ok.
add_pathsa(_) -> ok.
add_pathsz(_) -> ok.

del_path(_Name) -> false.
replace_path(_Name, _Directory) -> {error, bad_name}.

root_dir() ->
    warpbeam_native:root_dir().

lib_dir() ->
    root_dir() ++ "/lib".

lib_dir(Application) ->
    Name = text(Application),
    Found = [Directory || Path <- get_path(), {Directory, Base} <- application(Path), names(Name, Base)],
    case Found of
        [Directory | _] -> Directory;
        [] -> {error, bad_name}
    end.

lib_dir(Application, Part) ->
    case lib_dir(Application) of
        {error, _} = Error -> Error;
        Directory -> Directory ++ "/" ++ text(Part)
    end.

priv_dir(Application) ->
    lib_dir(Application, priv).

compiler_dir() ->
    lib_dir(compiler).

%% The directory above an `ebin`, and its own name.
application(Path) ->
    case lists:reverse(Path) of
        "nibe/" ++ Reversed ->
            Base = lists:takewhile(fun(Char) -> Char =/= $/ end, Reversed),
            [{lists:reverse(Reversed), lists:reverse(Base)}];
        _ ->
            []
    end.

%% Whether a directory's name is the application's, with or without a version.
names(Name, Name) -> true;
names(Name, Base) -> lists:prefix(Name ++ "-", Base).

get_mode() -> interactive.
objfile_extension() -> ".beam".
stick_dir(_Directory) -> ok.
unstick_dir(_Directory) -> ok.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) when is_binary(Name) -> unicode:characters_to_list(Name);
text(Name) -> Name.
