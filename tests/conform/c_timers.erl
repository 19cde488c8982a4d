%% Timers: what starting, cancelling and reading one answers, and what arrives.
-module(c_timers).
-include("conform.hrl").
-define(FAR, 1000000000).

main() -> [{N, p(F)} || {N, F} <- cases() ++ receive_after()] ++ wrong().

left(T) when is_integer(T), T >= 0, T =< ?FAR -> left;
left(X) -> X.

cases() ->
    [{send_after, fun() -> R = erlang:send_after(1, self(), hello), {is_reference(R), receive X -> X end} end},
     {send_after_0, fun() -> erlang:send_after(0, self(), now), receive X -> X end end},
     {start_timer, fun() -> R = erlang:start_timer(1, self(), msg), receive {timeout, R, M} -> M end end},
     {start_timer_0, fun() -> R = erlang:start_timer(0, self(), {a, [1]}), receive {timeout, R, M} -> M end end},
     {cancel, fun() -> R = erlang:send_after(?FAR, self(), x), {left(erlang:cancel_timer(R)), erlang:cancel_timer(R), drain()} end},
     {cancel_start_timer, fun() -> R = erlang:start_timer(?FAR, self(), x), {left(erlang:cancel_timer(R)), drain()} end},
     {cancel_fired, fun() -> R = erlang:send_after(1, self(), x), receive x -> ok end, erlang:cancel_timer(R) end},
     {cancel_unknown, fun() -> erlang:cancel_timer(make_ref()) end},
     {cancel_info_false, fun() -> R = erlang:send_after(?FAR, self(), x), {erlang:cancel_timer(R, [{info, false}]), erlang:cancel_timer(R)} end},
     {cancel_async, fun() -> R = erlang:send_after(?FAR, self(), x), A = erlang:cancel_timer(R, [{async, true}]), receive {cancel_timer, R, L} -> {A, left(L)} end end},
     {cancel_async_unknown, fun() -> R = make_ref(), A = erlang:cancel_timer(R, [{async, true}]), receive {cancel_timer, R, L} -> {A, L} end end},
     {cancel_async_no_info, fun() -> R = erlang:send_after(?FAR, self(), x), erlang:cancel_timer(R, [{async, true}, {info, false}]) end},
     {read, fun() -> R = erlang:send_after(?FAR, self(), x), A = left(erlang:read_timer(R)), erlang:cancel_timer(R), {A, erlang:read_timer(R)} end},
     {read_fired, fun() -> R = erlang:send_after(1, self(), x), receive x -> ok end, erlang:read_timer(R) end},
     {order, fun() -> erlang:send_after(300, self(), third), erlang:send_after(100, self(), second), erlang:send_after(0, self(), first), [receive A -> A end, receive B -> B end, receive C -> C end] end},
     {many, fun() -> [erlang:send_after(I rem 7, self(), {t, I}) || I <- seq(1, 500)], sort([receive {t, I} -> I end || _ <- seq(1, 500)]) =:= seq(1, 500) end},
     {many_cancelled, fun() -> Rs = [erlang:send_after(?FAR + I, self(), I) || I <- seq(1, 500)], N = length([R || R <- Rs, is_integer(erlang:cancel_timer(R))]), {N, drain()} end},
     {to_name, fun() -> register(c_timers_n, self()), erlang:send_after(1, c_timers_n, hi), receive X -> X end end},
     {to_name_nobody, fun() -> R = erlang:send_after(1, c_timers_nobody, hi), until(fun() -> erlang:read_timer(R) =:= false end), erlang:cancel_timer(R) end},
     {to_dead, fun() -> P = spawn(fun() -> ok end), gone(P), is_reference(erlang:send_after(0, P, x)) end},
     {to_other, fun() -> Me = self(), P = spawn(fun() -> receive X -> Me ! {got, X} end end), erlang:send_after(1, P, ping), receive {got, X} -> X end end},
     {target_dies, fun() -> P = spawn(fun() -> receive stop -> ok end end), R = erlang:send_after(?FAR, P, x), P ! stop, gone(P), until(fun() -> erlang:read_timer(R) =:= false end) end},
     {owner_dies, fun() -> Me = self(), P = spawn(fun() -> erlang:send_after(1, Me, from_dead) end), gone(P), receive X -> X end end},
     {large_message, fun() -> L = seq(1, 5000), erlang:send_after(1, self(), L), receive X -> X =:= L end end},
     {message_survives_collection, fun() -> erlang:send_after(5, self(), {big, seq(1, 100), <<"bin">>}), garbage(20), receive {big, L, B} -> {length(L), B} end end},
     {absolute, fun() -> T = erlang:monotonic_time(millisecond) + 2, R = erlang:start_timer(T, self(), abs, [{abs, true}]), receive {timeout, R, M} -> M end end},
     {absolute_past, fun() -> T = erlang:monotonic_time(millisecond) - 1000, R = erlang:start_timer(T, self(), abs, [{abs, true}]), receive {timeout, R, M} -> M end end},
     {relative_option, fun() -> R = erlang:start_timer(1, self(), rel, [{abs, false}]), receive {timeout, R, M} -> M end end},
     {time_passes, fun() -> T = erlang:monotonic_time(millisecond), receive after 15 -> ok end, erlang:monotonic_time(millisecond) - T >= 15 end},
     {interval, fun() -> tick(5, []) end}].

