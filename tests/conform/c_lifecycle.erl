%% Suspension, hibernation, group leaders, explicit collection, heap limits.
-module(c_lifecycle).
-export([woken/2, woken_throw/1]).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- suspend() ++ hibernate() ++ leaders() ++ collect() ++ limits()] ++ wrong().

echo() -> receive {From, M} -> From ! {echo, M}, echo(); stop -> ok end.
status(P, S) -> case process_info(P, status) of {status, S} -> ok; _ -> receive after 1 -> status(P, S) end end.

suspend() ->
    [{suspended_does_not_answer, fun() -> P = spawn(fun echo/0), true = erlang:suspend_process(P), P ! {self(), 1}, A = receive {echo, X} -> X after 20 -> silent end, true = erlang:resume_process(P), B = receive {echo, Y} -> Y end, {A, B} end},
     {status, fun() -> P = spawn(fun echo/0), erlang:suspend_process(P), A = process_info(P, status), erlang:resume_process(P), status(P, waiting), {A, process_info(P, status)} end},
     {counted, fun() -> P = spawn(fun echo/0), erlang:suspend_process(P), erlang:suspend_process(P), erlang:resume_process(P), P ! {self(), 1}, A = receive {echo, X} -> X after 20 -> silent end, erlang:resume_process(P), {A, receive {echo, Y} -> Y end} end},
     {unless_suspending, fun() -> P = spawn(fun echo/0), A = erlang:suspend_process(P, [unless_suspending]), B = erlang:suspend_process(P, [unless_suspending]), erlang:resume_process(P), P ! {self(), 1}, {A, B, receive {echo, Y} -> Y end} end},
     {suspending_item, fun() -> P = spawn(fun echo/0), erlang:suspend_process(P), {suspending, [{Q, A, O}]} = process_info(self(), suspending), erlang:resume_process(P), {Q =:= P, A, O, process_info(self(), suspending)} end},
     {killed_while_suspended, fun() -> P = spawn(fun echo/0), M = monitor(process, P), erlang:suspend_process(P), exit(P, kill), receive {'DOWN', M, _, _, R} -> R end end},
     {exit_while_suspended, fun() -> P = spawn(fun echo/0), M = monitor(process, P), erlang:suspend_process(P), exit(P, why), receive {'DOWN', M, _, _, R} -> R end end},
     {suspender_dies, fun() -> P = spawn(fun echo/0), S = spawn(fun() -> erlang:suspend_process(P) end), gone(S), P ! {self(), back}, receive {echo, X} -> X end end},
     {info_of_suspended, fun() -> P = spawn(fun echo/0), erlang:suspend_process(P), P ! x, R = process_info(P, message_queue_len), A = is_process_alive(P), erlang:resume_process(P), {R, A} end},
     {resume_not_suspended, fun() -> P = spawn(fun echo/0), c(fun() -> erlang:resume_process(P) end) end}, {suspend_self, fun() -> c(fun() -> erlang:suspend_process(self()) end) end},
     {suspend_dead, fun() -> P = spawn(fun() -> ok end), gone(P), c(fun() -> erlang:suspend_process(P) end) end}, {resume_dead, fun() -> P = spawn(fun() -> ok end), gone(P), c(fun() -> erlang:resume_process(P) end) end}].

woken(To, X) -> receive M -> To ! {woken, M, X, get(k)} end.
woken_throw(X) -> throw(X).

hibernate() ->
    [{wakes_on_message, fun() -> Me = self(), P = spawn(fun() -> put(k, v), erlang:hibernate(?MODULE, woken, [Me, seq(1, 5)]) end), P ! hello, receive {woken, M, X, D} -> {M, X, D} end end},
     {message_already_there, fun() -> Me = self(), P = spawn(fun() -> receive go -> ok end, erlang:hibernate(?MODULE, woken, [Me, x]) end), P ! early, P ! go, receive {woken, M, X, _} -> {M, X} end end},
     {drops_the_stack, fun() -> Me = self(), P = spawn(fun() -> catch (try erlang:hibernate(?MODULE, woken_throw, [t]) after Me ! after_ran end), Me ! still_here end), M = monitor(process, P), P ! wake, receive {'DOWN', M, _, _, {R, _}} -> {R, drain()} end end},
     {status, fun() -> Me = self(), P = spawn(fun() -> erlang:hibernate(?MODULE, woken, [Me, 1]) end), status(P, waiting), R = process_info(P, current_function), P ! x, receive {woken, _, _, _} -> R end end},
     {selective_after_waking, fun() -> Me = self(), P = spawn(fun() -> erlang:hibernate(?MODULE, woken, [Me, 1]) end), status(P, waiting), P ! first, P ! second, receive {woken, M, _, _} -> M end end},
     {links_kept, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> erlang:hibernate(?MODULE, woken, [self(), 1]) end), status(P, waiting), exit(P, bye), receive {'EXIT', P, R} -> R end end},
     {big_data_dropped, fun() -> Me = self(), P = spawn(fun() -> L = seq(1, 100000), erlang:hibernate(?MODULE, woken, [Me, length(L)]) end), P ! go, receive {woken, _, N, _} -> N end end},
     {undef, fun() -> {P, M} = spawn_monitor(fun() -> erlang:hibernate(?MODULE, nope, [1]) end), P ! go, receive {'DOWN', M, _, _, {R, St}} -> {R, top(1, St)} end end}].

