%% Peterson's lock with its first two lines the wrong way round: the turn is given
%% away before the interest is shown. Both get in.
-module(peterson).
-export([main/0, fixed/0, visitor/4]).

main() -> run(turn_first).
fixed() -> run(flag_first).

run(How) ->
    Cells = erts_internal:atomics_new(4, 1),
    Two = [spawn_monitor(?MODULE, visitor, [How, Cells, Me, 3 - Me]) || Me <- [1, 2]],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Two],
    ok.

%% 1 and 2: interest, 3: the turn, 4: who is inside.
visitor(How, Cells, Me, Other) ->
    case How of
        turn_first -> atomics:put(Cells, 3, Other), atomics:put(Cells, Me, 1);
        flag_first -> atomics:put(Cells, Me, 1), atomics:put(Cells, 3, Other)
    end,
    enter(Cells, Other, 6) andalso begin
        1 = atomics:add_get(Cells, 4, 1),
        atomics:add(Cells, 4, -1)
    end,
    atomics:put(Cells, Me, 0).

enter(_, _, 0) -> false;
enter(Cells, Other, Tries) ->
    case atomics:get(Cells, Other) =:= 1 andalso atomics:get(Cells, 3) =:= Other of
        true -> erlang:yield(), enter(Cells, Other, Tries - 1);
        false -> true
    end.
