%% Small programs whose classes of runs can be counted by hand or by trying all schedules.
%% What a program returns is an outcome that the schedules may make differ.
-module(classes).
-compile([export_all, nowarn_export_all]).

go(Fun) -> spawn(Fun).
seq(A, B) when A > B -> [];
seq(A, B) -> [A | seq(A + 1, B)].
take(0) -> [];
take(N) -> receive X -> [X | take(N - 1)] end.
senders(N) ->
    Me = self(),
    [go(fun() -> Me ! I end) || I <- seq(1, N)].

%% N messages taken in any order: N!
any2() -> senders(2), take(2).
any3() -> senders(3), take(3).
any4() -> senders(4), take(4).
any5() -> senders(5), take(5).
any6() -> senders(6), take(6).
any7() -> senders(7), take(7).
any8() -> senders(8), take(8).

%% Nobody reads: 1.
unread5() -> senders(5), done.
%% A fixed order by pattern: 1.
fixed5() -> senders(5), [receive I -> I end || I <- seq(1, 5)].
%% One of five: 5.
one5() -> senders(5), take(1).
two4() -> senders(4), take(2).
%% Four against a receive that does not wait: 5.
poll4() -> senders(4), receive X -> X after 0 -> none end.
poll2x2() -> senders(2), A = receive X -> X after 0 -> none end, {A, receive Y -> Y after 0 -> none end}.

%% The receiver is a process of its own, that is late.
late3() ->
    Main = self(),
    R = go(fun() -> receive go -> Main ! take(3) end end),
    [go(fun() -> R ! I end) || I <- [1, 2, 3]],
    R ! go,
    take(1).

parity4() ->
    senders(4),
    A = receive X when X rem 2 =:= 0 -> X end,
    B = receive Y when Y rem 2 =:= 1 -> Y end,
    {A, B}.

relay() ->
    Me = self(),
    P = go(fun() -> Me ! {p, take(2)} end),
    Q = go(fun() -> Me ! {q, take(2)} end),
    go(fun() -> P ! a1, Q ! a2 end),
    go(fun() -> Q ! b1, P ! b2 end),
    take(2).

chain() ->
    Me = self(),
    C = go(fun() -> receive X -> Me ! {c, X} end end),
    B = go(fun() -> receive X -> C ! {b, X} end end),
    B ! 1, C ! 2, take(1).

pingpong() ->
    Me = self(),
    P = go(fun() -> receive {From, ping} -> From ! pong end end),
    go(fun() -> Me ! noise end),
    P ! {self(), ping},
    receive pong -> ok end,
    receive noise -> ok end.

%% One process that talks to itself.
one_alone() -> self() ! a, self() ! b, [receive b -> b end, take(1)].

%% Names.
name_race() ->
    Me = self(),
    go(fun() -> register(n, self()), Me ! a, receive stop -> ok end end),
    case whereis(n) of undefined -> none; _ -> some end.
two_names() ->
    P = go(fun() -> receive stop -> ok end end),
    [go(fun() -> catch register(N, P) end) || N <- [x, y]],
    {whereis(x) =:= P, whereis(y) =:= P}.
send_name() ->
    Me = self(),
    go(fun() -> register(srv, self()), receive X -> Me ! {got, X} after 0 -> Me ! none end end),
    R = (catch srv ! hello),
    {R =:= hello, take(1)}.
same_name() ->
    Me = self(),
    [go(fun() -> Me ! {I, catch register(one, self())}, receive stop -> ok end end) || I <- [1, 2]],
    take(2).
listing() ->
    go(fun() -> register(l1, self()), receive stop -> ok end end),
    go(fun() -> register(l2, self()), receive stop -> ok end end),
    [N || N <- registered(), N =:= l1 orelse N =:= l2].

%% Shared terms: N readers and a writer.
readers(N) ->
    A = erts_internal:atomics_new(N, 1),
    Me = self(),
    [go(fun() -> Me ! {K, atomics:get(A, K)} end) || K <- seq(1, N)],
    [atomics:put(A, K, 1) || K <- seq(1, N)],
    [receive {K, V} -> V end || K <- seq(1, N)].
