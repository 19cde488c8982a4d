%% Depth: tail calls in constant space, body recursion a million deep, deeply
%% nested terms. Nothing may recurse on the native stack.
-module(c_deep).
-export([remote/1]).
-include("conform.hrl").

main() ->
    recursion() ++ [{N, p(F)} || {N, F} <- terms()].

recursion() ->
    [{tail, tail(1000000, 0)}, {tail_mutual, ping(1000000)}, {tail_many_args, many(1000000, 1, 2, 3, 4, 5, 6)}, {tail_remote, remote(1000000)}, {tail_fun, tail_fun(fun tail_fun/2, 1000000)},
     {body, body(1000000)}, {body_frames, frames(300000, {x, [1]})}, {body_list, length(build(1000000))}, {catches, catches(100000)}, {tries, c(fun() -> tries(100000) end)},
     {ackermann, ack(2, 300)}, {fib, fib(22)}, {hanoi, hanoi(14, a, b, c)}, {tak, tak(12, 8, 4)}].

tail(0, A) -> A;
tail(N, A) -> tail(N - 1, A + N).
ping(0) -> done;
ping(N) -> pong(N - 1).
pong(0) -> done_pong;
pong(N) -> ping(N - 1).
many(0, A, B, C, D, E, F) -> {A, B, C, D, E, F};
many(N, A, B, C, D, E, F) -> many(N - 1, B, C, D, E, F, A).
remote(0) -> ok;
remote(N) -> ?MODULE:remote(N - 1).
tail_fun(_, 0) -> ok;
tail_fun(F, N) -> F(F, N - 1).
body(0) -> 0;
body(N) -> 1 + body(N - 1).
frames(0, _) -> 0;
frames(N, X) -> Y = {N, X}, A = frames(N - 1, X), B = element(1, Y), (A + B) rem 1000003.
build(0) -> [];
build(N) -> [N | build(N - 1)].
catches(0) -> 0;
catches(N) -> 1 + (catch catches(N - 1)).
tries(0) -> throw(bottom);
tries(N) -> try tries(N - 1) catch throw:bottom -> throw(bottom); throw:X -> X end.
ack(0, N) -> N + 1;
ack(M, 0) -> ack(M - 1, 1);
ack(M, N) -> ack(M - 1, ack(M, N - 1)).
fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
hanoi(0, _, _, _) -> 0;
hanoi(N, A, B, C) -> hanoi(N - 1, A, C, B) + 1 + hanoi(N - 1, C, B, A).
tak(X, Y, Z) when Y >= X -> Z;
tak(X, Y, Z) -> tak(tak(X - 1, Y, Z), tak(Y - 1, Z, X), tak(Z - 1, X, Y)).

terms() ->
    [{{Kind, Op}, fun() -> op(Op, fun() -> nest(Kind, 100000) end) end}
     || Kind <- [tuple, list_head, list_tail, improper, map, fun_], Op <- [equal, message, process, dictionary, hash, etf, collect]].

nest(Kind, N) -> nest(Kind, N, []).
nest(_, 0, X) -> X;
nest(tuple, N, X) -> nest(tuple, N - 1, {X});
nest(list_head, N, X) -> nest(list_head, N - 1, [X]);
nest(list_tail, N, X) -> nest(list_tail, N - 1, [N | X]);
nest(improper, N, X) -> nest(improper, N - 1, [X | N]);
nest(map, N, X) -> nest(map, N - 1, #{k => X});
nest(fun_, N, X) -> nest(fun_, N - 1, fun() -> X end).

depth(X) -> depth(X, 0).
depth({X}, N) -> depth(X, N + 1);
depth([X | Y], N) when is_integer(Y) -> depth(X, N + 1);
depth([X | Y], N) when is_integer(X) -> depth(Y, N + 1);
depth([X], N) -> depth(X, N + 1);
depth(#{k := X}, N) -> depth(X, N + 1);
depth(F, N) when is_function(F) -> depth(F(), N + 1);
depth([], N) -> N.

op(equal, Mk) -> A = Mk(), B = Mk(), {A =:= B, A == B, A < B};
op(message, Mk) -> self() ! Mk(), receive X -> depth(X) end;
op(process, Mk) -> X = Mk(), {_, M} = spawn_monitor(fun() -> exit(X) end), receive {'DOWN', M, _, _, Y} -> depth(Y) end;
op(dictionary, Mk) -> put(k, Mk()), depth(erase(k));
op(hash, Mk) -> X = Mk(), case depth(X) > 0 andalso is_function(X) of true -> no_hash; false -> erlang:phash2(X) end;
op(etf, Mk) -> X = Mk(), case is_function(X) of true -> no_etf; false -> B = term_to_binary(X), {byte_size(B), depth(binary_to_term(B))} end;
op(collect, Mk) -> X = Mk(), _ = build(10000), garbage_collect(), depth(X).