leaders() ->
    [{own, fun() -> is_pid(group_leader()) end}, {set, fun() -> G = group_leader(), R = group_leader(self(), self()), A = group_leader() =:= self(), group_leader(G, self()), {R, A, group_leader() =:= G} end},
     {inherited, fun() -> G = group_leader(), group_leader(self(), self()), Me = self(), spawn(fun() -> Me ! {gl, group_leader() =:= Me} end), R = receive {gl, X} -> X end, group_leader(G, self()), R end},
     {other, fun() -> P = spawn(fun echo/0), R = group_leader(self(), P), {group_leader, G} = process_info(P, group_leader), {R, G =:= self()} end}, {dead_leader, fun() -> P = spawn(fun() -> ok end), gone(P), c(fun() -> group_leader(P, self()) end) end}].

collect() ->
    [{returns, fun() -> {garbage_collect(), garbage_collect(self())} end}, {other, fun() -> P = spawn(fun echo/0), garbage_collect(P) end}, {dead, fun() -> P = spawn(fun() -> ok end), gone(P), garbage_collect(P) end}, {options, fun() -> {garbage_collect(self(), []), garbage_collect(self(), [{type, minor}]), garbage_collect(self(), [{type, major}])} end},
     {async, fun() -> P = spawn(fun echo/0), A = garbage_collect(P, [{async, req1}]), receive {garbage_collect, req1, R} -> {A, R} end end},
     {live_data, fun() -> T = id({seq(1, 1000), #{a => <<"bin">>}, 1 bsl 100, 1.5, fun() -> x end, make_ref(), self(), binary:copy(<<"y">>, 100), <<1:3>>}), H = hash(T), [garbage_collect() || _ <- seq(1, 5)], H =:= hash(T) end},
     {map_data, fun() -> M = maps:from_list([{{k, I}, [I, float(I), integer_to_list(I)]} || I <- seq(1, 500)]), garbage_collect(), [map_get({k, I}, M) || I <- [1, 250, 500]] end}, {messages, fun() -> [self() ! {m, I, seq(1, 10)} || I <- seq(1, 100)], garbage_collect(), L = drain(), {length(L), hd(L)} end},
     {cycle_of_garbage, fun() -> churn(300, {}, 0) end}, {binaries, fun() -> B = [binary:copy(<<I>>, 100) || I <- seq(1, 200)], garbage_collect(), S = [binary:part(X, 10, 50) || X <- B], garbage_collect(), erlang:phash2(S) end}, {match_state, fun() -> count_bytes(binary:copy(<<1, 2, 3, 4>>, 2000), 0, []) end},
     {growing_and_shrinking, fun() -> [length(seq(1, N)) || N <- [10, 100000, 10, 200000, 1]] end}, {old_points_to_new, fun() -> put(keep, []), grow(2000), {length(get(keep)), hd(get(keep))} end}].

hash({L, M, B, F, _, R, P, Bin, Bits}) -> {erlang:phash2({L, M, B, F, Bin, Bits}), is_reference(R), P =:= self()}.
churn(0, T, S) -> {S, tuple_size(T)};
churn(N, T, S) -> churn(N - 1, {N, T, seq(1, 50)}, S + case T of {} -> 0; {_, _, L} -> length(L) end).
count_bytes(<<X, R/binary>>, N, Acc) -> count_bytes(R, N + X, [[X, N] | case length(Acc) of 100 -> []; _ -> Acc end]);
count_bytes(<<>>, N, Acc) -> {N, length(Acc)}.
grow(0) -> ok;
grow(N) -> put(keep, [{N, seq(1, 3)} | get(keep)]), grow(N - 1).

limits() ->
    [{killed, fun() -> limit(#{size => 20000, kill => true, error_logger => false}, 1000000) end}, {under, fun() -> limit(#{size => 10000000, kill => true, error_logger => false}, 1000) end}, {not_killed, fun() -> limit(#{size => 20000, kill => false, error_logger => false}, 100000) end}, {none, fun() -> limit(0, 100000) end},
     {by_flag, fun() -> {_, M} = spawn_monitor(fun() -> process_flag(max_heap_size, #{size => 20000, kill => true, error_logger => false}), exit({len, length(seq(1, 1000000))}) end), receive {'DOWN', M, _, _, R} -> R end end},
     {trapping_does_not_help, fun() -> {_, M} = spawn_opt(fun() -> process_flag(trap_exit, true), exit({len, length(seq(1, 1000000))}) end, [monitor, {max_heap_size, #{size => 20000, kill => true, error_logger => false}}]), receive {'DOWN', M, _, _, R} -> R end end},
     {linked, fun() -> process_flag(trap_exit, true), P = spawn_opt(fun() -> length(seq(1, 1000000)) end, [link, {max_heap_size, #{size => 20000, kill => true, error_logger => false}}]), receive {'EXIT', P, R} -> R end end}].

limit(L, N) -> {_, M} = spawn_opt(fun() -> exit({len, length(seq(1, N))}) end, [monitor, {max_heap_size, L}]), receive {'DOWN', M, _, _, R} -> R end.

wrong() ->
    [{{F, As}, c(fun() -> apply(erlang, F, As) end)} || {F, As} <- [{suspend_process, [a]}, {suspend_process, [a, []]}, {resume_process, [a]}, {hibernate, [1, f, []]}, {hibernate, [m, f, a]}, {hibernate, [m, 1, []]}, {group_leader, [a, b]}, {group_leader, [1, 2]}, {garbage_collect, [a]}, {garbage_collect, [a, b]}]].
