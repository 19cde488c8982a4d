%% Workloads that compare runtimes: the same compiled file runs on any of them.
%%
%%     erl +S 1:1 +P 2000000 -noshell -pa benches -eval 'io:format("~p~n", [bench:main()]), halt().'
%%
%% Each workload is a function without arguments that does its work once and
%% returns {Operations, Nanoseconds}, set-up excluded. main/0 runs each of them in
%% a fresh process, once to warm up and then five times, and returns a list of
%% {Name, Operations, BestNs, MedianNs}. Of OTP's libraries `lists`, `gen_server`
%% and what that needs are used, each as it is installed.
-module(bench).

-behaviour(gen_server).

-export([main/0, measure/1, hold/2]).
-export([ring/0, pingpong/0, spawn_seq/0, spawn_batch/0, mon_down/0, fib30/0,
         countdown/0, nrev/0, maps_ops/0, bin_append/0, bin_match/0, exc/0,
         lists_ops/0, sort/0, iolists/0, call/0, funcall/0, timers/0, selrecv/0, ets_insert/0, ets_lookup/0, ets_count/0,
         ets_ordered/0, idle/0, idle/1]).
%% Exported so that the compiler cannot know which fun is passed, and inline it.
-export([apply_often/3]).
%% Bodies of spawned processes.
-export([init/1, handle_call/3, handle_cast/2]).
-export([trial/3, ring_member/1, echo/0, nothing/0, until_stop/0]).

-define(TRIALS, 5).
-define(TRIALS_MAX, 200).
-define(CPU_MS, 300).

main() ->
    measure([ring, pingpong, spawn_seq, spawn_batch, mon_down, fib30, countdown,
             nrev, lists_ops, sort, maps_ops, bin_append, bin_match, iolists,
             exc, funcall, timers, selrecv, call, ets_insert, ets_lookup, ets_count, ets_ordered, idle]).

%% For each workload {Name, Operations, BestNs, CpuMs, Trials}: the best trial by the clock, and the processor
%% time of all trials' measured parts. There are trials until that is enough to be told from its milliseconds.
measure([]) ->
    [];
measure([Name | Rest]) ->
    {Ops, _WarmUp} = run_trial(Name),
    {BestNs, CpuMs, Trials} = run_trials(Name, 0, 0, none),
    [{Name, Ops, BestNs, CpuMs, Trials} | measure(Rest)].

%% `none` is greater than any number.
run_trials(_Name, Count, CpuMs, BestNs) when Count >= ?TRIALS, CpuMs >= ?CPU_MS; Count >= ?TRIALS_MAX ->
    {BestNs, CpuMs, Count};
run_trials(Name, Count, CpuMs, BestNs) ->
    {_Ops, {Ns, Ms}} = run_trial(Name),
    run_trials(Name, Count + 1, CpuMs + Ms, min(Ns, BestNs)).

run_trial(Name) ->
    Ref = make_ref(),
    spawn_opt(?MODULE, trial, [self(), Ref, Name], [link, {min_heap_size, 1000}]),
    receive {Ref, Result} -> Result end.

trial(Parent, Ref, Name) ->
    Parent ! {Ref, ?MODULE:Name()}.

started() ->
    {CpuMs, _} = statistics(runtime),
    {erlang:monotonic_time(nanosecond), CpuMs}.

since({StartNs, StartMs}) ->
    Ns = erlang:monotonic_time(nanosecond) - StartNs,
    {CpuMs, _} = statistics(runtime),
    {Ns, CpuMs - StartMs}.

%% --- Messages ---------------------------------------------------------------

%% A token goes 1,000 times round 1,000 processes. Operation: one hop.
ring() ->
    Members = 1000,
    Laps = 1000,
    Start = started(),
    First = ring_of(Members - 1, self()),
    circulate(First, Laps),
    First ! close,
    receive close -> ok end,
    {Members * Laps, since(Start)}.

ring_of(0, Next) -> Next;
ring_of(Count, Next) -> ring_of(Count - 1, spawn(?MODULE, ring_member, [Next])).

circulate(_First, 0) ->
    ok;
circulate(First, Laps) ->
    First ! token,
    receive token -> circulate(First, Laps - 1) end.

