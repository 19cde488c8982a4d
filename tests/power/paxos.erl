%% Single-decree Paxos with two proposers and three acceptors. An acceptor does not
%% look at its promise when it accepts, so that an older proposal can still win.
-module(paxos).
-export([main/0, fixed/0, acceptor/4, proposer/4]).

main() -> run(forgets).
fixed() -> run(keeps).

run(How) ->
    Acceptors = [spawn(?MODULE, acceptor, [How, 0, 0, none]) || _ <- [1, 2, 3]],
    [spawn(?MODULE, proposer, [self(), Acceptors, N, V]) || {N, V} <- [{2, blue}, {1, red}]],
    Chosen = [V || {chosen, V} <- [receive {proposer, N, Outcome} -> Outcome end || N <- [1, 2]]],
    case lists_of:usort(Chosen) of
        [_, _] -> error({two_values, Chosen});
        _ -> ok
    end.

proposer(Main, Acceptors, N, Mine) ->
    [A ! {prepare, self(), N} || A <- Acceptors],
    Outcome = case gather(promise, N, 0, 0, []) of
        refused -> refused;
        Promises ->
            Value = case lists_of:greatest(Promises) of {0, none} -> Mine; {_, V} -> V end,
            [A ! {accept, self(), N, Value} || A <- Acceptors],
            case gather(accepted, N, 0, 0, []) of
                refused -> refused;
                _ -> {chosen, Value}
            end
    end,
    Main ! {proposer, N, Outcome}.

gather(_, _, 2, _, Got) -> Got;
gather(_, _, _, 2, _) -> refused;
gather(What, N, Yes, No, Got) ->
    receive
        {What, N, X} -> gather(What, N, Yes + 1, No, [X | Got]);
        {refused, What, N} -> gather(What, N, Yes, No + 1, Got)
    end.

acceptor(How, Promised, Accepted, Value) ->
    receive
        {prepare, From, N} when N > Promised ->
            From ! {promise, N, {Accepted, Value}},
            acceptor(How, N, Accepted, Value);
        {prepare, From, N} ->
            From ! {refused, promise, N},
            acceptor(How, Promised, Accepted, Value);
        {accept, From, N, V} when N >= Promised; How =:= forgets ->
            From ! {accepted, N, V},
            acceptor(How, max(N, Promised), N, V);
        {accept, From, N, _} ->
            From ! {refused, accepted, N},
            acceptor(How, Promised, Accepted, Value)
    end.
