%% Calls of functions that are not there: what the module has for them, what the process has, and what is raised.
-module(s_handlers).
-export([main/0, '$handle_undefined_function'/2, undefined_function/3, undefined_lambda/3]).

main() ->
    say([?MODULE:missing(), ?MODULE:missing(1, two), apply(?MODULE, missing, [[list]]), (fun ?MODULE:missing/1)(x)]),
    say(raised(fun() -> no_such_module:f(1) end)),
    say(raised(fun() -> lists:no_such_function(1) end)),
    error_handler = process_flag(error_handler, ?MODULE),
    say([no_such_module:f(1, 2), lists:no_such_function(), (fun no_such_module:g/1)(y), lists:reverse([1, 2])]),
    ?MODULE = process_flag(error_handler, error_handler),
    say(raised(fun() -> error_handler:undefined_function(lists, no_such_function, [1]) end)),
    say(error_handler:undefined_function(lists, reverse, [[1, 2]])),
    %% Its arguments are kept by a collection on the way.
    say(length(lists:flatten(?MODULE:missing(lists:seq(1, 1000), lists:duplicate(1000, {a, "b"}))))),
    {ok, [[Home]]} = init:get_argument(home),
    say(Home =:= os:getenv("HOME")),
    Nobody = list_to_pid("<0.4000.0>"),
    Nobody ! hello,
    say([is_process_alive(Nobody), exit(Nobody, kill), process_info(Nobody)]).

'$handle_undefined_function'(missing, [_, Long | _] = Arguments) when is_list(Long) -> Arguments;
'$handle_undefined_function'(Function, Arguments) -> {handled, Function, Arguments}.

undefined_function(Module, Function, Arguments) -> {mine, Module, Function, Arguments}.
undefined_lambda(Module, Fun, Arguments) -> {mine, Module, Fun, Arguments}.

raised(Call) ->
    try Call()
    catch Class:Reason:Trace -> {Class, Reason, element(1, hd(Trace)), element(2, hd(Trace)), element(3, hd(Trace))}
    end.

say(What) -> io:format("~p~n", [What]).
