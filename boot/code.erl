%% The code server's functions, over a code path that is fixed when the program starts.
%%
%% Source: the documentation of `code`. Modules are loaded when they are first called, which nobody can see; a module
%% that is on the path therefore counts as loaded. Loading a module of which there is old code purges that, as OTP's code
%% server does; a purge ends when those that it kills are gone. Directories cannot be added. Differs: where the
%% `on_load` function of a new version fails, the version before it is not current again.
-module(code).

-export([
    ensure_loaded/1,
    ensure_modules_loaded/1,
    load_file/1,
    load_abs/1,
    load_abs/2,
    load_binary/3,
    atomic_load/1,
    prepare_loading/1,
    finish_loading/1,
    module_status/0,
    rehash/0,
    clash/0,
    is_loaded/1,
    all_loaded/0,
    is_module_native/1,
    is_sticky/1,
    module_status/1,
    modified_modules/0,
    which/1,
    where_is_file/1,
    where_is_file/2,
    all_available/0,
    get_doc/1,
    get_object_code/1,
    module_md5/1,
    purge/1,
    purge_module/1,
    soft_purge/1,
    delete/1,
    get_path/0,
    set_path/1,
    set_path/2,
    add_path/1,
    add_path/2,
    add_patha/1,
    add_patha/2,
    add_pathz/1,
    add_pathz/2,
    add_paths/1,
    add_paths/2,
    add_pathsa/1,
    add_pathsa/2,
    add_pathsz/1,
    add_pathsz/2,
    del_path/1,
    del_paths/1,
    replace_path/2,
    replace_path/3,
    clear_cache/0,
    coverage_support/0,
    get_coverage_mode/0,
    root_dir/0,
    lib_dir/0,
    lib_dir/1,
    lib_dir/2,
    priv_dir/1,
    compiler_dir/0,
    get_mode/0,
    objfile_extension/0,
    stick_dir/1,
    unstick_dir/1,
    stick_mod/1,
    unstick_mod/1
]).

