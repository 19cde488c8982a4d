%% Two-phase commit. A participant that has voted yes and hears nothing for a
%% while commits by itself; another may have voted no.
%% `fixed` waits for the coordinator.
-module(two_phase_commit).
-export([main/0, fixed/0, coordinator/2, participant/3]).

main() -> run(impatient).
fixed() -> run(patient).

run(How) ->
    Votes = [yes, yes, no],
    Parts = [spawn(?MODULE, participant, [self(), Vote, How]) || Vote <- Votes],
    spawn(?MODULE, coordinator, [self(), Parts]),
    Decisions = [receive {decided, P, D} -> D end || P <- Parts],
    case lists_of:usort(Decisions) of
        [_] -> ok;
        _ -> error({disagree, Decisions})
    end.

coordinator(_Main, Parts) ->
    [P ! {prepare, self()} || P <- Parts],
    Votes = [receive {vote, P, V} -> V end || P <- Parts],
    Decision = case lists:member(no, Votes) of true -> abort; false -> commit end,
    [P ! {self(), Decision} || P <- Parts].

participant(Main, Vote, How) ->
    Coordinator = receive {prepare, C} -> C end,
    Coordinator ! {vote, self(), Vote},
    Limit = case {How, Vote} of {impatient, yes} -> 50; _ -> infinity end,
    Decision = receive {Coordinator, D} -> D after Limit -> commit end,
    Main ! {decided, self(), Decision}.
