%% Monitors by process and by name: exactly one DOWN, its reason, its order, and
%% what demonitor does to it.
-module(c_monitors).
-include("conform.hrl").

main() ->
    [{Name, p(F)} || {Name, F} <- basic() ++ order() ++ demonitors() ++ names() ++ infos() ++ many()] ++ wrong().

wait() -> receive {exit, R} -> exit(R); {do, From, F} -> From ! {did, F()}, wait(); stop -> ok end.
waiter() -> spawn(fun wait/0).
do(P, F) -> P ! {do, self(), F}, receive {did, V} -> V end.
dead() -> P = spawn(fun() -> ok end), gone(P), P.
down(Ref) -> receive {'DOWN', Ref, T, O, R} -> {T, san(O), san(R)} end.
down_or_none(Ref) -> receive {'DOWN', Ref, _, _, R} -> R after 0 -> none end.

basic() ->
    [{is_reference, fun() -> is_reference(monitor(process, waiter())) end},
     {normal, fun() -> P = waiter(), M = monitor(process, P), P ! stop, down(M) end},
     {reason, fun() -> P = waiter(), M = monitor(process, P), P ! {exit, {why, 1}}, down(M) end},
     {noproc, fun() -> down(monitor(process, dead())) end},
     {killed, fun() -> P = waiter(), M = monitor(process, P), exit(P, kill), down(M) end},
     {error, fun() -> {P, M} = spawn_monitor(fun() -> error(e) end), receive {'DOWN', M, process, P, {e, St}} -> top(1, St) end end},
     {self_monitor, fun() -> M = monitor(process, self()), {is_reference(M), process_info(self(), monitors), drain()} end},
     {twice, fun() -> P = waiter(), A = monitor(process, P), B = monitor(process, P), P ! {exit, x}, {A =:= B, down(A), down(B)} end},
     {only_once, fun() -> P = waiter(), M = monitor(process, P), P ! {exit, x}, {down(M), down_or_none(M)} end},
     {exact_message, fun() -> P = waiter(), M = monitor(process, P), P ! {exit, r}, {'DOWN', M, process, P, r} = receive X -> X end, ok end},
     {pid_in_down, fun() -> P = waiter(), M = monitor(process, P), P ! stop, receive {'DOWN', M, process, Q, _} -> P =:= Q end end},
     {does_not_kill, fun() -> {_, M} = spawn_monitor(fun() -> exit(crash) end), {down(M), alive} end},
     {not_bidirectional, fun() -> P = waiter(), M = spawn_monitor(fun() -> monitor(process, P), exit(gone) end), {_, R} = M, down(R), is_process_alive(P) end},
     {with_link, fun() -> process_flag(trap_exit, true), P = spawn_link(fun wait/0), M = monitor(process, P), P ! {exit, r},
                          {down(M), receive {'EXIT', P, R} -> R end} end},
     {large_reason, fun() -> L = seq(1, 5000), {P, M} = spawn_monitor(fun() -> exit(L) end), receive {'DOWN', M, _, P, R} -> R =:= L end end}].

order() ->
    [{messages_before_down, fun() -> Me = self(), {_, M} = spawn_monitor(fun() -> [Me ! I || I <- seq(1, 50)], exit(x) end),
                                     receive {'DOWN', M, _, _, x} -> ok end, drain() =:= seq(1, 50) end},
     {down_is_last, fun() -> Me = self(), {_, M} = spawn_monitor(fun() -> Me ! a, Me ! b end),
                             receive X -> receive Y -> receive {'DOWN', M, _, _, R} -> {X, Y, R} end end end end},
     {noproc_order, fun() -> D = dead(), self() ! before, M = monitor(process, D), down(M), drain() end},
     {name_is_free_at_down, fun() -> {_, M} = spawn_monitor(fun() -> register(c_monitors_n, self()) end), down(M), whereis(c_monitors_n) end},
     {dead_at_down, fun() -> {P, M} = spawn_monitor(fun() -> ok end), down(M), {is_process_alive(P), process_info(P)} end},
     {links_fire_too, fun() -> process_flag(trap_exit, true), {P, M} = spawn_opt(fun() -> exit(r) end, [link, monitor]),
                               X = down(M), {X, receive {'EXIT', P, r} -> got end} end}].

demonitors() ->
    [{returns_true, fun() -> M = monitor(process, waiter()), {demonitor(M), demonitor(M)} end},
     {then_no_down, fun() -> P = waiter(), M = monitor(process, P), demonitor(M), exit(P, kill), gone(P), down_or_none(M) end},
     {down_already_there, fun() -> {P, M} = spawn_monitor(fun() -> exit(r) end), queued(1), demonitor(M), down_or_none(M) end},
     {flush, fun() -> {P, M} = spawn_monitor(fun() -> exit(r) end), gone(P), {demonitor(M, [flush]), down_or_none(M)} end},
     {flush_keeps_others, fun() -> {P, M} = spawn_monitor(fun() -> exit(r) end), gone(P), self() ! x, demonitor(M, [flush]), drain() end},
     {info_active, fun() -> demonitor(monitor(process, waiter()), [info]) end},
     {info_delivered, fun() -> {P, M} = spawn_monitor(fun() -> exit(r) end), queued(1), {demonitor(M, [info]), down_or_none(M)} end},
     {info_twice, fun() -> M = monitor(process, waiter()), {demonitor(M, [info]), demonitor(M, [info])} end},
     {info_flush_active, fun() -> demonitor(monitor(process, waiter()), [flush, info]) end},
     {info_flush_delivered, fun() -> {P, M} = spawn_monitor(fun() -> exit(r) end), queued(1), {demonitor(M, [info, flush]), drain()} end},
     {info_flush_received, fun() -> {_, M} = spawn_monitor(fun() -> exit(r) end), down(M), demonitor(M, [info, flush]) end},
     {not_a_monitor, fun() -> {demonitor(make_ref()), demonitor(make_ref(), [info]), demonitor(make_ref(), [flush])} end},
     {no_options, fun() -> demonitor(monitor(process, waiter()), []) end},
     {one_of_two, fun() -> P = waiter(), A = monitor(process, P), B = monitor(process, P), demonitor(A), P ! {exit, x}, down(B), down_or_none(A) end}].

