%% Links, exit signals and trap_exit: who dies of what, and what a trapper sees.
-module(c_links).
-include("conform.hrl").

main() ->
    [{Name, p(F)} || {Name, F} <- links() ++ unlinks() ++ exits() ++ trapping() ++ chains()] ++ wrong().

%% A process that waits for {exit, R}, {do, F} or stop.
waiter() -> spawn(fun wait/0).
trapper() ->
    Me = self(),
    P = spawn(fun() -> process_flag(trap_exit, true), Me ! {ready, self()}, wait() end),
    receive {ready, P} -> P end.
wait() ->
    receive
        {exit, R} -> exit(R);
        {do, From, F} -> From ! {did, F()}, wait();
        messages -> ok;
        stop -> ok
    end.
do(P, F) -> P ! {do, self(), F}, receive {did, V} -> V end.

links() ->
    [{link_returns, fun() -> P = waiter(), R = link(P), unlink(P), R end},
     {link_self, fun() -> link(self()) end},
     {link_twice, fun() -> P = waiter(), link(P), link(P), {links, L} = process_info(self(), links), N = length(L), unlink(P), N end},
     {links_both_sides, fun() -> P = waiter(), link(P), Me = self(), do(P, fun() -> process_info(self(), links) =:= {links, [Me]} end) end},
     {link_dead_not_trapping, fun() -> {P, R} = spawn_monitor(fun() -> D = dead(), link(D), receive after infinity -> ok end end),
                                       receive {'DOWN', R, process, P, {Why, St}} -> {Why, top(2, St)} end end},
     {link_dead_trapping, fun() -> process_flag(trap_exit, true), D = dead(), X = link(D), {X, receive {'EXIT', D, Why} -> Why end} end},
     {exit_kills_linked, fun() -> exit_linked(boom) end},
     {normal_does_not_kill, fun() -> Q = waiter(), P = spawn(fun() -> link(Q) end), gone(P),
                                     {do(Q, fun() -> alive end), is_process_alive(Q)} end},
     {shutdown_kills, fun() -> exit_linked(shutdown) end},
     {kill_reason_by_exit, fun() -> exit_linked(kill) end},
     {linked_error, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> error(e) end),
                             receive {'EXIT', P, {R, St}} -> {R, top(1, St)} end end},
     {linked_throw, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> throw(t) end),
                             receive {'EXIT', P, {R, _}} -> R end end}].

dead() -> P = spawn(fun() -> ok end), gone(P), P.

%% The reason with which a process dies whose linked peer exits with R.
exit_linked(R) ->
    Q = waiter(),
    Mon = monitor(process, Q),
    {P, PMon} = spawn_monitor(fun() -> link(Q), exit(R) end),
    A = receive {'DOWN', Mon, process, Q, X} -> X end,
    B = receive {'DOWN', PMon, process, P, Y} -> Y end,
    {A, B}.

unlinks() ->
    [{unlink_returns, fun() -> {unlink(self()), unlink(waiter()), unlink(dead())} end},
     {unlink_then_exit, fun() -> P = waiter(), link(P), unlink(P), exit(P, kill), gone(P), survived end},
     {unlink_no_exit_message, fun() -> process_flag(trap_exit, true), P = waiter(), link(P), unlink(P), exit(P, kill), gone(P), drain() end},
     {unlink_from_other_side, fun() -> process_flag(trap_exit, true), P = waiter(), link(P), Me = self(), do(P, fun() -> unlink(Me) end),
                                       exit(P, kill), gone(P), drain() end},
     {relink, fun() -> process_flag(trap_exit, true), P = waiter(), link(P), unlink(P), link(P), P ! {exit, again},
                       receive {'EXIT', P, R} -> R end end},
     {unlink_leaves_message_already_there,
      fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> exit(early) end), queued(1), unlink(P), drain() end},
     {unlink_idiom, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> exit(early) end), queued(1), unlink(P),
                             A = receive {'EXIT', P, R} -> R after 0 -> none end, {A, drain()} end},
     {many_relinks, fun() -> P = waiter(), relink(100, P), {links, L} = process_info(self(), links), R = length(L), unlink(P), R end}].

