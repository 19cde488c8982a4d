%% Processes that fill the machine's memory with messages and with rows end by themselves, and nobody else does.
-module(full).
-export([main/0, main/1]).

main(_) -> main().

main() ->
    Keeper = spawn(fun() -> receive never -> ok end end),
    say(ends(fun() -> link(Keeper), send(Keeper) end)),
    exit(Keeper, kill),
    say(ends(fun() -> insert(ets:new(rows, []), 0) end)),
    Large = binary:copy(<<"a">>, 20000000),
    Many = lists(40, Large),
    say(ends(fun() -> term_to_binary(Many) end)),
    say(ends(fun() -> unicode:characters_to_binary(Many, unicode) end)),
    say(ends(fun() -> binary:split(Large, <<"a">>, [global]) end)),
    say(ends(fun() -> erts_internal:atomics_new(100000000, 1) end)),
    say(ends(fun() -> exit(well) end)).

lists(N, Term) -> [Term || _ <- count(N, [])].

ends(Fun) ->
    {_, Ref} = spawn_monitor(Fun),
    receive {'DOWN', Ref, process, _, Reason} -> Reason end.

send(To) ->
    To ! count(100000, []),
    send(To).

insert(Table, N) ->
    ets:insert(Table, {N, count(100000, [])}),
    insert(Table, N + 1).

say(Term) ->
    erlang:display(Term).

count(0, List) -> List;
count(N, List) -> count(N - 1, [N | List]).
