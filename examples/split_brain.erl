%% Two candidates ask three voters for their votes. A voter gives its vote to whoever asks first; but one of them was told,
%% in a rush, to say yes to everybody. So both candidates may win.
-module(split_brain).
-export([main/0, voter/2, candidate/3]).

main() ->
    Voters = [spawn(?MODULE, voter, [Rule, nobody]) || Rule <- [once, once, warpbeam:choose([once, always])]],
    Me = self(),
    [spawn(?MODULE, candidate, [Name, Voters, Me]) || Name <- [ada, bob]],
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

voter(Rule, Given) ->
    receive
        {vote, From, Ref, Name} when Given =:= nobody; Rule =:= always ->
            From ! {Ref, yes},
            voter(Rule, Name);
        {vote, From, Ref, _} ->
            From ! {Ref, no},
            voter(Rule, Given)
    end.
