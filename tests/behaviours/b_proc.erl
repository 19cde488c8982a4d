%% proc_lib and timer: starting in step, ancestors, ends; times that pass.
-module(b_proc).
-export([starter/1, told/2, crash/1]).
-include("../conform/conform.hrl").

main() -> starts() ++ ancestors() ++ ends() ++ timers().

starter(F) -> F().
told(Pid, M) -> Pid ! M.
crash(R) -> exit(R).
settled() -> receive after 30 -> drain() end.

starts() ->
    [{{F, Name}, p(fun() -> process_flag(trap_exit, true), R = san(c(fun() -> proc_lib:F(?MODULE, starter, [Fun]) end)), {R, shorter(settled())} end)}
     || F <- [start, start_link], {Name, Fun} <- [{ack, fun() -> proc_lib:init_ack({ok, self()}), exit(normal) end}, {ack_other, fun() -> proc_lib:init_ack(whatever), exit(later) end},
            {exits, fun() -> exit(early) end}, {exits_normally, fun() -> exit(normal) end}, {returns, fun() -> done end}, {killed, fun() -> exit(self(), kill), receive after infinity -> ok end end}]] ++
    [{start_timeout, p(fun() -> process_flag(trap_exit, true), {proc_lib:start_link(?MODULE, starter, [fun() -> receive after infinity -> ok end end], 10), settled()} end)},
     {start_errs, p(fun() -> process_flag(trap_exit, true), {error, {R, [_ | _]}} = proc_lib:start_link(?MODULE, starter, [fun() -> error(broken) end]), {R, length(settled())} end)},
     {start_monitor, p(fun() -> {R, M} = proc_lib:start_monitor(?MODULE, starter, [fun() -> proc_lib:init_ack(hello), exit(later) end]), receive {'DOWN', M, _, _, W} -> {R, W} end end)},
     {start_monitor_fails, p(fun() -> {R, M} = proc_lib:start_monitor(?MODULE, starter, [fun() -> exit(early) end]), receive {'DOWN', M, _, _, W} -> {R, W} end end)},
     {ack_to, p(fun() -> Me = self(), proc_lib:start(?MODULE, starter, [fun() -> proc_lib:init_ack(Me, {from, x}) end]) end)},
     {spawn_opt, p(fun() -> P = proc_lib:spawn_opt(fun() -> receive stop -> ok end end, [{priority, low}]), R = process_info(P, priority), P ! stop, R end)}].

shorter([{'EXIT', P, {R, [{_, _, _, _} | _]}} | T]) -> [{'EXIT', P, {R, stack}} | shorter(T)];
shorter([H | T]) -> [H | shorter(T)];
shorter([]) -> [].

ancestors() ->
    [{ancestors, p(fun() -> Me = self(), P = proc_lib:spawn(fun() -> Me ! {a, get('$ancestors'), self()}, Q = proc_lib:spawn(fun() -> Me ! {b, get('$ancestors')} end), Me ! {q, Q} end),
                             receive {a, A, P} -> receive {b, B} -> {A =:= [Me], B =:= [P, Me]} end end end)},
     {named_ancestor, p(fun() -> Me = self(), register(b_proc_parent, Me), proc_lib:spawn(fun() -> Me ! {a, get('$ancestors')} end), receive {a, A} -> A end end)},
     {initial_call, p(fun() -> Me = self(), P = proc_lib:spawn(?MODULE, starter, [fun() -> Me ! ready, receive stop -> ok end end]), receive ready -> ok end, R = {proc_lib:initial_call(P), proc_lib:translate_initial_call(P)}, P ! stop, san(R) end)},
     {translate_plain, p(fun() -> P = spawn(?MODULE, starter, [fun() -> receive stop -> ok end end]), R = proc_lib:translate_initial_call(P), P ! stop, R end)}].