ring_member(Next) ->
    receive
        token -> Next ! token, ring_member(Next);
        close -> Next ! close
    end.

%% Requests and answers between two processes. Operation: one message.
pingpong() ->
    Rounds = 500000,
    Start = started(),
    Echo = spawn(?MODULE, echo, []),
    volley(Echo, Rounds),
    Echo ! stop,
    {2 * Rounds, since(Start)}.

volley(_Echo, 0) ->
    ok;
volley(Echo, Round) ->
    Echo ! {self(), Round},
    receive {Echo, Round} -> volley(Echo, Round - 1) end.

echo() ->
    receive
        {From, Round} -> From ! {self(), Round}, echo();
        stop -> ok
    end.

%% A receive that passes over 1,000 other messages. Operation: one receive.
selrecv() ->
    Receives = 20000,
    send_others(1000),
    Start = started(),
    receive_wanted(Receives),
    Ns = since(Start),
    receive_others(1000),
    {Receives, Ns}.

send_others(0) -> ok;
send_others(Count) -> self() ! {other, Count}, send_others(Count - 1).

receive_wanted(0) ->
    ok;
receive_wanted(Count) ->
    self() ! wanted,
    receive wanted -> receive_wanted(Count - 1) end.

receive_others(0) -> ok;
receive_others(Count) -> receive {other, _} -> receive_others(Count - 1) end.

%% Calls of a gen_server. Operation: one question and its answer.
call() ->
    Calls = 200000,
    {ok, Server} = gen_server:start(?MODULE, [], []),
    Start = started(),
    call_often(Server, Calls),
    Ns = since(Start),
    gen_server:stop(Server),
    {Calls, Ns}.

call_often(_Server, 0) -> ok;
call_often(Server, Count) -> Count = gen_server:call(Server, Count), call_often(Server, Count - 1).

init([]) -> {ok, none}.
handle_call(Question, _From, State) -> {reply, Question, State}.
handle_cast(_, State) -> {noreply, State}.

%% --- Tables -----------------------------------------------------------------

%% New objects in a set. Operation: one insertion.
ets_insert() ->
    Count = 500000,
    Table = ets:new(bench, [set]),
    Start = started(),
    fill(Table, Count),
    Ns = since(Start),
    ets:delete(Table),
    {Count, Ns}.

fill(_Table, 0) -> ok;
fill(Table, Key) -> ets:insert(Table, {Key, Key, a}), fill(Table, Key - 1).

%% Each of 200,000 objects of a set looked up twice. Operation: one lookup.
ets_lookup() ->
    look_up_all(ets:new(bench, [set])).

look_up_all(Table) ->
    Count = 200000,
    fill(Table, Count),
    Start = started(),
    look_up(Table, Count),
    look_up(Table, Count),
    Ns = since(Start),
    ets:delete(Table),
    {2 * Count, Ns}.

look_up(_Table, 0) -> ok;
look_up(Table, Key) -> [_] = ets:lookup(Table, Key), look_up(Table, Key - 1).

%% A counter among 1,000 counted up. Operation: one count.
ets_count() ->
    Count = 500000,
    Table = ets:new(bench, [set, public]),
    fill(Table, 1000),
    Start = started(),
    count_up(Table, Count),
    Ns = since(Start),
    ets:delete(Table),
    {Count, Ns}.

count_up(_Table, 0) -> ok;
count_up(Table, Count) -> ets:update_counter(Table, 1 + Count rem 1000, 1), count_up(Table, Count - 1).

%% As ets_lookup, in an ordered_set.
ets_ordered() ->
    look_up_all(ets:new(bench, [ordered_set])).

%% --- Processes --------------------------------------------------------------

%% Spawn a monitored process and wait for its end, one by one. Operation: one process.
spawn_seq() ->
    Count = 200000,
    Start = started(),
    spawn_and_wait(Count),
    {Count, since(Start)}.

spawn_and_wait(0) ->
    ok;
spawn_and_wait(Count) ->
    {Pid, Monitor} = spawn_opt(?MODULE, nothing, [], [monitor]),
    receive {'DOWN', Monitor, process, Pid, _} -> spawn_and_wait(Count - 1) end.