ensure_loaded(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        true -> {module, Module};
        false -> load_file(Module)
    end.

ensure_modules_loaded(Modules) ->
    case [{Module, nofile} || Module <- Modules, not erlang:module_loaded(Module)] of
        [] -> ok;
        Failed -> {error, Failed}
    end.

load_file(Module) when is_atom(Module) ->
    case get_object_code(Module) of
        {Module, Binary, File} -> load_binary(Module, File, Binary);
        error -> {error, nofile}
    end.

%% A file of an application that is on the code path.
load_abs(File) ->
    load_abs(File, list_to_atom(filename:basename(text(File)))).

load_abs(File, Module) when is_atom(Module) ->
    Path = text(File) ++ ".beam",
    case warpbeam_native:read_file(Path) of
        error -> load_written(Path, Module);
        Binary -> load_binary(Module, Path, Binary)
    end.

%% One that is not there as code, but as a file, which the program may have written.
load_written(Path, Module) ->
    case prim_file:read_file(Path) of
        {ok, Binary} -> load_binary(Module, Path, Binary);
        {error, _} -> {error, nofile}
    end.

%% All of these or none: what cannot be loaded is looked for first.
atomic_load(Modules) ->
    case prepare_loading(Modules) of
        {ok, Prepared} -> finish_loading(Prepared);
        {error, _} = Error -> Error
    end.

prepare_loading(Modules) when is_list(Modules) ->
    Found = [prepared(Module) || Module <- Modules],
    case [{Module, Why} || {error, Module, Why} <- Found] of
        [] -> {ok, {warpbeam_prepared, Found}};
        Failed -> {error, Failed}
    end.

prepared(Module) when is_atom(Module) ->
    case get_object_code(Module) of
        {Module, Binary, File} -> {Module, File, Binary};
        error -> {error, Module, nofile}
    end;
prepared({Module, File, Binary}) when is_atom(Module), is_list(File), is_binary(Binary) ->
    case beam_lib:info(Binary) of
        {error, beam_lib, _} -> {error, Module, badfile};
        Info ->
            case lists:keyfind(module, 1, Info) of
                {module, Module} -> {Module, File, Binary};
                _ -> {error, Module, badfile}
            end
    end.

finish_loading({warpbeam_prepared, Prepared}) ->
    Sticky = [{Module, sticky_directory} || {Module, _, _} <- Prepared, may_not_be_replaced(Module)],
    Old = [{Module, not_purged} || {Module, _, _} <- Prepared, erlang:check_old_code(Module)],
    case Sticky ++ Old of
        [] -> lists:foreach(fun({Module, File, Binary}) -> {module, Module} = load_binary(Module, File, Binary) end, Prepared);
        Failed -> {error, Failed}
    end.

load_binary(Module, File, Binary) when
    is_atom(Module), (is_list(File) orelse is_atom(File)), is_binary(Binary)
->
    case may_not_be_replaced(Module) of
        true -> {error, sticky_directory};
        false -> load(Module, unicode:characters_to_binary(text(File)), Binary)
    end.

load(Module, File, Binary) ->
    case warpbeam_native:load_code(Module, File, Binary) of
        ok ->
            started(Module);
        badfile ->
            {error, badfile};
        not_purged ->
            purge(Module),
            load(Module, File, Binary)
    end.

%% The call runs the module's `on_load` function.
started(Module) ->
    try Module:module_info(module) of
        Module -> {module, Module}
    catch
        error:undef ->
            delete(Module),
            purge(Module),
            {error, on_load_failure}
    end.

may_not_be_replaced(Module) ->
    case warpbeam_native:is_sticky(Module) of
        none -> belongs_to_otp(Module);
        Said -> Said
    end.

%% Whether the module is one that OTP does not let be replaced.
belongs_to_otp(Module) ->
    case which(Module) of
        preloaded ->
            warpbeam_native:object_code(Module) =:= error andalso warpbeam_native:file_given(Module) =:= none;
        File when is_list(File) ->
            lists:any(fun(Application) -> within(lib_dir(Application), File) end, [kernel, stdlib, compiler, erts]);
        non_existing ->
            false
    end.

within(Directory, File) when is_list(Directory) -> lists:prefix(Directory ++ "/", File);
within(_, _) -> false.

is_loaded(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        false -> false;
        true -> {file, which(Module)}
    end.

all_loaded() ->
    [{Module, which(Module)} || Module <- erlang:loaded()].

is_module_native(Module) ->
    case erlang:module_loaded(Module) of
        true -> false;
        false -> undefined
    end.

is_sticky(Module) when is_atom(Module) ->
    erlang:module_loaded(Module) andalso may_not_be_replaced(Module).

module_status(Module) ->
    case erlang:module_loaded(Module) of
        true -> loaded;
        false -> not_loaded
    end.

module_status() ->
    [{Module, module_status(Module)} || {Module, _} <- all_loaded()].

modified_modules() ->
    [].

rehash() -> ok.
clash() -> ok.

which(Module) when is_atom(Module) ->
    case warpbeam_native:file_given(Module) of
        none -> on_path(Module);
        File -> File
    end.

on_path(Module) ->
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
    where_is_file(get_path(), Name).

where_is_file(Path, Name) ->
    first([Directory ++ "/" ++ Name || Directory <- Path]).

%% The modules on the code path, as OTP 23 says them: name, file, whether it is loaded.
all_available() ->
    Files = [{Directory, Name} || Directory <- get_path(), Name <- names(Directory), is_code(Name)],
    Of = fun({Directory, Name}) ->
        Module = filename:basename(Name, ".beam"),
        {Module, Directory ++ "/" ++ Name, erlang:module_loaded(list_to_atom(Module))}
    end,
    lists:ukeysort(1, lists:map(Of, Files)).

names(Directory) ->
    case erl_prim_loader:list_dir(Directory) of
        {ok, Names} -> Names;
        error -> []
    end.

is_code(Name) ->
    filename:extension(Name) =:= ".beam".

%% What the module's own chunk says.
get_doc(Module) when is_atom(Module) ->
    case get_object_code(Module) of
        error ->
            {error, non_existing};
        {Module, Bytes, _} ->
            case beam_lib:chunks(Bytes, ["Docs"]) of
                {ok, {_, [{"Docs", Docs}]}} -> {ok, binary_to_term(Docs)};
                _ -> {error, missing}
            end
    end.

%% No code is measured.
coverage_support() -> false.
get_coverage_mode() -> none.

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

%% Whether a process had to be killed. The caller may be one.
purge(Module) when is_atom(Module) ->
    case erlang:check_old_code(Module) of
        false ->
            false;
        true ->
            Killed = kill_users(Module, false),
            Own = erlang:check_process_code(self(), Module),
            warpbeam_native:forget_old_code(Module),
            Own andalso exit(self(), kill),
            Killed
    end.

%% One that is about to be killed may have made another: until there is none.
kill_users(Module, Killed) ->
    case [Pid || Pid <- processes(), Pid =/= self(), erlang:check_process_code(Pid, Module)] of
        [] ->
            Killed;
        Users ->
            lists:foreach(fun kill/1, Users),
            kill_users(Module, true)
    end.

kill(Pid) ->
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive
        {'DOWN', Monitor, process, Pid, _} -> ok
    end.

%% What `erlang:purge_module/1` goes on in.
purge_module(Module) ->
    purge(Module),
    true.

soft_purge(Module) when is_atom(Module) ->
    case erlang:check_old_code(Module) of
        false ->
            true;
        true ->
            Unused = not lists:any(fun(Pid) -> erlang:check_process_code(Pid, Module) end, processes()),
            Unused andalso warpbeam_native:forget_old_code(Module),
            Unused
    end.

delete(Module) when is_atom(Module) ->
    try
        erlang:delete_module(Module) =:= true
    catch
        error:badarg -> false
    end.

get_path() ->
    warpbeam_native:code_path().

set_path(Path) when is_list(Path) ->
    case lists:all(fun is_directory/1, Path) of
        true -> path_is([text(Directory) || Directory <- Path]);
        false -> {error, bad_directory}
    end.

path_is(Path) ->
    warpbeam_native:set_code_path([unicode:characters_to_binary(Directory) || Directory <- Path]).

is_directory(Name) when is_list(Name); is_atom(Name) -> warpbeam_native:is_dir(text(Name));
is_directory(_) -> false.

%% The second argument, of OTP 26, says whether to remember a directory's names: they are remembered anyway.
add_path(Directory, _Cache) -> add_path(Directory).
add_patha(Directory, _Cache) -> add_patha(Directory).
add_pathz(Directory, _Cache) -> add_pathz(Directory).
add_paths(Directories, _Cache) -> add_paths(Directories).
add_pathsa(Directories, _Cache) -> add_pathsa(Directories).
add_pathsz(Directories, _Cache) -> add_pathsz(Directories).
set_path(Path, _Cache) -> set_path(Path).
replace_path(Name, Directory, _Cache) -> replace_path(Name, Directory).
clear_cache() -> ok.

add_path(Directory) -> add_pathz(Directory).

%% A directory that is there already is moved. Modules that the code path had before are found first nevertheless.
add_patha(Directory) when is_list(Directory) ->
    added(Directory, fun(Text) -> [Text | lists:delete(Text, get_path())] end).

%% One that is there already stays where it is.
add_pathz(Directory) when is_list(Directory) ->
    added(Directory, fun(Text) ->
        Path = get_path(),
        case lists:member(Text, Path) of
            true -> Path;
            false -> Path ++ [Text]
        end
    end).

added(Directory, With) ->
    case is_directory(Directory) of
        true -> path_is(With(without_slash(Directory)));
        false -> {error, bad_directory}
    end.

without_slash(Directory) ->
    case lists:reverse(Directory) of
        [$/ | Rest] when Rest =/= [] -> lists:reverse(Rest);
        _ -> Directory
    end.

add_paths(Directories) -> add_pathsz(Directories).
add_pathsa(Directories) when is_list(Directories) -> lists:foreach(fun add_patha/1, Directories).
add_pathsz(Directories) when is_list(Directories) -> lists:foreach(fun add_pathz/1, Directories).

%% A directory, or the name of an application.
del_path(Name) when is_list(Name); is_atom(Name) ->
    Path = get_path(),
    case lists:splitwith(fun(Directory) -> not is_meant(Name, Directory) end, Path) of
        {_, []} -> false;
        {Before, [_ | Behind]} -> path_is(Before ++ Behind)
    end.

del_paths(Names) -> lists:foreach(fun del_path/1, Names).

replace_path(Name, Directory) when (is_atom(Name) orelse is_list(Name)), is_list(Directory) ->
    Path = get_path(),
    case is_directory(Directory) andalso lists:any(fun({_, Base}) -> names(text(Name), Base) end, application(Directory)) of
        true ->
            {Before, Behind} = lists:splitwith(fun(Other) -> not is_meant(Name, Other) end, Path),
            path_is(Before ++ [Directory | lists:nthtail(min(1, length(Behind)), Behind)]);
        false ->
            {error, bad_name}
    end.

%% Whether a directory of the code path is the one named, or that of the application.
is_meant(Name, Directory) ->
    text(Name) =:= Directory orelse lists:any(fun({_, Base}) -> names(text(Name), Base) end, application(Directory)).

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
stick_dir(Directory) -> of_directory(Directory, fun stick_mod/1).
unstick_dir(Directory) -> of_directory(Directory, fun unstick_mod/1).
stick_mod(Module) -> warpbeam_native:set_sticky(Module, true).
unstick_mod(Module) -> warpbeam_native:set_sticky(Module, false).

of_directory(Directory, Do) ->
    case is_directory(Directory) of
        true -> lists:foreach(Do, [list_to_atom(filename:basename(Name, ".beam")) || Name <- names(text(Directory)), is_code(Name)]);
        false -> error
    end.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) when is_binary(Name) -> unicode:characters_to_list(Name);
text(Name) -> Name.
