%% Replicas apply what they hear in the order in which they hear it; two writers tell
%% all of them. `fixed` goes through one sequencer.
-module(broadcast).
-export([main/0, fixed/0, replica/2, writer/4, sequencer/1]).

main() -> run(direct).
fixed() -> run(sequenced).

run(How) ->
    Replicas = [spawn(?MODULE, replica, [self(), []]) || _ <- [1, 2, 3]],
    Sequencer = spawn(?MODULE, sequencer, [Replicas]),
    [spawn(?MODULE, writer, [How, Replicas, Sequencer, X]) || X <- [x, y]],
    Logs = [receive {log, R, Log} -> Log end || R <- Replicas],
    case lists_of:usort(Logs) of
        [_] -> ok;
        _ -> error({replicas_differ, Logs})
    end.

writer(direct, Replicas, _, X) -> [R ! {write, X} || R <- Replicas];
writer(sequenced, _, Sequencer, X) -> Sequencer ! {write, X}.

sequencer(Replicas) ->
    receive {write, X} -> [R ! {write, X} || R <- Replicas], sequencer(Replicas) end.

replica(Main, [_, _] = Log) -> Main ! {log, self(), Log};
replica(Main, Log) -> receive {write, X} -> replica(Main, [X | Log]) end.