relink(0, P) -> link(P);
relink(N, P) -> link(P), unlink(P), relink(N - 1, P).

exits() ->
    [{exit_2_returns, fun() -> P = waiter(), R = exit(P, die), {R, gone(P)} end},
     {exit_waiter, fun() -> killed(fun waiter/0, die) end},
     {exit_normal_to_other, fun() -> P = waiter(), exit(P, normal), A = do(P, fun() -> still_here end), P ! {exit, done}, {A, gone(P)} end},
     {exit_normal_to_self, fun() -> end_of(fun() -> exit(self(), normal), still_here end) end},
     {exit_normal_to_self_trapping, fun() -> process_flag(trap_exit, true), exit(self(), normal), drain() end},
     {exit_other_to_self, fun() -> end_of(fun() -> exit(self(), why), still_here end) end},
     {exit_other_to_self_trapping, fun() -> process_flag(trap_exit, true), exit(self(), why), drain() end},
     {exit_kill_to_self, fun() -> end_of(fun() -> exit(self(), kill), still_here end) end},
     {exit_kill_to_self_trapping, fun() -> end_of(fun() -> process_flag(trap_exit, true), exit(self(), kill), still_here end) end},
     {exit_kill, fun() -> killed(fun waiter/0, kill) end},
     {exit_kill_trapping, fun() -> killed(fun trapper/0, kill) end},
     {exit_killed, fun() -> killed(fun waiter/0, killed) end},
     {exit_trapping, fun() -> P = trapper(), exit(P, reason1), R = do(P, fun() -> receive {'EXIT', _, X} -> X end end), exit(P, kill), R end},
     {exit_normal_trapping, fun() -> P = trapper(), exit(P, normal), R = do(P, fun() -> receive {'EXIT', _, X} -> X end end), exit(P, kill), R end},
     {exit_sender_in_message, fun() -> P = trapper(), exit(P, x), Me = self(), R = do(P, fun() -> receive {'EXIT', From, _} -> From =:= Me end end), exit(P, kill), R end},
     {exit_dead, fun() -> exit(dead(), x) end},
     {exit_after_message, fun() -> P = trapper(), P ! first, exit(P, second), R = do_drain(P), exit(P, kill), R end},
     {exit_large_reason, fun() -> P = waiter(), R = monitor(process, P), exit(P, seq(1, 2000)),
                                  receive {'DOWN', R, process, P, L} -> {length(L), hd(L)} end end},
     {exit_1_cannot_be_stopped_by_trap, fun() -> end_of(fun() -> process_flag(trap_exit, true), exit(own) end) end},
     {exit_1_can_be_caught, fun() -> (catch exit(own)) end},
     {exit_2_cannot_be_caught, fun() -> end_of(fun() -> catch exit(self(), own) end) end},
     {exit_self_runs_no_after, fun() -> Me = self(), end_of(fun() -> try exit(self(), own) after Me ! ran end end), drain() end},
     {killed_propagates, fun() -> P = waiter(), Q = spawn(fun() -> link(P), do(P, fun() -> ok end), wait() end), do(Q, fun() -> ok end),
                                  M = monitor(process, Q), exit(P, kill), receive {'DOWN', M, process, Q, R} -> R end end},
     {kill_from_link_is_catchable,
      fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> exit(kill) end), receive {'EXIT', P, R} -> R end end}].

do_drain(P) ->
    do(P, fun() -> [receive first -> first end, receive {'EXIT', _, R} -> R end, drain()] end).

end_of(F) ->
    {P, M} = spawn_monitor(fun() -> exit({returned, F()}) end),
    receive {'DOWN', M, process, P, R} -> R end.

killed(Make, R) ->
    P = Make(), M = monitor(process, P), exit(P, R),
    receive {'DOWN', M, process, P, X} -> X end.

