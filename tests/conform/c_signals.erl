%% The order of signals between two processes, of whatever kind.
-module(c_signals).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()].

wait() -> receive stop -> ok; {exit, R} -> exit(R); {do, F} -> F(), wait() end.

cases() ->
    [{message_then_exit_signal, fun() -> Me = self(), P = spawn(fun() -> process_flag(trap_exit, true), Me ! ready, exit({order, two()}) end), M = monitor(process, P), receive ready -> ok end, P ! first, exit(P, second), receive {'DOWN', M, _, _, R} -> san(R) end end},
     {exit_signal_then_message, fun() -> Me = self(), P = spawn(fun() -> process_flag(trap_exit, true), Me ! ready, exit({order, two()}) end), M = monitor(process, P), receive ready -> ok end, exit(P, first), P ! second, receive {'DOWN', M, _, _, R} -> san(R) end end},
     {messages_before_exit, fun() -> process_flag(trap_exit, true), Me = self(), spawn_link(fun() -> [Me ! I || I <- seq(1, 100)], exit(end_) end), L = take(101), {length(L), hd(lists:reverse(L, []))} end},
     {messages_before_down, fun() -> Me = self(), spawn_monitor(fun() -> [Me ! I || I <- seq(1, 100)], exit(end_) end), L = take(101), {hd(L), hd(lists:reverse(L, []))} end},
     {link_then_message, fun() -> process_flag(trap_exit, true), P = spawn(fun wait/0), link(P), P ! {exit, r}, receive {'EXIT', P, R} -> R end end},
     {monitor_then_message, fun() -> P = spawn(fun wait/0), M = monitor(process, P), P ! {exit, r}, receive {'DOWN', M, _, _, R} -> R end end},
     {monitor_then_exit_signal, fun() -> P = spawn(fun wait/0), M = monitor(process, P), exit(P, r), receive {'DOWN', M, _, _, R} -> R end end},
     {demonitor_then_exit, fun() -> P = spawn(fun wait/0), M = monitor(process, P), demonitor(M), P ! {exit, r}, gone(P), drain() end},
     {unlink_then_exit, fun() -> process_flag(trap_exit, true), P = spawn_link(fun wait/0), unlink(P), P ! {exit, r}, gone(P), drain() end},
     {link_unlink_link, fun() -> process_flag(trap_exit, true), P = spawn_link(fun wait/0), unlink(P), link(P), unlink(P), link(P), P ! {exit, r}, receive {'EXIT', P, R} -> {R, drain()} end end},
     {two_monitors, fun() -> P = spawn(fun wait/0), A = monitor(process, P), B = monitor(process, P), P ! {exit, r}, [receive {'DOWN', M, _, _, R} -> R end || M <- [B, A]] end},
     {exit_beats_later_message, fun() -> Me = self(), P = spawn(fun() -> receive X -> Me ! {ran, X} end end), M = monitor(process, P), exit(P, early), P ! late, receive {'DOWN', M, _, _, R} -> {R, drain()} end end},
     {via_third, fun() -> Me = self(), C = spawn(fun() -> receive {from_a, X} -> Me ! {from_c, X} end end), A = spawn(fun() -> Me ! {from_a, 1}, C ! {from_a, 2} end), X = receive {from_a, V} -> V end, Y = receive {from_c, W} -> W end, gone(A), {X, Y} end},
     {per_sender, fun() -> Me = self(), [spawn(fun() -> [Me ! {S, I} || I <- seq(1, 30)] end) || S <- seq(1, 10)], L = take(300), [S || S <- seq(1, 10), [I || {T, I} <- L, T =:= S] =/= seq(1, 30)] end},
     {info_sees_earlier_messages, fun() -> P = spawn(fun() -> receive never -> ok end end), [P ! I || I <- seq(1, 10)], {messages, L} = process_info(P, messages), exit(P, kill), L end},
     {alive_after_exit_signal, fun() -> P = spawn(fun wait/0), exit(P, r), is_process_alive(P) end},
     {kill_then_alive, fun() -> P = spawn(fun() -> process_flag(trap_exit, true), wait() end), exit(P, kill), is_process_alive(P) end},
     {exit_storm, fun() -> process_flag(trap_exit, true), Me = self(), spawn(fun() -> [exit(Me, I) || I <- seq(1, 100)] end), [receive {'EXIT', _, I} -> I end || I <- seq(1, 100)] =:= seq(1, 100) end},
     {mutual_links, fun() -> process_flag(trap_exit, true), Ps = [spawn(fun wait/0) || _ <- seq(1, 30)], [link(P) || P <- Ps], [P ! {exit, r} || P <- Ps], length([R || P <- Ps, R <- [receive {'EXIT', P, X} -> X end], R =:= r]) end}].

two() -> [receive A -> san(A) end, receive B -> san(B) end].
take(0) -> [];
take(N) -> receive X -> [san(X) | take(N - 1)] end.
