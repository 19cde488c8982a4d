%% Two processes in turn, a long time, with payloads that change.
-module(c_pingpong).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- [{plain, fun() -> play(20000, 0) end}, {growing, fun() -> play_list(300, []) end}, {tuples, fun() -> play_any(1000, {a, [1], <<"b">>}) end}, {with_refs, fun() -> rpc(3000) end}, {three, fun() -> three(3000) end}, {timeouts, fun() -> timed(300) end}, {server_state, fun() -> state(2000) end}]].
play(N, S) -> P = spawn(fun pong/0), R = ping(P, N, S), P ! stop, gone(P), R.
ping(_, 0, S) -> S;
ping(P, N, S) -> P ! {self(), N}, receive {pong, M} -> ping(P, N - 1, S + M) end.
pong() -> receive {F, N} -> F ! {pong, N}, pong(); stop -> ok end.
play_list(N, L) -> P = spawn(fun pong/0), R = lists(P, N, L), P ! stop, R.
lists(_, 0, L) -> length(L);
lists(P, N, L) -> P ! {self(), [N | L]}, receive {pong, M} -> lists(P, N - 1, M) end.
play_any(N, T) -> P = spawn(fun pong/0), R = any(P, N, T), P ! stop, R.
any(_, 0, T) -> T;
any(P, N, T) -> P ! {self(), T}, receive {pong, T} -> any(P, N - 1, T) end.
rpc(N) -> P = spawn(fun server/0), R = calls(P, N, 0), P ! stop, R.
server() -> receive {call, F, R, N} -> F ! {R, N + 1}, server(); stop -> ok end.
calls(_, 0, S) -> S;
calls(P, N, S) -> R = make_ref(), P ! {call, self(), R, N}, receive {R, V} -> calls(P, N - 1, S + V) end.
three(N) -> Me = self(), C = spawn(fun() -> fwd(Me) end), B = spawn(fun() -> fwd(C) end), rounds(B, N, 0).
fwd(To) -> receive X -> To ! X, fwd(To) end.
rounds(_, 0, S) -> S;
rounds(B, N, S) -> B ! {r, N}, receive {r, M} -> rounds(B, N - 1, S + M) end.
timed(N) -> P = spawn(fun pong/0), timed(P, N, 0).
timed(_, 0, S) -> S;
timed(P, N, S) -> P ! {self(), N}, receive {pong, M} -> timed(P, N - 1, S + M) after 1000000 -> timeout end.
state(N) -> P = spawn(fun() -> keep(#{}) end), puts(P, N), P ! {sum, self()}, receive {sum, S} -> S end.
keep(M) -> receive {put, K, V} -> keep(M#{K => V}); {sum, F} -> F ! {sum, {map_size(M), total(maps:values(M))}} end.
puts(_, 0) -> ok;
puts(P, N) -> P ! {put, N rem 100, N}, puts(P, N - 1).
total([H | T]) -> H + total(T);
total([]) -> 0.
