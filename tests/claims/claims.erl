%% What the module warpbeam does, called in many ways; sim/tests/claims.rs says what comes of each function.
-module(claims).
-compile([nowarn_export_all, export_all]).

%% Nothing here is broken; one claim of each kind is never met, and one of each is.
main() ->
    N = warpbeam:choose(3),
    warpbeam:sometimes(N =:= 3, third),
    warpbeam:sometimes(N > 3, "no fourth"),
    warpbeam:eventually(N =< 3, small),
    case N of
        2 -> warpbeam:reachable({second, 2});
        4 -> warpbeam:reachable(fourth);
        _ -> warpbeam:note(other)
    end.

%% Breaks a claim for one of the values, and is called by several names.
broken() ->
    case warpbeam:choose([fine, wrong]) of
        fine -> ok;
        wrong -> warpbeam:always(false, {balance, 17})
    end.

reached() ->
    warpbeam:choose(2) =:= 2 andalso warpbeam:unreachable(<<"second">>).

%% Broken at once: what threads make of it.
raises() ->
    try warpbeam:always(false, name)
    catch error:{warpbeam, always, name} -> ok
    end,
    try warpbeam:unreachable(name)
    catch error:{warpbeam, unreachable, name} -> ok
    end,
    ok = warpbeam:sometimes(false, name),
    ok = warpbeam:reachable(name),
    ok = warpbeam:eventually(name),
    ok = warpbeam:note(name),
    Id = warpbeam:invoke(nothing, at_all),
    ok = warpbeam:ok(Id, result),
    ok = warpbeam:failed(Id),
    refused(),
    true = lists:member(warpbeam:choose([a, b]), [a, b]),
    io_free_output().

io_free_output() ->
    erlang:display(all_as_it_should_be).

%% Bad arguments, everywhere.
refused() ->
    [begin
        error = try apply(warpbeam, Function, Arguments) of _ -> passed
            catch error:Reason when Reason =:= badarg; Reason =:= function_clause -> error
        end
    end || {Function, Arguments} <- [
        {always, [1, name]}, {sometimes, [yes, name]}, {eventually, [[], name]},
        {choose, [[]]}, {choose, [0]}, {choose, [-1]}, {choose, [a]}, {choose, [1.0]}]],
    ok.

%% Owed and never paid, though everybody ends.
unpaid() ->
    warpbeam:eventually(paid),
    warpbeam:eventually(false, paid),
    spawn(fun() -> warpbeam:choose(2) =:= 1 andalso warpbeam:eventually(true, paid) end),
    ok.

%% Owed while writes can fail, and tried again until it works.
patient() ->
    warpbeam:eventually(saved),
    {ok, File} = prim_file:open_nif(<<"/patient\0">>, [write]),
    save(File, fun save/2),
    warpbeam:eventually(true, saved).

%% The same, but once it has failed it is never tried again.
tired() ->
    warpbeam:eventually(saved),
    {ok, File} = prim_file:open_nif(<<"/tired\0">>, [write]),
    save(File, fun (_, _) -> endless() end),
    warpbeam:eventually(true, saved).

save(File, Else) ->
    case prim_file:write_nif(File, [<<"x">>]) of
        ok -> ok;
        {error, eio} -> Else(File, Else)
    end.

%% Two processes hand a token round for ever.
endless() ->
    Me = self(),
    Other = spawn(fun() -> pass(Me) end),
    Other ! token,
    pass(Other).

pass(To) ->
    receive token -> To ! token, pass(To) end.

%% Values of many digits.
large() ->
    N = warpbeam:choose(1000000007),
    true = N >= 1 andalso N =< 1000000007,
    warpbeam:note(N),
    exit({chosen, N}).

%% A history with a mistake of its writer.
no_model() ->
    warpbeam:invoke(stack, pop).

no_operation() ->
    warpbeam:invoke({queue, jobs}, {pop, 1}).

%% What failed had no effect, and what has no end may have had one.
open_ends() ->
    A = warpbeam:invoke({register, r}, {write, 1}),
    warpbeam:failed(A),
    _ = warpbeam:invoke({register, r}, {write, 2}),
    C = warpbeam:invoke({register, r}, read),
    warpbeam:ok(C, warpbeam:choose([2, undefined])).

%% The same, read wrongly.
failed_is_read() ->
    A = warpbeam:invoke({register, r}, {write, 1}),
    warpbeam:failed(A),
    C = warpbeam:invoke({register, r}, read),
    warpbeam:ok(C, 1).

%% Two messages come in some order; a judge may have a view of it.
order() ->
    Me = self(),
    [spawn(fun() -> Me ! N end) || N <- [1, 2]],
    [receive First -> First end, receive Second -> Second end].
