%% A work-stealing queue without a lock: the owner lowers the tail and looks at
%% the head, the thief raises the head and looks at the tail, each too early.
%% The last item can be taken by both. After WorkStealQueue of SCTBench.
-module(work_stealing).
-export([main/0, fixed/0, owner/3, thief/3]).

main() -> run(racy).
fixed() -> run(careful).

run(How) ->
    Queue = erts_internal:atomics_new(3, 1),
    atomics:put(Queue, 1, 1),
    atomics:put(Queue, 2, 4),
    spawn(?MODULE, owner, [How, self(), Queue]),
    spawn(?MODULE, thief, [How, self(), Queue]),
    One = receive {owner, L1} -> L1 end,
    Two = receive {thief, L2} -> L2 end,
    [1, 2, 3] = lists_of:sort(One ++ Two).

%% Items head .. tail - 1.
owner(How, Main, Queue) -> Main ! {owner, pop_all(How, Queue, [])}.

pop_all(How, Queue, Got) ->
    case pop(How, Queue) of
        none -> Got;
        Item -> pop_all(How, Queue, [Item | Got])
    end.

pop(racy, Queue) ->
    Head = atomics:get(Queue, 1),
    Tail = atomics:get(Queue, 2) - 1,
    if
        Head > Tail -> none;
        true -> atomics:put(Queue, 2, Tail), Tail
    end;
pop(careful, Queue) -> locked(Queue, fun() -> pop(racy, Queue) end).

thief(How, Main, Queue) ->
    Got = [Item || Item <- [steal(How, Queue), steal(How, Queue)], Item =/= none],
    Main ! {thief, Got}.

steal(racy, Queue) ->
    Head = atomics:get(Queue, 1),
    Tail = atomics:get(Queue, 2),
    if
        Head >= Tail -> none;
        true ->
            case atomics:compare_exchange(Queue, 1, Head, Head + 1) of
                ok -> Head;
                _ -> none
            end
    end;
steal(careful, Queue) -> locked(Queue, fun() -> steal(racy, Queue) end).

locked(Queue, Work) ->
    case atomics:compare_exchange(Queue, 3, 0, 1) of
        ok -> Result = Work(), atomics:put(Queue, 3, 0), Result;
        _ -> erlang:yield(), locked(Queue, Work)
    end.
