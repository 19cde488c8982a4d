%% Dining philosophers: each takes the left fork, then the right one. All of them
%% can hold one and wait for the other. In `fixed` the last takes the right first.
-module(philosophers).
-export([three/0, four/0, fixed/0, fork/0, dine/2]).

three() -> run(3, left).
four() -> run(4, left).
fixed() -> run(4, lower).

run(N, How) ->
    Forks = [spawn(?MODULE, fork, []) || _ <- lists_of:upto(N)],
    Pairs = lists_of:zip(Forks, tl(Forks) ++ [hd(Forks)]),
    Guests = [seat(Pair, How) || Pair <- Pairs],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- Guests],
    ok.

%% The one who eats is let in before the next one comes, but not told to hurry.
seat({Left, Right}, How) ->
    {First, Second} = case How of
        lower when Left > Right -> {Right, Left};
        _ -> {Left, Right}
    end,
    Guest = spawn_monitor(?MODULE, dine, [First, Second]),
    [begin F ! {ask, self()}, receive {F, here} -> ok end end || F <- [Left, Right], _ <- [1, 2]],
    Guest.

dine(First, Second) ->
    First ! {take, self()}, receive {First, taken} -> ok end,
    Second ! {take, self()}, receive {Second, taken} -> ok end,
    First ! {give, self()},
    Second ! {give, self()}.

fork() ->
    receive
        {ask, Who} -> Who ! {self(), here}, fork();
        {take, Who} -> Who ! {self(), taken}, held(Who)
    end.

held(Who) ->
    receive
        {ask, Other} -> Other ! {self(), here}, held(Who);
        {give, Who} -> fork()
    end.
