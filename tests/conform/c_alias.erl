%% Aliases: made alone or by a monitor, and when each kind ends.
-module(c_alias).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- plain() ++ by_monitor() ++ calls()] ++ wrong().

plain() ->
    [{alias_is_reference, fun() -> is_reference(alias()) end}, {send_by_alias, fun() -> A = alias(), A ! hello, drain() end},
     {send_function, fun() -> A = alias(), {erlang:send(A, x), erlang:send(A, y, []), drain()} end}, {send_returns_message, fun() -> A = alias(), A ! m end},
     {unalias, fun() -> A = alias(), {unalias(A), unalias(A), (A ! lost), drain()} end}, {unalias_unknown, fun() -> unalias(make_ref()) end},
     {plain_ref_is_no_alias, fun() -> make_ref() ! lost, drain() end}, {two, fun() -> A = alias(), B = alias(), unalias(A), A ! lost, B ! kept, drain() end},
     {reply_once, fun() -> A = alias([reply]), A ! first, receive X -> A ! second, {X, drain(), unalias(A)} end end},
     {explicit, fun() -> A = alias([explicit_unalias]), A ! 1, A ! 2, {drain(), unalias(A)} end}, {default_options, fun() -> A = alias([]), A ! 1, A ! 2, drain() end},
     {from_other_process, fun() -> A = alias(), P = spawn(fun() -> A ! {from_other, 1} end), receive X -> gone(P), X end end},
     {reply_from_other, fun() -> A = alias([reply]), P = spawn(fun() -> A ! 1, A ! 2 end), gone(P), receive X -> {X, drain()} end end},
     {dead_owner, fun() -> Me = self(), P = spawn(fun() -> Me ! {alias, alias()} end), gone(P), receive {alias, A} -> (A ! lost) end end},
     {unalias_elsewhere, fun() -> A = alias(), Me = self(), spawn(fun() -> Me ! {r, unalias(A)} end), R = receive {r, X} -> X end, A ! still, {R, drain()} end}].

wait() -> receive {exit, R} -> exit(R); {reply, A, M} -> A ! M, wait(); stop -> ok end.
waiter() -> spawn(fun wait/0).
sync(P) -> P ! {reply, self(), synced}, receive synced -> ok end.