readers1() -> readers(1).
readers2() -> readers(2).
readers3() -> readers(3).
readers5() -> readers(5).

%% The last cell that is still zero, of N + 1; writer I sets cell I to one more than cell I - 1.
lastzero(N) ->
    A = erts_internal:atomics_new(N + 1, 1),
    go(fun() -> search(A, N + 1) end),
    [go(fun() -> atomics:put(A, K + 1, atomics:get(A, K) + 1) end) || K <- seq(1, N)],
    done.
search(A, K) -> case atomics:get(A, K) of 0 -> K; _ -> search(A, K - 1) end.
lastzero1() -> lastzero(1).
lastzero2() -> lastzero(2).
lastzero3() -> lastzero(3).
lastzero5() -> lastzero(5).
lastzero7() -> lastzero(7).
lastzero8() -> lastzero(8).

term_race() ->
    persistent_term:put(k, 0),
    go(fun() -> persistent_term:put(k, 1) end),
    go(fun() -> persistent_term:put(k, 2) end),
    persistent_term:get(k).
adders() ->
    C = erts_internal:atomics_new(1, 1),
    Me = self(),
    [go(fun() -> atomics:add(C, 1, I), Me ! ok end) || I <- [1, 2, 3]],
    [receive ok -> ok end || _ <- [1, 2, 3]],
    atomics:get(C, 1).
%% Tables.
ets_readers(N) ->
    T = ets:new(t, [public]),
    [ets:insert(T, {K, 0}) || K <- seq(1, N)],
    Me = self(),
    [go(fun() -> Me ! {K, ets:lookup(T, K)} end) || K <- seq(1, N)],
    [ets:insert(T, {K, 1}) || K <- seq(1, N)],
    [receive {K, V} -> V end || K <- seq(1, N)].
ets_readers2() -> ets_readers(2).
ets_readers3() -> ets_readers(3).
%% What is counted sees what others have put in, and made, by then.
ets_memory() ->
    T = ets:new(t, [public]),
    go(fun() -> ets:insert(T, {1, 0}) end),
    go(fun() -> ets:insert(T, {2, 0}) end),
    erlang:memory(ets).
ets_made() ->
    go(fun() -> ets:new(t, []), receive never -> ok end end),
    go(fun() -> ets:new(t, []), receive never -> ok end end),
    erlang:system_info(ets_count).
ets_count() ->
    T = ets:new(t, [public]),
    [go(fun() -> ets:insert(T, {K, 0}) end) || K <- [1, 2]],
    ets:info(T, size).
ets_named() ->
    Me = self(),
    go(fun() -> ets:new(named, [named_table, public]), Me ! made, receive stop -> ok end end),
    A = (catch ets:insert(named, {1, 1})) =:= true,
    receive made -> {A, ets:member(named, 1)} end.
ets_owner() ->
    Me = self(),
    go(fun() -> T = ets:new(t, [public]), ets:insert(T, {1, 1}), Me ! T end),
    receive T -> case catch ets:lookup(T, 1) of [{1, 1}] -> there; _ -> gone end end.
lost_update() ->
    A = erts_internal:atomics_new(1, 1),
    Me = self(),
    [go(fun() -> V = atomics:get(A, 1), atomics:put(A, 1, V + 1), Me ! done end) || _ <- [1, 2]],
    [receive done -> ok end || _ <- [1, 2]],
    atomics:get(A, 1).

%% Exits, links, monitors.
monitor1() ->
    P = go(fun() -> ok end),
    R = monitor(process, P),
    receive {'DOWN', R, _, _, Why} -> Why end.
monitor_vs_message() ->
    Me = self(),
    {P, R} = spawn_monitor(fun() -> Me ! a end),
    go(fun() -> Me ! b end),
    [case M of {'DOWN', R, _, P, W} -> W; _ -> M end || M <- take(3)].
demonitor1() ->
    {_, R} = spawn_monitor(fun() -> ok end),
    demonitor(R),
    receive {'DOWN', R, _, _, _} -> down after 0 -> none end.
