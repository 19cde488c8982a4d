%% split_brain, corrected: every voter gives its vote once, whoever asks first.
-module(split_brain_fixed).
-export([main/0, voter/1, candidate/3]).

main() ->
    Voters = [spawn(?MODULE, voter, [nobody]) || _ <- [1, 2, 3]],
    Me = self(),
    [spawn(?MODULE, candidate, [Name, Voters, Me]) || Name <- warpbeam:choose([[ada, bob], [bob, ada]])],
    Leaders = [Name || {Name, elected} <- [result(), result()]],
    warpbeam:note({leaders, Leaders}),
    warpbeam:sometimes(Leaders =:= [bob], bob_is_elected),
    warpbeam:always(length(Leaders) =< 1, at_most_one_leader).

result() ->
    receive {result, Name, Result} -> {Name, Result} end.

candidate(Name, Voters, Main) ->
    Ref = make_ref(),
    [Voter ! {vote, self(), Ref, Name} || Voter <- Voters],
    Votes = length([yes || _ <- Voters, yes =:= receive {Ref, Answer} -> Answer end]),
    warpbeam:sometimes(Votes =:= 1, one_vote_only),
    Main ! {result, Name, if Votes >= 2 -> elected; true -> defeated end}.

voter(Given) ->
    receive
        {vote, From, Ref, Name} when Given =:= nobody ->
            From ! {Ref, yes},
            voter(Name);
        {vote, From, Ref, _} ->
            From ! {Ref, no},
            voter(Given)
    end.
