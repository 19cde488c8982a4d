%% Votes in a term, as in Raft: a voter restarts and no longer knows for whom it
%% voted. Two candidates of one term both get two votes of three.
-module(raft_votes).
-export([main/0, fixed/0, voter/3, candidate/3]).

main() -> run(forgets).
fixed() -> run(remembers).

run(How) ->
    Disk = ets:new(disk, [public]),
    Voters = [start(How, Disk, N) || N <- [1, 2, 3]],
    [spawn(?MODULE, candidate, [self(), Name, Voters]) || Name <- [x, y]],
    hd(Voters) ! restart,
    Won = [Name || {Name, true} <- [receive {votes, Name, W} -> {Name, W} end || Name <- [x, y]]],
    case Won of
        [x, y] -> error(two_leaders);
        _ -> ok
    end.

start(How, Disk, N) -> spawn(?MODULE, voter, [How, Disk, N]).

candidate(Main, Name, Voters) ->
    [V ! {vote, self(), Name} || V <- Voters],
    Yes = [Y || Y <- [receive {V, Y} -> Y end || V <- Voters], Y],
    Main ! {votes, Name, length(Yes) >= 2}.

voter(How, Disk, N) ->
    Voted = case {How, ets:lookup(Disk, N)} of
        {remembers, [{N, For}]} -> For;
        _ -> none
    end,
    voting(How, Disk, N, Voted).

voting(How, Disk, N, Voted) ->
    receive
        restart -> voter(How, Disk, N);
        {vote, From, Name} when Voted =:= none; Voted =:= Name ->
            ets:insert(Disk, {N, Name}),
            From ! {self(), true},
            voting(How, Disk, N, Name);
        {vote, From, _} ->
            From ! {self(), false},
            voting(How, Disk, N, Voted)
    end.
