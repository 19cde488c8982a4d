%% The code path changes, and modules that may not be replaced are replaced after all.
-module(s_path).
-export([main/0]).

-define(ADDED, "../conform").
-define(MODULE_THERE, c_extra).

main() ->
    say([code:which(?MODULE_THERE), catch_undef()]),
    say([code:add_patha("no_such_directory"), code:add_pathz("no_such_directory"), code:set_path(["no_such_directory"])]),
    say([code:add_patha(?ADDED), place(), code:add_pathz(?ADDED), place(), code:del_path(?ADDED), place()]),
    say([code:add_pathz(?ADDED ++ "/"), place(), code:add_patha(?ADDED), place(), code:del_path("no_such_directory")]),
    say([code:which(?MODULE_THERE), ?MODULE_THERE:module_info(module), base(code:is_loaded(?MODULE_THERE)), code:where_is_file("c_extra.beam")]),
    say([code:delete(?MODULE_THERE), code:purge(?MODULE_THERE), code:is_loaded(?MODULE_THERE), code:load_file(?MODULE_THERE)]),
    {?MODULE_THERE, Bytes, File} = code:get_object_code(?MODULE_THERE),
    say([is_binary(Bytes), filename:basename(File)]),
    Path = code:get_path(),
    say([code:set_path([?ADDED]), code:get_path(), code:set_path(Path), code:get_path() =:= Path]),
    say([code:add_paths(["no_such_directory", "."]), code:add_pathsa([?ADDED, "../claims"]), lists:sublist(code:get_path(), 2)]),
    say([code:del_path(no_such_application), code:replace_path(kernel, "no_such_directory"), code:lib_dir(no_such_application)]),
    sticky(),
    loaded_without_a_file().

sticky() ->
    Sticky = [code:is_sticky(Module) || Module <- [lists, erlang, ?MODULE, no_such_module]],
    say([code:unstick_mod(maps), code:is_sticky(maps), code:stick_mod(maps), code:is_sticky(maps), Sticky]),
    code:unstick_mod(queue),
    {queue, Code, File} = code:get_object_code(queue),
    say([code:load_binary(queue, File, Code), code:is_sticky(queue), queue:len(queue:new())]),
    Directory = filename:dirname(code:which(lists)),
    say([code:unstick_dir(Directory), code:is_sticky(lists), code:stick_dir(Directory), code:is_sticky(lists)]),
    say([code:unstick_dir("no_such_directory"), code:stick_dir("no_such_directory")]).

%% Code that was made by the program. It may be replaced, twice too.
loaded_without_a_file() ->
    [say([code:load_binary(made, "", made(N)), code:is_loaded(made), code:which(made), made:f(), lists:sort(made:module_info(exports))]) || N <- [1, 2, 3]].

made(N) ->
    Clause = {clause, 1, [], [], [{integer, 1, N}]},
    Forms = [{attribute, 1, module, made}, {attribute, 1, export, [{f, 0}]}, {function, 1, f, 0, [Clause]}],
    {ok, made, Binary} = compile:forms(Forms, []),
    Binary.

catch_undef() ->
    try ?MODULE_THERE:module_info(module)
    catch error:undef -> undef
    end.

place() ->
    case code:get_path() of
        [?ADDED | _] -> first;
        Path ->
            case {lists:last(Path), lists:member(?ADDED, Path)} of
                {?ADDED, _} -> last;
                {_, Is} -> Is
            end
    end.

say(What) -> io:format("~p~n", [What]).

base({file, File}) -> filename:basename(File).