%% The same in batches of 5,000. Operation: one process.
spawn_batch() ->
    Batches = 40,
    Size = 5000,
    Start = started(),
    batches(Batches, Size),
    {Batches * Size, since(Start)}.

batches(0, _Size) ->
    ok;
batches(Count, Size) ->
    await_downs(lists:reverse(spawn_monitored(Size, []), [])),
    batches(Count - 1, Size).

spawn_monitored(0, Monitors) ->
    Monitors;
spawn_monitored(Count, Monitors) ->
    {_Pid, Monitor} = spawn_opt(?MODULE, nothing, [], [monitor]),
    spawn_monitored(Count - 1, [Monitor | Monitors]).

await_downs([]) -> ok;
await_downs([Monitor | Rest]) ->
    receive {'DOWN', Monitor, process, _, _} -> await_downs(Rest) end.

%% Monitor 50,000 processes, stop them, take their DOWNs. Operation: one of each.
mon_down() ->
    Count = 50000,
    Pids = spawn_waiting(Count, []),
    Start = started(),
    Monitors = monitor_all(Pids),
    stop_all(Pids),
    await_downs(Monitors),
    {Count, since(Start)}.

%% Many processes that do nothing. Operation: one process spawned, stopped and gone.
idle() ->
    idle(100000).

idle(Count) ->
    Start = started(),
    Pids = spawn_waiting(Count, []),
    Monitors = monitor_all(Pids),
    stop_all(Pids),
    await_downs(Monitors),
    {Count, since(Start)}.

%% Holds that many idle processes for a while, so that the memory of the whole
%% can be read from outside. Returns the time that it took to spawn them.
hold(Count, TimeMs) ->
    Start = started(),
    Pids = spawn_waiting(Count, []),
    Ns = since(Start),
    receive after TimeMs -> ok end,
    stop_all(Pids),
    {Count, Ns}.

spawn_waiting(0, Pids) -> Pids;
spawn_waiting(Count, Pids) ->
    spawn_waiting(Count - 1, [spawn(?MODULE, until_stop, []) | Pids]).

monitor_all([]) -> [];
monitor_all([Pid | Rest]) ->
    Monitor = monitor(process, Pid),
    [Monitor | monitor_all(Rest)].

stop_all([]) -> ok;
stop_all([Pid | Rest]) -> Pid ! stop, stop_all(Rest).

until_stop() ->
    receive stop -> ok end.

nothing() ->
    ok.

%% Start and cancel 100,000 timers that are all alive at once. Operation: one of each.
timers() ->
    Count = 100000,
    Start = started(),
    cancel_all(start_timers(Count, [])),
    {Count, since(Start)}.

start_timers(0, Timers) -> Timers;
start_timers(Count, Timers) ->
    start_timers(Count - 1, [erlang:send_after(100000 + Count, self(), ring) | Timers]).

cancel_all([]) -> ok;
cancel_all([Timer | Rest]) -> erlang:cancel_timer(Timer), cancel_all(Rest).

%% --- Calls, lists, terms ----------------------------------------------------

%% Operation: one call of fib/1.
fib30() ->
    Start = started(),
    832040 = fib(30),
    {2692537, since(Start)}.

fib(0) -> 0;
fib(1) -> 1;
fib(N) -> fib(N - 1) + fib(N - 2).

%% Operation: one turn of a loop that only counts.
countdown() ->
    Turns = 50000000,
    Start = started(),
    count_down(Turns),
    {Turns, since(Start)}.

count_down(0) -> ok;
count_down(N) -> count_down(N - 1).

%% Naive reverse of 500 elements, 400 times. Operation: one logical inference.
nrev() ->
    Repeats = 400,
    List = numbers(500, []),
    Start = started(),
    reverse_often(List, Repeats),
    {Repeats * (500 * 501 div 2 + 501), since(Start)}.

numbers(0, List) -> List;
numbers(N, List) -> numbers(N - 1, [N | List]).

reverse_often(_List, 0) -> ok;
reverse_often(List, Repeats) -> reverse(List), reverse_often(List, Repeats - 1).

reverse([]) -> [];
reverse([First | Rest]) -> concat(reverse(Rest), [First]).

concat([], Tail) -> Tail;
concat([First | Rest], Tail) -> [First | concat(Rest, Tail)].