demonitor_flush() ->
    {_, R} = spawn_monitor(fun() -> ok end),
    demonitor(R, [flush]),
    receive {'DOWN', R, _, _, _} -> down after 0 -> none end.
link_trap() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> receive X -> exit(X) end end),
    go(fun() -> P ! a end),
    go(fun() -> P ! b end),
    receive {'EXIT', P, Why} -> Why end.
kill_send() ->
    Me = self(),
    P = go(fun() -> Me ! one, Me ! two end),
    exit(P, kill),
    R = monitor(process, P),
    receive {'DOWN', R, _, _, W} -> W end,
    all().
all() -> receive X -> [X | all()] after 0 -> [] end.
kill_waiting() ->
    Me = self(),
    P = go(fun() -> receive X -> Me ! X end end),
    go(fun() -> P ! hello end),
    exit(P, stop),
    R = monitor(process, P),
    receive {'DOWN', R, _, _, W} -> {W, all()} end.
%% The order of two messages shows only if their reader lives on to read.
killed_reader() ->
    A = erts_internal:atomics_new(1, 1),
    R = go(fun() -> receive go -> atomics:get(A, 1) end, receive X -> X end end),
    go(fun() -> R ! 1 end), go(fun() -> R ! 2 end), go(fun() -> R ! go end),
    go(fun() -> exit(R, kill) end), done.
late_trap() ->
    Me = self(),
    P = go(fun() -> Me ! ready, process_flag(trap_exit, true), receive {'EXIT', _, W} -> Me ! {trapped, W} end end),
    R = monitor(process, P),
    exit(P, stop),
    receive {'DOWN', R, _, _, W} -> {W, all()} end.
late_link() ->
    process_flag(trap_exit, true),
    P = go(fun() -> ok end),
    link(P),
    receive {'EXIT', P, W} -> W end.
unlink1() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> exit(bye) end),
    unlink(P),
    receive {'EXIT', P, W} -> W after 0 -> none end.
alive() ->
    P = go(fun() -> ok end),
    is_process_alive(P).
info() ->
    P = go(fun() -> receive stop -> ok end end),
    go(fun() -> P ! x end),
    process_info(P, message_queue_len).
suspend1() ->
    Me = self(),
    P = go(fun() -> Me ! a, Me ! b end),
    erlang:suspend_process(P),
    Seen = all(),
    erlang:resume_process(P),
    Seen.
two_kill() ->
    P = go(fun() -> receive stop -> ok end end),
    R = monitor(process, P),
    go(fun() -> exit(P, x) end),
    go(fun() -> exit(P, y) end),
    receive {'DOWN', R, _, _, W} -> W end.
monitored_by_name() ->
    go(fun() -> register(mn, self()), receive go -> ok end end),
    R = monitor(process, mn),
    catch mn ! go,
    receive {'DOWN', R, _, _, W} -> W after 10 -> alive end.

%% Time.
sleep_order() ->
    Me = self(),
    [go(fun() -> receive after T -> Me ! T end end) || T <- [20, 10]],
    take(2).
same_time() ->
    Me = self(),
    [go(fun() -> receive after 10 -> Me ! I end end) || I <- [1, 2]],
    take(2).
timeout_or_message() ->
    Me = self(),
    go(fun() -> Me ! hi end),
    receive X -> X after 10 -> timeout end.
timer_cancel() ->
    T = erlang:send_after(10, self(), tick),
    go(fun() -> erlang:cancel_timer(T) end),
    receive tick -> tick after 20 -> none end.
timer_zero() ->
    erlang:send_after(0, self(), tick),
    senders(1),
    take(2).
two_zero() ->
    erlang:send_after(0, self(), tick1),
    erlang:send_after(0, self(), tick2),
    senders(1),
    take(3).

%% Calls.
server(N) -> receive {From, R, add, K} -> From ! {R, N + K}, server(N + K); stop -> ok end.
call(S, K) ->
    R = make_ref(),
    S ! {self(), R, add, K},
    receive {R, V} -> V end.