names() ->
    [{by_name, fun() -> P = waiter(), register(c_monitors_a, P), M = monitor(process, c_monitors_a), P ! {exit, r},
                        receive {'DOWN', M, process, Who, R} -> {Who =:= {c_monitors_a, node()}, R} end end},
     {by_name_node, fun() -> P = waiter(), register(c_monitors_b, P), M = monitor(process, {c_monitors_b, node()}), P ! {exit, r},
                             receive {'DOWN', M, process, Who, R} -> {Who =:= {c_monitors_b, node()}, R} end end},
     {by_name_nobody, fun() -> M = monitor(process, c_monitors_nobody),
                               receive {'DOWN', M, process, Who, R} -> {Who =:= {c_monitors_nobody, node()}, R} end end},
     {by_name_follows_process_not_name,
      fun() -> P = waiter(), register(c_monitors_c, P), M = monitor(process, c_monitors_c), unregister(c_monitors_c),
               Q = waiter(), register(c_monitors_c, Q), P ! {exit, first}, X = down(M), unregister(c_monitors_c), exit(Q, kill), X end},
     {by_name_info, fun() -> P = waiter(), register(c_monitors_d, P), monitor(process, c_monitors_d),
                             {monitors, [{process, {N, Node}}]} = process_info(self(), monitors), exit(P, kill), {N, Node =:= node()} end},
     {by_own_name, fun() -> register(c_monitors_e, self()), M = monitor(process, c_monitors_e), {is_reference(M), drain()} end}].

infos() ->
    [{monitors, fun() -> P = waiter(), monitor(process, P), {monitors, L} = process_info(self(), monitors), L =:= [{process, P}] end},
     {monitored_by, fun() -> P = waiter(), monitor(process, P), {monitored_by, L} = process_info(P, monitored_by), L =:= [self()] end},
     {monitored_twice, fun() -> P = waiter(), monitor(process, P), monitor(process, P),
                                {monitored_by, L} = process_info(P, monitored_by), {monitors, K} = process_info(self(), monitors), {length(L), length(K)} end},
     {after_demonitor, fun() -> P = waiter(), M = monitor(process, P), demonitor(M),
                                {process_info(P, monitored_by), process_info(self(), monitors)} end},
     {after_down, fun() -> {_, M} = spawn_monitor(fun() -> ok end), down(M), process_info(self(), monitors) end}].

many() ->
    [{hundred, fun() -> P = waiter(), Ms = [monitor(process, P) || _ <- seq(1, 100)], P ! {exit, r}, same([down(M) || M <- Ms]) end},
     {thousand_targets, fun() -> Ps = [spawn_monitor(fun() -> receive {exit, R} -> exit(R) end end) || _ <- seq(1, 1000)],
                                 number(Ps, 1), sum([receive {'DOWN', M, _, P, R} -> R end || {P, M} <- Ps]) end},
     {hundred_watchers, fun() -> P = waiter(), Me = self(),
                                 [spawn(fun() -> M = monitor(process, P), do(P, fun() -> ok end), Me ! set, Me ! {saw, down(M)} end) || _ <- seq(1, 100)],
                                 [receive set -> ok end || _ <- seq(1, 100)], P ! {exit, r},
                                 same([receive {saw, X} -> X end || _ <- seq(1, 100)]) end},
     {on_and_off, fun() -> P = waiter(), flip(500, P), {monitors, L} = process_info(self(), monitors), {L, drain()} end},
     {mutual, fun() -> Me = self(), P = spawn(fun() -> M = monitor(process, Me), Me ! ready, receive {'DOWN', M, _, _, _} -> ok; stop -> ok end end),
                       receive ready -> ok end, M = monitor(process, P), P ! stop, down(M) end}].

flip(0, _) -> ok;
flip(N, P) -> demonitor(monitor(process, P)), flip(N - 1, P).
number([{P, _} | T], N) -> P ! {exit, N}, number(T, N + 1);
number([], _) -> ok.
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
same([H | T]) -> same(T, H, 1).
same([H | T], H, N) -> same(T, H, N + 1);
same([], H, N) -> {N, H};
same(L, H, N) -> {different, L, H, N}.

wrong() ->
    [{{monitor_wrong, T, san(X)}, c(1, fun() -> monitor(id(T), id(X)) end)}
     || {T, X} <- [{process, 1}, {process, []}, {process, {a, 1}}, {process, {1, node()}}, {process, {a, b, c}}, {foo, self()},
                   {1, a}, {port, 1}, {port, self()}, {time_offset, x}, {process, "n"}]] ++
    [{{demonitor_wrong, san(X)}, c(1, fun() -> demonitor(id(X)) end)} || X <- [a, 1, [], self()]] ++
    [{{demonitor_options_wrong, X}, c(1, fun() -> demonitor(make_ref(), id(X)) end)} || X <- [a, [x], [flush | x], [flush, {info}], 1]].