ends() ->
    [{Name, p(fun() -> process_flag(trap_exit, true), P = proc_lib:spawn_link(F), receive {'EXIT', P, {R, [_ | _]}} -> {R, stack}; {'EXIT', P, R} -> R end end)}
     || {Name, F} <- [{normal, fun() -> ok end}, {exits, fun() -> exit(bye) end}, {shutdown, fun() -> exit({shutdown, x}) end}, {errs, fun() -> error(broken) end}, {throws, fun() -> throw(up) end},
                      {badarg, fun() -> atom_to_list(id(1)) end}, {killed, fun() -> exit(self(), kill), receive after infinity -> ok end end}, {of_link, fun() -> spawn_link(fun() -> exit(linked) end), receive after infinity -> ok end end}]] ++
    [{hibernate, p(fun() -> Me = self(), P = proc_lib:spawn(fun() -> proc_lib:hibernate(?MODULE, told, [Me, woken]) end), P ! go, receive woken -> ok end end)},
     {hibernate_crash, p(fun() -> {P, M} = proc_lib:spawn_opt(fun() -> proc_lib:hibernate(?MODULE, crash, [after_sleep]) end, [monitor]), P ! go, receive {'DOWN', M, _, P, R} -> R end end)},
     {stop, p(fun() -> {ok, P} = gen_event:start(), M = monitor(process, P), R = proc_lib:stop(P, done, 1000), receive {'DOWN', M, _, _, W} -> {R, W} end end)},
     {stop_dead, p(fun() -> P = spawn(fun() -> ok end), gone(P), c(fun() -> proc_lib:stop(P) end) end)},
     {stop_deaf, p(fun() -> P = proc_lib:spawn(fun() -> receive stop -> ok end end), R = c(fun() -> proc_lib:stop(P, done, 10) end), exit(P, kill), R end)}].

timers() ->
    [{sleep, p(fun() -> timer:sleep(5) end)}, {tc, p(fun() -> {T, R} = timer:tc(fun() -> x end), {is_integer(T), R} end)},
     {units, [timer:seconds(2), timer:minutes(1), timer:hours(1), timer:hms(1, 2, 3)]}, {now_diff, timer:now_diff({1, 2, 3}, {1, 1, 1})},
     {send_after, p(fun() -> {ok, _} = timer:send_after(5, hello), receive M -> M end end)},
     {send_after_to, p(fun() -> Me = self(), P = spawn(fun() -> receive M -> Me ! {got, M} end end), {ok, _} = timer:send_after(5, P, x), receive {got, M} -> M end end)},
     {send_after_named, p(fun() -> register(b_proc_named, self()), {ok, _} = timer:send_after(5, b_proc_named, x), receive M -> M end end)},
     {apply_after, p(fun() -> {ok, _} = timer:apply_after(5, ?MODULE, told, [self(), applied]), receive M -> M end end)},
     {apply_at_once, p(fun() -> {ok, _} = timer:apply_after(0, ?MODULE, told, [self(), applied]), receive M -> M end end)},
     {exit_after, p(fun() -> P = spawn(fun() -> receive after infinity -> ok end end), M = monitor(process, P), {ok, _} = timer:exit_after(5, P, bye), receive {'DOWN', M, _, _, R} -> R end end)},
     {kill_after, p(fun() -> P = spawn(fun() -> receive after infinity -> ok end end), M = monitor(process, P), {ok, _} = timer:kill_after(5, P), receive {'DOWN', M, _, _, R} -> R end end)},
     {cancel, p(fun() -> {ok, T} = timer:send_after(20, hello), R = timer:cancel(T), receive M -> {R, M} after 50 -> R end end)},
     {cancel_twice, p(fun() -> {ok, T} = timer:send_after(1, hello), receive hello -> ok end, {timer:cancel(T), timer:cancel(T), timer:cancel(foo)} end)},
     {interval, p(fun() -> {ok, T} = timer:send_interval(3, tick), [receive tick -> ok end || _ <- seq(1, 3)], timer:cancel(T) end)},
     {apply_interval, p(fun() -> {ok, T} = timer:apply_interval(3, ?MODULE, told, [self(), tick]), [receive tick -> ok end || _ <- seq(1, 3)], timer:cancel(T) end)},
     {order, p(fun() -> [timer:send_after(N * 10, N) || N <- [3, 1, 2]], [receive N -> N end || _ <- [1, 2, 3]] end)},
     {wrong, p(fun() -> [timer:send_after(id(T), x) || T <- [-1, a, 1.0]] ++ [timer:apply_after(1, 2, 3, 4)] end)}].