calls2() ->
    S = go(fun() -> server(0) end),
    Me = self(),
    [go(fun() -> Me ! {K, call(S, K)} end) || K <- [1, 2]],
    [receive {K, V} -> V end || K <- [1, 2]].
calls3() ->
    S = go(fun() -> server(0) end),
    Me = self(),
    [go(fun() -> Me ! {K, call(S, K)} end) || K <- [1, 2, 3]],
    [receive {K, V} -> V end || K <- [1, 2, 3]].
spawn_tree() ->
    Me = self(),
    go(fun() -> go(fun() -> Me ! a end), Me ! b end),
    go(fun() -> Me ! c end),
    take(3).
%% Who ends is linked to those who end, and the last of two messages lets it end.
linked2() ->
    Me = self(),
    Ps = [spawn_link(fun() -> Me ! {self(), done} end) || _ <- [1, 2]],
    [receive {P, done} -> ok end || P <- Ps].
%% An exit signal, and two messages of which the last lets its receiver trap exits.
trap_at_last() ->
    Me = self(),
    P = go(fun() -> receive a -> ok end, receive b -> ok end, process_flag(trap_exit, true), receive X -> Me ! X end end),
    monitor(process, P),
    go(fun() -> P ! a end),
    go(fun() -> P ! b end),
    go(fun() -> exit(P, out) end),
    receive {'EXIT', _, out} -> trapped; {'DOWN', _, _, _, Why} -> Why end.
alias_once() ->
    Me = alias([reply]),
    go(fun() -> Me ! a end),
    go(fun() -> Me ! b end),
    A = take(1),
    {A, receive X -> X after 10 -> none end}.
counter() ->
    Me = self(),
    [go(fun() -> Me ! {I, erlang:unique_integer([monotonic])} end) || I <- [1, 2]],
    [A, B] = [receive {I, V} -> V end || I <- [1, 2]],
    A < B.
crash_race() ->
    Me = self(),
    go(fun() -> Me ! 1 end),
    go(fun() -> Me ! 2 end),
    [1, 2] = take(2).

%% The same with a table that all may write.
rich(Programs) ->
    ets:new(t, [named_table, public]),
    written(Programs).
%% Programs given as data: processes, each with steps that know the processes before it. Number 0 is the main one.
written(Programs) ->
    A = erts_internal:atomics_new(2, 1),
    Main = self(),
    write(1, Programs, {Main}, Main, A),
    [receive {I, Saw} -> Saw after 10 -> gone end || I <- seq(1, count(Programs))].
write(_, [], _, _, _) -> ok;
write(I, [Steps | Rest], Pids, Main, A) ->
    P = go(fun() -> Saw = walk(Steps, Pids, A, []), Main ! {I, Saw} end),
    write(I + 1, Rest, erlang:append_element(Pids, P), Main, A).
count([]) -> 0;
count([_ | Rest]) -> 1 + count(Rest).
walk([], _, _, Saw) -> Saw;
walk([Step | Steps], Pids, A, Saw) ->
    New = case Step of
        {any} -> receive X -> plain(X) end;
        {want, K} -> receive K -> K end;
        {poll} -> receive X -> plain(X) after 0 -> none end;
        {get, K} -> atomics:get(A, K);
        {put, K, V} -> atomics:put(A, K, V);
        {stop, 0} when tuple_size(Pids) =:= 1 -> ok;
        {stop, T} -> stop(element(T + 1, Pids));
        {monitor, T} -> monitor(process, element(T + 1, Pids)), ok;
        {name, K} -> catch register(name(K), self()), ok;
        {ask, K} -> whereis(name(K)) =/= undefined;
        {trap} -> process_flag(trap_exit, true);
        {link, T} -> tie(element(T + 1, Pids));
        {send, T, K} -> element(T + 1, Pids) ! K;
        {kill, T} -> kill(element(T + 1, Pids));
        {unlink, T} -> unlink(element(T + 1, Pids));
        {alive, T} -> is_process_alive(element(T + 1, Pids));
        {queue, T} -> process_info(element(T + 1, Pids), message_queue_len);
        {hold, T} -> hold(element(T + 1, Pids));
        {watch, T} -> R = monitor(process, element(T + 1, Pids)), demonitor(R, [flush]);
        {wait, Ms} -> receive X -> plain(X) after Ms -> none end;
        {later, Ms, V} -> erlang:send_after(Ms, self(), V), ok;
        {tell, K, V} -> catch name(K) ! V;
        {unname, K} -> catch unregister(name(K)), ok;
        {child, T, V} -> To = element(T + 1, Pids), spawn_link(fun() -> To ! V end), ok;
        {leave} -> exit(left);
        {add, K} -> atomics:add(A, K, 1);
        {row, K, V} -> ets:insert(t, {K, V});
        {new_row, K, V} -> ets:insert_new(t, {K, V});
        {rows, K} -> ets:lookup(t, K);
        {no_row, K} -> ets:take(t, K);
        {size} -> ets:info(t, size);
        {all_rows} -> ets:tab2list(t)
    end,
    walk(Steps, Pids, A, [New | Saw]).