%% Functions of `lists` with funs, over 100,000 elements. Operation: one element.
lists_ops() ->
    Repeats = 20,
    Count = 100000,
    List = numbers(Count, []),
    Start = started(),
    work_on(List, Repeats),
    {3 * Repeats * Count, since(Start)}.

work_on(_List, 0) ->
    ok;
work_on(List, Repeats) ->
    Doubled = lists:map(fun(N) -> N * 2 end, List),
    Chosen = lists:filter(fun(N) -> N rem 3 =:= 0 end, Doubled),
    _ = lists:foldl(fun(N, Sum) -> Sum + N end, 0, Doubled),
    _ = length(Chosen),
    work_on(List, Repeats - 1).

%% Sort 200,000 numbers in no order, the same each time. Operation: one element.
sort() ->
    Count = 200000,
    List = mixed(Count, 1, []),
    Start = started(),
    Sorted = lists:sort(List),
    Ns = since(Start),
    Count = length(Sorted),
    {Count, Ns}.

%% A linear congruential generator.
mixed(0, _Last, List) -> List;
mixed(Count, Last, List) ->
    Next = (Last * 1103515245 + 12345) band 16#7FFFFFFF,
    mixed(Count - 1, Next, [Next rem 1000000 | List]).

%% Insert 100,000 keys into a map, then look each up. Operation: either.
maps_ops() ->
    Count = 100000,
    Start = started(),
    Sum = sum_values(insert_keys(#{}, Count), Count, 0),
    Ns = since(Start),
    Sum = Count * (Count + 1) div 2,
    {2 * Count, Ns}.

insert_keys(Map, 0) -> Map;
insert_keys(Map, Key) -> insert_keys(Map#{Key => Key}, Key - 1).

sum_values(_Map, 0, Sum) ->
    Sum;
sum_values(Map, Key, Sum) ->
    #{Key := Value} = Map,
    sum_values(Map, Key - 1, Sum + Value).

%% A binary grows byte by byte to 2 MB. Operation: one byte.
bin_append() ->
    Bytes = 2000000,
    Start = started(),
    Bytes = byte_size(grow(<<>>, Bytes)),
    {Bytes, since(Start)}.

grow(Bin, 0) -> Bin;
grow(Bin, N) -> grow(<<Bin/binary, N:8>>, N - 1).

%% Takes a binary of 2 MB apart. Operation: two segments, of 8 and 24 bits.
bin_match() ->
    Pairs = 500000,
    Bin = binary:copy(<<1, 2, 3, 4>>, Pairs),
    Start = started(),
    Sum = sum_segments(Bin, 0),
    Ns = since(Start),
    Sum = Pairs * (1 + 16#040302),
    {Pairs, Ns}.

sum_segments(<<A:8, B:24/little, Rest/binary>>, Sum) -> sum_segments(Rest, Sum + A + B);
sum_segments(<<>>, Sum) -> Sum.

%% 300 iolists of 1,000 parts are made into binaries. Operation: one part.
iolists() ->
    Repeats = 300,
    Parts = 1000,
    Start = started(),
    flatten_often(Repeats, Parts),
    {Repeats * Parts, since(Start)}.

flatten_often(0, _Parts) -> ok;
flatten_often(Repeats, Parts) ->
    iolist_to_binary(parts(Parts, [])),
    flatten_often(Repeats - 1, Parts).

parts(0, List) -> List;
parts(Count, List) -> parts(Count - 1, [[<<"abc">>, integer_to_list(Count), $,] | List]).

%% Operation: one throw, caught one call above.
exc() ->
    Throws = 1000000,
    Start = started(),
    catch_often(Throws),
    {Throws, since(Start)}.

catch_often(0) ->
    ok;
catch_often(N) ->
    try throw_it(N) catch throw:N -> ok end,
    catch_often(N - 1).

throw_it(N) ->
    throw(N).

%% Operation: one call of a fun.
funcall() ->
    Calls = 10000000,
    Start = started(),
    Calls = apply_often(fun(X) -> X + 1 end, 0, Calls),
    {Calls, since(Start)}.

apply_often(_Fun, Value, 0) -> Value;
apply_often(Fun, Value, Count) -> apply_often(Fun, Fun(Value), Count - 1).