by_monitor() ->
    [{explicit_unalias, fun() -> P = waiter(), R = monitor(process, P, [{alias, explicit_unalias}]), R ! 1, demonitor(R), R ! 2, {drain(), unalias(R), R ! 3, drain()} end},
     {explicit_after_down, fun() -> P = waiter(), R = monitor(process, P, [{alias, explicit_unalias}]), P ! {exit, x}, receive {'DOWN', R, _, _, W} -> R ! still, {W, drain(), unalias(R)} end end},
     {demonitor_ends, fun() -> P = waiter(), R = monitor(process, P, [{alias, demonitor}]), R ! 1, receive 1 -> ok end, demonitor(R), R ! 2, {drain(), unalias(R)} end},
     {demonitor_down_ends, fun() -> P = waiter(), R = monitor(process, P, [{alias, demonitor}]), P ! {exit, x}, receive {'DOWN', R, _, _, W} -> R ! lost, {W, drain(), unalias(R)} end end},
     {reply_demonitor, fun() -> P = waiter(), R = monitor(process, P, [{alias, reply_demonitor}]), P ! {reply, R, {answer, 1}}, A = receive X -> X end, R ! lost, M = demonitor(R, [info]), P ! {exit, x}, gone(P), {A, M, drain()} end},
     {reply_demonitor_down, fun() -> P = waiter(), R = monitor(process, P, [{alias, reply_demonitor}]), P ! {exit, x}, receive {'DOWN', R, _, _, W} -> R ! lost, {W, drain(), unalias(R)} end end},
     {reply_demonitor_unalias, fun() -> P = waiter(), R = monitor(process, P, [{alias, reply_demonitor}]), U = unalias(R), R ! lost, P ! {exit, x}, receive {'DOWN', R, _, _, W} -> {U, W, drain()} end end},
     {no_options, fun() -> P = waiter(), R = monitor(process, P, []), R ! lost, P ! {exit, r}, receive X -> san(X) end end},
     {tag, fun() -> P = waiter(), R = monitor(process, P, [{tag, my_tag}]), P ! {exit, r}, receive {my_tag, R, process, Q, W} -> {Q =:= P, W} end end},
     {tag_any_term, fun() -> P = waiter(), T = {"tag", [1, 1 bsl 70], #{a => 1}}, R = monitor(process, P, [{tag, T}]), P ! {exit, r}, receive {T, R, process, P, W} -> W end end},
     {tag_noproc, fun() -> P = waiter(), P ! stop, gone(P), R = monitor(process, P, [{tag, t}]), receive {t, R, process, P, W} -> W end end},
     {tag_and_alias, fun() -> P = waiter(), R = monitor(process, P, [{tag, t}, {alias, demonitor}]), R ! hi, receive hi -> ok end, P ! {exit, r}, receive {t, R, _, _, W} -> W end end},
     {flush_with_tag, fun() -> P = waiter(), R = monitor(process, P, [{tag, t}]), P ! {exit, r}, queued(1), {demonitor(R, [flush, info]), length(drain())} end},
     {by_name, fun() -> P = waiter(), register(c_alias_n, P), R = monitor(process, c_alias_n, [{alias, reply_demonitor}]), P ! {reply, R, ok}, A = receive X -> X end, exit(P, kill), gone(P), {A, drain()} end},
     {sync_first, fun() -> P = waiter(), sync(P), R = monitor(process, P, [{alias, explicit_unalias}]), P ! {reply, R, 1}, P ! {reply, R, 2}, sync(P), drain() end}].

%% The request idiom of a call with an alias.
calls() ->
    [{call, fun() -> S = spawn(fun serve/0), [call(S, {double, N}, 1000000) || N <- seq(1, 5)] end},
     {call_dead, fun() -> S = spawn(fun() -> ok end), gone(S), call(S, {double, 1}, 1000000) end},
     {call_crashes, fun() -> S = spawn(fun serve/0), call(S, {crash, why}, 1000000) end},
     {call_times_out, fun() -> S = spawn(fun serve/0), A = call(S, {never, 1}, 10), B = call(S, {double, 4}, 1000000), {A, B, drain()} end},
     {late_reply_is_dropped, fun() -> S = spawn(fun serve/0), A = call(S, {hold, 1}, 5), S ! {release, self()}, receive released -> ok end, B = call(S, {double, 8}, 1000000), {A, B, drain()} end}].

serve() -> serve([]).
serve(Held) ->
    receive
        {req, R, {double, N}} -> R ! {R, 2 * N}, serve(Held);
        {req, R, {hold, N}} -> serve([{R, N} | Held]);
        {req, _, {never, _}} -> serve(Held);
        {req, _, {crash, W}} -> exit(W);
        {release, From} -> [R ! {R, late, N} || {R, N} <- Held], From ! released, serve([])
    end.

call(S, Req, Timeout) ->
    R = monitor(process, S, [{alias, reply_demonitor}]),
    S ! {req, R, Req},
    receive
        {R, V} -> {ok, V};
        {'DOWN', R, process, S, W} -> {down, W}
    after Timeout ->
        demonitor(R, [flush]), timeout
    end.

wrong() ->
    [{{alias, O}, c(1, fun() -> erlang:alias(id(O)) end)} || O <- [a, [x], [reply | y], [{reply}], 1]] ++ [{{unalias, X}, c(1, fun() -> erlang:unalias(id(X)) end)} || X <- [a, 1, []]] ++
    [{{monitor_options, O}, c(fun() -> erlang:monitor(process, self(), id(O)) end)} || O <- [a, [x], [{alias, foo}], [{alias}], [{tag}], [{alias, demonitor} | x]]].