%% The main process is the last one known; it is left in peace.
stop(P) -> case get_main(P) of true -> ok; false -> exit(P, stop) end.
kill(P) -> case get_main(P) of true -> ok; false -> exit(P, kill) end.
%% Holds a process for one operation of its own.
hold(P) ->
    case get_main(P) orelse P =:= self() of
        true -> ok;
        false -> catch erlang:suspend_process(P), whereis(one), catch erlang:resume_process(P), ok
    end.
tie(P) -> case get_main(P) of true -> ok; false -> catch link(P), ok end.
get_main(P) -> P =:= group_leader().
name(1) -> one;
name(2) -> two.
plain({'DOWN', _, _, _, Why}) -> {down, Why};
plain({'EXIT', _, Why}) -> {exit, Why};
plain(X) -> X.

%% A process that comes to its end by itself, against a signal that ends it.
end_or_exit() -> {P, R} = spawn_monitor(fun() -> exit(own) end), exit(P, other), why(R).
end_or_kill() -> {P, R} = spawn_monitor(fun() -> ok end), exit(P, kill), why(R).
sent_then_killed() ->
    Me = self(),
    {P, R} = spawn_monitor(fun() -> Me ! done end),
    receive done -> exit(P, kill) end,
    why(R).
end_or_linked() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> spawn_link(fun() -> exit(child) end), exit(own) end),
    receive {'EXIT', P, Why} -> Why end.
asked_at_end() -> is_process_alive(spawn(fun() -> ok end)).
held_at_end() ->
    {P, R} = spawn_monitor(fun() -> exit(own) end),
    case catch erlang:suspend_process(P) of
        true -> exit(P, other), catch erlang:resume_process(P);
        {'EXIT', _} -> gone
    end,
    why(R).
seen_at_end() ->
    P = spawn(fun() -> ok end),
    Items = [current_function, current_stacktrace, dictionary, heap_size, links, messages, stack_size, status],
    case process_info(P, Items) of
        undefined -> gone;
        Info -> erlang:garbage_collect(P), length(Info)
    end.

%% Whether an exit signal comes before its receiver traps exits.
trap_or_exit() ->
    {P, R} = spawn_monitor(fun() -> process_flag(trap_exit, true), take_one(), exit(trapped) end),
    exit(P, sent),
    why(R).
trap_after_link() ->
    {_, R} = spawn_monitor(fun() ->
        spawn_link(fun() -> exit(child) end),
        process_flag(trap_exit, true),
        take_one(),
        exit(trapped)
    end),
    why(R).
untrap_or_exit() ->
    Me = self(),
    {P, R} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        Me ! self(),
        process_flag(trap_exit, false),
        receive {'EXIT', _, _} -> exit(trapped) end
    end),
    receive P -> exit(P, sent) end,
    why(R).
take_one() -> receive X -> X end.
why(R) -> receive {'DOWN', R, _, _, Why} -> Why end.
