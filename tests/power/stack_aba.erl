%% A stack of cells with a compare-and-swap of its top: a cell that was popped
%% and pushed again looks as if nothing had happened (ABA). `fixed` counts pushes.
-module(stack_aba).
-export([main/0, fixed/0, slow/3, quick/3]).

main() -> run(0).
fixed() -> run(1).

%% 1: the top, with a count of changes in its upper part; 1 + N: the cell under N.
run(Step) ->
    Stack = erts_internal:atomics_new(4, 1),
    [push(Stack, N, Step) || N <- [3, 2, 1]],
    Two = [spawn_monitor(?MODULE, F, [self(), Stack, Step]) || F <- [quick, slow]],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Two],
    Taken = [receive {took, N} -> N end || _ <- [1, 2]],
    [1, 2, 3] = lists_of:sort(Taken ++ drain(Stack, Step)).

drain(Stack, Step) ->
    case pop(Stack, Step) of
        0 -> [];
        N -> [N | drain(Stack, Step)]
    end.

slow(Main, Stack, Step) -> Main ! {took, pop(Stack, Step)}.

quick(Main, Stack, Step) ->
    First = pop(Stack, Step),
    Second = pop(Stack, Step),
    push(Stack, First, Step),
    Main ! {took, Second}.

pop(Stack, Step) ->
    Top = atomics:get(Stack, 1),
    case Top band 15 of
        0 -> 0;
        N ->
            Next = atomics:get(Stack, 1 + N),
            case atomics:compare_exchange(Stack, 1, Top, ((Top bsr 4 + Step) bsl 4) bor Next) of
                ok -> N;
                _ -> pop(Stack, Step)
            end
    end.

push(Stack, N, Step) ->
    Top = atomics:get(Stack, 1),
    atomics:put(Stack, 1 + N, Top band 15),
    case atomics:compare_exchange(Stack, 1, Top, ((Top bsr 4 + Step) bsl 4) bor N) of
        ok -> ok;
        _ -> push(Stack, N, Step)
    end.
