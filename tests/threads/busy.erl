%% Workloads for tests/threads.rs. Compile with tests/threads/compile.
%%
%% What scheduler threads can get wrong: wake-ups, order, DOWN and EXIT signals, names and timers, with many
%% processes at once. Every function gives the same result on any number of threads.
-module(busy).
-export([storm/0, rings/0, deaths/0, names/0, timers/0, priorities/0, crossed/0]).
-export([hungry/0, grower/2]).
-export([waits/0, halts/0, crashes/0, exits/1, prints/0]).
-export([mailer/3, member/1, fragile/1, contender/3, sleeper/2, spinner/1, twin/2]).

%% Each of 40 processes sends 200 numbered messages to each of the others, and checks that those of one sender
%% come in order.
storm() ->
    Pids = [spawn(?MODULE, mailer, [self(), 40, 200]) || _ <- count(40)],
    tell_all(Pids, {peers, Pids}),
    [receive {Pid, Sum} -> Sum end || Pid <- Pids].

mailer(Parent, Peers, Each) ->
    receive {peers, Pids} -> ok end,
    send_rounds(Pids, Each),
    Parent ! {self(), take_all(#{}, Peers * Each, 0)}.

send_rounds(_Pids, 0) -> ok;
send_rounds(Pids, Left) ->
    tell_all(Pids, {n, self(), Left}),
    send_rounds(Pids, Left - 1).

take_all(_Last, 0, Sum) -> Sum;
take_all(Last, Left, Sum) ->
    receive
        {n, From, N} ->
            case Last of
                #{From := Before} when Before =/= N + 1 -> exit({out_of_order, Before, N});
                _ -> take_all(Last#{From => N}, Left - 1, Sum + N)
            end
    end.

%% 20 tokens at once go round a ring of 50 and this process, 100 times each.
rings() ->
    First = make_ring(50, self()),
    tell_times(First, 20, {token, 100}),
    hub(First, 20),
    First ! stop,
    receive stop -> left_over() end.

hub(_First, 0) -> ok;
hub(First, Left) ->
    receive
        {token, 0} -> hub(First, Left - 1);
        {token, N} -> First ! {token, N - 1}, hub(First, Left)
    end.

make_ring(0, Last) -> Last;
make_ring(N, Next) -> make_ring(N - 1, spawn(?MODULE, member, [Next])).

member(Next) ->
    receive
        stop -> Next ! stop;
        Token -> Next ! Token, member(Next)
    end.

%% 2,000 processes end in all ways while others watch and link to them: one DOWN each, with the true reason.
deaths() ->
    process_flag(trap_exit, true),
    Watched = [spawn_opt(?MODULE, fragile, [I], [link, monitor]) || I <- count(2000)],
    [P ! go || {P, _} <- Watched],
    Downs = [receive {'DOWN', R, process, P, Reason} -> Reason end || {P, R} <- Watched],
    Exits = [receive {'EXIT', P, Reason} -> Reason end || {P, _} <- Watched],
    Again = [begin R = monitor(process, P), receive {'DOWN', R, process, P, Why} -> Why end end
             || {P, _} <- Watched],
    {Downs =:= Exits, tally(Downs, #{}), tally(Again, #{}), left_over()}.

fragile(I) ->
    receive go -> ok end,
    case I rem 4 of
        0 -> ok;
        1 -> exit(bye);
        2 -> exit(self(), kill), receive never -> ok end;
        3 -> spawn_link(?MODULE, twin, [self(), {via, twin}]), receive never -> ok end
    end.

twin(_Linked, Reason) -> exit(Reason).

%% 20 processes fight for one name, 50 times each; whoever has it leaves it by unregistering or by ending.
names() ->
    Before = length(registered()),
    Pids = [spawn_monitor(?MODULE, contender, [self(), I, 50]) || I <- count(20)],
    [receive {'DOWN', R, process, P, Reason} -> normal = Reason end || {P, R} <- Pids],
    Won = drain(won, 0),
    {Won =:= 20 * 50, whereis(prize), length(registered()) - Before}.

contender(_Parent, _I, 0) -> ok;
contender(Parent, I, Left) ->
    case catch register(prize, self()) of
        true ->
            Parent ! won,
            case (I + Left) rem 2 of
                0 -> unregister(prize), contender(Parent, I, Left - 1);
                %% Its successor takes over what is left once this one has ended with the name.
                1 -> hand_over(Parent, I, Left - 1)
            end;
        _ -> erlang:yield(), contender(Parent, I, Left)
    end.

hand_over(Parent, I, Left) ->
    {Pid, Ref} = spawn_monitor(fun() -> receive go -> contender(Parent, I, Left) end end),
    unregister(prize),
    Pid ! go,
    receive {'DOWN', Ref, process, Pid, normal} -> ok end.

%% Timers and time limits of 100 processes at once: each message once, in the order of the deadlines.
timers() ->
    Pids = [spawn(?MODULE, sleeper, [self(), I]) || I <- count(100)],
    [receive {Pid, Result} -> Result end || Pid <- Pids] =:= [expected(I) || I <- count(100)].

expected(I) -> {[1, 2, 3], timeout, cancelled, I rem 7}.

sleeper(Parent, I) ->
    Me = self(),
    %% One reading of the clock, and far ahead: the process may lose its thread between these calls.
    Start = erlang:monotonic_time(millisecond) + 300,
    erlang:send_after(Start + 5 + I rem 3, Me, {t, 3}, [{abs, true}]),
    erlang:send_after(Start + 3, Me, {t, 2}, [{abs, true}]),
    erlang:send_after(Start + 1, Me, {t, 1}, [{abs, true}]),
    Never = erlang:send_after(60000, Me, {t, 4}),
    Order = [receive {t, N} -> N end || _ <- count(3)],
    Limit = receive never -> message after I rem 7 -> timeout end,
    Stopped = case erlang:cancel_timer(Never) of Left when is_integer(Left) -> cancelled end,
    receive {t, _} -> exit(late) after 0 -> ok end,
    Parent ! {Me, {Order, Limit, Stopped, I rem 7}}.

%% Processes of all priorities that never wait get their turns.
priorities() ->
    Levels = [low, normal, high, normal, low],
    Pids = [spawn_opt(?MODULE, spinner, [self()], [{priority, L}]) || L <- Levels],
    [receive {Pid, done} -> ok end || Pid <- Pids].

spinner(Parent) -> spin(200000), Parent ! {self(), done}.

spin(0) -> ok;
spin(N) -> spin(N - 1).

%% Two processes link, unlink, monitor and end across each other, 500 times.
crossed() -> crossed(500).

crossed(0) -> left_over();
crossed(N) ->
    A = spawn(fun() -> receive {peer, B} -> link(B), unlink(B), link(B), exit(x) end end),
    B = spawn(fun() -> receive {peer, P} -> R = monitor(process, P), demonitor(R, [flush]),
                                            try link(P) catch error:noproc -> exit(noproc) end,
                                            receive never -> ok end end end),
    Refs = [monitor(process, P) || P <- [A, B]],
    A ! {peer, B},
    B ! {peer, A},
    [receive {'DOWN', R, process, _, Why} -> true = lists:member(Why, [x, noproc]) end || R <- Refs],
    crossed(N - 1).

%% How runs end.
waits() -> erlang:display(waiting), receive never -> ok end.
halts() -> spawn(fun() -> halt(7) end), receive never -> ok end.
crashes() -> erlang:error({went, wrong}).
exits(Reason) -> exit(Reason).
prints() -> [erlang:display({line, I}) || I <- count(1000)], halt(0).

%% --- Lists, without a library --------------------------------------------------

count(N) -> count(N, []).
count(0, Done) -> Done;
count(N, Done) -> count(N - 1, [N | Done]).

tell_all([], _Message) -> ok;
tell_all([Pid | Pids], Message) -> Pid ! Message, tell_all(Pids, Message).

tell_times(_Pid, 0, _Message) -> ok;
tell_times(Pid, N, Message) -> Pid ! Message, tell_times(Pid, N - 1, Message).

tally([], Tally) -> Tally;
tally([Key | Keys], Tally) ->
    case Tally of
        #{Key := N} -> tally(Keys, Tally#{Key := N + 1});
        _ -> tally(Keys, Tally#{Key => 1})
    end.

drain(Message, N) -> receive Message -> drain(Message, N + 1) after 0 -> N end.

left_over() -> receive Any -> Any after 0 -> nothing end.

%% A process keeps all that it makes and says how large it is. It ends for want of room: why, and the largest size
%% that it told.
hungry() ->
    {Pid, Monitor} = spawn_monitor(?MODULE, grower, [self(), []]),
    sizes(Pid, Monitor, 0).

grower(Parent, Kept) ->
    Parent ! {size, element(2, process_info(self(), total_heap_size))},
    grower(Parent, grown(Kept, 1000)).

grown(Kept, 0) -> Kept;
grown(Kept, N) -> grown([N | Kept], N - 1).

sizes(Pid, Monitor, Most) ->
    receive
        {size, Words} when Words > Most -> sizes(Pid, Monitor, Words);
        {size, _} -> sizes(Pid, Monitor, Most);
        {'DOWN', Monitor, process, Pid, Reason} -> {Reason, Most}
    end.