trapping() ->
    [{flag_returns_old, fun() -> A = process_flag(trap_exit, true), B = process_flag(trap_exit, true),
                                 C = process_flag(trap_exit, false), {A, B, C} end},
     {trap_normal, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> ok end), receive {'EXIT', P, R} -> R end end},
     {trap_then_untrap, fun() -> end_of(fun() -> process_flag(trap_exit, true), P = spawn_link(fun wait/0),
                                                 process_flag(trap_exit, false), P ! {exit, x}, receive after infinity -> ok end end) end},
     {trap_order, fun() -> process_flag(trap_exit, true), Me = self(),
                           P = spawn_link(fun() -> Me ! 1, Me ! 2, exit(3) end),
                           receive {'EXIT', P, R} -> {R, drain()} end end},
     {trap_order_all, fun() -> process_flag(trap_exit, true), Me = self(), spawn_link(fun() -> Me ! 1, Me ! 2, exit(3) end),
                               receive A -> receive B -> receive C -> {A, B, san(C)} end end end end},
     {trap_many, fun() -> process_flag(trap_exit, true), [spawn_link(fun() -> exit(I) end) || I <- seq(1, 200)],
                          sort([receive {'EXIT', _, R} -> R end || _ <- seq(1, 200)]) =:= seq(1, 200) end},
     {links_gone_after_exit, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> ok end), receive {'EXIT', P, _} -> ok end,
                                      process_info(self(), links) end},
     {exit_and_down, fun() -> process_flag(trap_exit, true), {P, M} = spawn_opt(fun() -> exit(both) end, [link, monitor]),
                              A = receive {'EXIT', P, X} -> X end, B = receive {'DOWN', M, process, P, Y} -> Y end, {A, B} end}].

chains() ->
    [{chain_dies, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> chain(50) end), receive {'EXIT', P, R} -> R end end},
     {chain_stopped_by_trapper, fun() -> middle(true) end},
     {chain_normal, fun() -> middle(false) end},
     {group_dies, fun() -> Me = self(),
                           Leader = spawn(fun() -> Ps = [spawn_link(fun wait/0) || _ <- seq(1, 20)], Me ! {ps, Ps}, receive go -> exit(all) end end),
                           Ps = receive {ps, L} -> L end, Ms = [monitor(process, P) || P <- Ps], Leader ! go,
                           count_same([receive {'DOWN', M, _, _, R} -> R end || M <- Ms], all, 0) end}].

count_same([R | T], R, N) -> count_same(T, R, N + 1);
count_same([], _, N) -> N;
count_same([Other | _], _, N) -> {Other, N}.

chain(0) -> exit(end_of_chain);
chain(N) -> spawn_link(fun() -> chain(N - 1) end), receive after infinity -> ok end.

middle(Trap) ->
    Me = self(),
    Mid = spawn(fun() -> process_flag(trap_exit, Trap), P = spawn_link(fun wait/0), Me ! {inner, P},
                         receive {'EXIT', P, R} -> Me ! {saw, R}; stop -> Me ! {saw, stopped} end end),
    M = monitor(process, Mid),
    P = receive {inner, X} -> X end,
    case Trap of
        true -> P ! {exit, bad};
        false -> P ! stop, gone(P), Mid ! stop
    end,
    {receive {saw, S} -> S end, receive {'DOWN', M, process, Mid, R} -> R end}.

wrong() ->
    [{{link_wrong, X}, c(1, fun() -> link(id(X)) end)} || X <- [a, 1, [], {}, <<>>]] ++
    [{{unlink_wrong, X}, c(1, fun() -> unlink(id(X)) end)} || X <- [a, 1, [], {}]] ++
    [{{exit_wrong, X}, c(1, fun() -> exit(id(X), r) end)} || X <- [a, 1, [], {}]] ++
    [{{trap_wrong, X}, c(1, fun() -> process_flag(trap_exit, id(X)) end)} || X <- [a, 1, [], yes]].