tick(0, Acc) -> Acc;
tick(N, Acc) -> R = erlang:start_timer(1, self(), N), receive {timeout, R, M} -> tick(N - 1, [M | Acc]) end.

garbage(0) -> ok;
garbage(N) -> garbage_collect(), _ = seq(1, 1000), garbage(N - 1).

until(F) -> case F() of true -> ok; false -> receive after 1 -> until(F) end end.

receive_after() ->
    [{timeout_keeps_messages, fun() -> self() ! a, X = receive b -> b after 3 -> timeout end, {X, drain()} end},
     {timeout_restarts_on_no_message, fun() -> erlang:send_after(1, self(), noise), receive wanted -> wanted after 30 -> {timeout, receive noise -> noise end} end end},
     {message_beats_timeout, fun() -> Me = self(), spawn(fun() -> Me ! go end), receive go -> go after ?FAR -> timeout end end},
     {nested_timeouts, fun() -> receive x -> x after 1 -> receive y -> y after 1 -> receive z -> z after 1 -> three end end end end},
     {many_sleepers, fun() -> Me = self(), [spawn(fun() -> receive after I rem 5 -> Me ! {done, I} end end) || I <- seq(1, 200)], sort([receive {done, I} -> I end || _ <- seq(1, 200)]) =:= seq(1, 200) end}].

wrong() ->
    [{{send_after, T, D}, c(1, fun() -> erlang:send_after(id(T), id(D), m) end)} || {T, D} <- [{-1, c_timers_x}, {a, c_timers_x}, {1.0, c_timers_x}, {1 bsl 70, c_timers_x}, {1, 1}, {1, "x"}, {1, {a, b}}]] ++
    [{{start_timer, T, D}, c(1, fun() -> erlang:start_timer(id(T), id(D), m) end)} || {T, D} <- [{-1, c_timers_x}, {a, c_timers_x}, {1, []}]] ++
    [{{start_timer_options, O}, c(1, fun() -> erlang:start_timer(1, c_timers_x, m, id(O)) end)} || O <- [a, [x], [{abs, 1}], [{abs, true} | x]]] ++
    [{{cancel, X}, c(1, fun() -> erlang:cancel_timer(id(X)) end)} || X <- [a, 1, []]] ++ [{{cancel_options, O}, c(1, fun() -> erlang:cancel_timer(make_ref(), id(O)) end)} || O <- [a, [x], [{async, 1}], [{info, a}]]] ++
    [{{read, X}, c(1, fun() -> erlang:read_timer(id(X)) end)} || X <- [a, 1]].
