%% Receive: order, selection, timeouts, nesting, markers, large mailboxes.
-module(c_recv).
-include("conform.hrl").

main() ->
    [{Name, p(F)} || {Name, F} <- cases()].

cases() ->
    [{in_order, fun() -> put_all([1, 2, 3]), drain() end},
     {selective, fun() -> put_all([a, b, c]), X = receive c -> c end, {X, drain()} end},
     {selective_middle, fun() -> put_all([{k, 1}, {j, 2}, {k, 3}]), A = receive {j, V} -> V end,
                                 B = receive {k, W} -> W end, {A, B, drain()} end},
     {first_clause_is_not_first_message,
      fun() -> put_all([b, a]), X = receive a -> got_a; b -> got_b end, {X, drain()} end},
     {after_0_empty, fun() -> receive x -> x after 0 -> none end end},
     {after_0_no_match, fun() -> put_all([y]), X = receive x -> x after 0 -> none end, {X, drain()} end},
     {after_0_match, fun() -> put_all([y, x]), X = receive x -> x after 0 -> none end, {X, drain()} end},
     {after_10, fun() -> receive x -> x after 10 -> timeout end end},
     {after_only, fun() -> receive after 5 -> slept end end},
     {after_only_0, fun() -> receive after 0 -> slept end end},
     %% Messages wake a process that waits for a time alone, and it goes on waiting.
     {after_only_woken, fun() -> P = spawn(fun() -> T = id(infinity), receive after T -> ok end end),
                                 Rest = fun() -> receive after 5 -> ok end end,
                                 Rest(), [begin P ! I, Rest() end || I <- [1, 2, 3]],
                                 R = {is_process_alive(P), process_info(P, message_queue_len)},
                                 exit(P, kill), R end},
     {after_infinity, fun() -> self() ! x, T = id(infinity), receive x -> x after T -> never end end},
     {after_variable, fun() -> T = id(3), receive x -> x after T -> timeout end end},
     {after_computed, fun() -> receive x -> x after id(1) + id(2) -> timeout end end},
     {after_max, fun() -> self() ! x, receive x -> x after 16#ffffffff -> never end end},
     {after_bad_atom, fun() -> c(fun() -> receive x -> x after id(foo) -> no end end) end},
     {after_bad_negative, fun() -> c(fun() -> receive x -> x after id(-1) -> no end end) end},
     {after_bad_float, fun() -> c(fun() -> receive x -> x after id(1.0) -> no end end) end},
     {after_bad_big, fun() -> c(fun() -> receive x -> x after id(1 bsl 32) -> no end end) end},
     {after_bad_huge, fun() -> c(fun() -> receive x -> x after id(1 bsl 70) -> no end end) end},
     {after_bad_but_matching, fun() -> self() ! x, c(fun() -> receive x -> x after id(foo) -> no end end) end},
     {guard, fun() -> put_all([1, 12, 3]), X = receive N when N > 10 -> N end, {X, drain()} end},
     {guard_fails, fun() -> put_all([a, 5]), X = receive N when N + 1 > 0 -> N end, {X, drain()} end},
     {bound_variable, fun() -> R = make_ref(), put_all([{make_ref(), no}, {R, yes}]),
                               receive {R, V} -> {V, length(drain())} end end},
     {nested, fun() -> put_all([outer, x, inner]),
                       R = receive outer -> receive inner -> both end end, {R, drain()} end},
     {nested_after, fun() -> put_all([m]), receive m -> receive n -> n after 0 -> receive after 1 -> deep end end end end},
     {in_guard_context, fun() -> put_all([{a, 1}, {b, 2}]), {receive {b, X} -> X end, receive {a, Y} -> Y end} end},
     {in_argument, fun() -> put_all([3, 4]), (receive A when is_integer(A) -> A end) * (receive B -> B end) end},
     {loop_count, fun() -> put_all(seq(1, 1000)), count(0) end},
     {timeout_then_message,
      fun() -> A = receive x -> x after 1 -> timeout end, self() ! x, B = receive x -> x after 1000 -> timeout end, {A, B} end},
     {saved_position_resets, fun() -> put_all([a, b]), receive c -> c after 0 -> ok end, receive a -> ok end, drain() end},
     {match_in_case, fun() -> put_all([{ok, [1, 2]}, {ok, []}]), receive {ok, [_ | _] = L} -> L end end},
     {binary_message, fun() -> put_all([<<1, 2, 3>>]), receive <<1, R/binary>> -> R end end},
     {map_message, fun() -> put_all([#{a => 1}, #{b => 2}]), receive #{b := V} -> {V, drain()} end end},
     {fun_message, fun() -> X = id(5), self() ! fun(Y) -> X + Y end, receive F -> F(6) end end},
     {throw_in_receive, fun() -> put_all([a, b]), X = (catch receive b -> throw(out) end), {X, drain()} end},
     {exception_in_guard_call, fun() -> put_all([a]), c(fun() -> receive X -> X + id(1) end end) end},
     {catch_timeout, fun() -> try receive x -> x after 0 -> error(none) end catch error:none -> caught end end},
     {marker, fun marker/0},
     {marker_nested, fun marker_nested/0},
     {marker_stale, fun marker_stale/0},
     {marker_many_calls, fun() -> P = server(), S = calls(200, P, 0), P ! stop, S end},
     {marker_with_full_mailbox, fun() -> put_all(seq(1, 2000)), P = server(), S = calls(50, P, 0), P ! stop, {S, length(drain())} end},
     {huge_mailbox, fun() -> put_all(seq(1, 100000)), self() ! last, receive last -> ok end, length(drain()) end},
     {huge_backwards, fun() -> put_all(seq(1, 500)), backwards(500, []) end},
     {every_second, fun() -> put_all(seq(1, 200)), Odd = odd(100, []), {sum(Odd, 0), sum(drain(), 0)} end},
     {large_message, fun() -> L = seq(1, 100000), self() ! {big, L}, receive {big, M} -> {length(M), M =:= L} end end},
     {send_returns, fun() -> X = (self() ! {m, 1}), {X, drain()} end},
     {send_chain, fun() -> self() ! self() ! z, drain() end},
     {send_function, fun() -> {erlang:send(self(), m), erlang:send(self(), n, []), erlang:send(self(), o, [nosuspend, noconnect]), drain()} end},
     {send_to_dead, fun() -> P = spawn(fun() -> ok end), gone(P), {(P ! lost), erlang:send(P, lost, [])} end},
     {send_to_name, fun() -> register(c_recv_self, self()), c_recv_self ! a, {c_recv_self, node()} ! b, drain() end},
     {send_to_no_name, fun() -> c(1, fun() -> id(c_recv_nobody) ! a end) end},
     {send_to_no_name_3, fun() -> c(1, fun() -> erlang:send(id(c_recv_nobody), a, []) end) end},
     {send_to_no_name_node, fun() -> c(1, fun() -> {c_recv_nobody, node()} ! a end) end},
     {send_wrong, fun() -> [c(1, fun() -> id(X) ! a end) || X <- [1, "x", {}, {a}, {a, 1}, {1, node()}, <<>>, 1.0, #{}]] end},
     {send_bad_options, fun() -> [c(1, fun() -> erlang:send(self(), a, id(O)) end) || O <- [a, [x], [nosuspend | x]]] end},
     {two_senders_each_in_order, fun two_senders/0},
     {deep_call_receive, fun() -> self() ! go, deep(1000) end}].

put_all([M | T]) -> self() ! M, put_all(T);
put_all([]) -> ok.

count(N) -> receive _ -> count(N + 1) after 0 -> N end.

marker() ->
    put_all([noise, noise]),
    R = make_ref(),
    self() ! {R, answer},
    receive {R, X} -> {X, drain()} end.

marker_nested() ->
    R1 = make_ref(), self() ! {R1, 1},
    R2 = make_ref(), self() ! {R2, 2},
    B = receive {R2, X} -> X end,
    A = receive {R1, Y} -> Y end,
    {A, B, drain()}.

%% A reference made before the messages that it must not skip.
marker_stale() ->
    R = make_ref(),
    put_all([a, b]),
    receive a -> ok end,
    self() ! {R, x},
    receive {R, V} -> {V, drain()} end.

server() -> spawn(fun serve/0).
serve() ->
    receive
        {From, Ref, N} -> From ! {Ref, N * 2}, serve();
        stop -> ok
    end.

calls(0, _, S) -> S;
calls(N, P, S) ->
    Ref = make_ref(),
    P ! {self(), Ref, N},
    receive {Ref, V} -> calls(N - 1, P, S + V) end.

backwards(0, Acc) -> {hd(Acc), length(Acc), drain()};
backwards(N, Acc) -> receive N -> backwards(N - 1, [N | Acc]) end.

odd(0, Acc) -> Acc;
odd(N, Acc) -> receive X when X rem 2 =:= 1 -> odd(N - 1, [X | Acc]) end.

sum([H | T], S) -> sum(T, S + H);
sum([], S) -> S.

two_senders() ->
    Me = self(),
    A = spawn(fun() -> send_all(Me, a, seq(1, 100)) end),
    B = spawn(fun() -> send_all(Me, b, seq(1, 100)) end),
    {gone(A), gone(B), collect(a, 100) =:= seq(1, 100), collect(b, 100) =:= seq(1, 100), drain()}.

send_all(To, Tag, [H | T]) -> To ! {Tag, H}, send_all(To, Tag, T);
send_all(_, _, []) -> ok.
collect(_, 0) -> [];
collect(Tag, N) -> receive {Tag, V} -> [V | collect(Tag, N - 1)] end.

deep(0) -> receive go -> 0 end;
deep(N) -> 1 + deep(N - 1).
