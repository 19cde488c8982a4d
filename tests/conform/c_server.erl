%% A server with calls, casts, timeouts and a crash, written by hand as a behaviour would be.
-module(c_server).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()].

start(S) -> spawn(fun() -> loop(S) end).
call(P, R) -> call(P, R, 1000000).
call(P, R, T) ->
    M = monitor(process, P),
    P ! {call, {self(), M}, R},
    receive {M, V} -> demonitor(M, [flush]), V; {'DOWN', M, _, _, W} -> {down, san(W)} after T -> demonitor(M, [flush]), timeout end.
cast(P, R) -> P ! {cast, R}, ok.

loop(S) ->
    receive
        {call, {F, M}, {put, K, V}} -> F ! {M, ok}, loop(S#{K => V});
        {call, {F, M}, {get, K}} -> F ! {M, case S of #{K := V} -> {ok, V}; _ -> error end}, loop(S);
        {call, {F, M}, {add, K, N}} -> V = case S of #{K := O} -> O + N; _ -> N end, F ! {M, V}, loop(S#{K => V});
        {call, {F, M}, size} -> F ! {M, map_size(S)}, loop(S);
        {call, _, silent} -> loop(S);
        {call, _, {crash, R}} -> exit(R);
        {call, {F, M}, stop} -> F ! {M, stopped};
        {cast, {put, K, V}} -> loop(S#{K => V});
        {cast, flush} -> loop(#{})
    end.

cases() ->
    [{basic, fun() -> P = start(#{}), [call(P, {put, a, 1}), call(P, {get, a}), call(P, {get, b}), call(P, size), call(P, stop), call(P, size)] end},
     {casts_in_order, fun() -> P = start(#{}), [cast(P, {put, I, I}) || I <- seq(1, 100)], A = call(P, size), cast(P, flush), {A, call(P, size)} end},
     {crash, fun() -> P = start(#{}), {call(P, {crash, bad}), call(P, size)} end}, {timeout, fun() -> P = start(#{}), {call(P, silent, 5), call(P, size), drain()} end},
     {counter, fun() -> P = start(#{}), Me = self(), [spawn(fun() -> [call(P, {add, n, 1}) || _ <- seq(1, 50)], Me ! done end) || _ <- seq(1, 20)], [receive done -> ok end || _ <- seq(1, 20)], call(P, {get, n}) end},
     {many_servers, fun() -> Ps = [start(#{i => I}) || I <- seq(1, 100)], sum([case call(P, {get, i}) of {ok, V} -> V end || P <- Ps]) end},
     {chain, fun() -> P = start(#{}), Q = start(#{}), call(P, {put, next, Q}), {ok, N} = call(P, {get, next}), call(N, {put, x, 7}), call(Q, {get, x}) end},
     {supervised, fun() -> process_flag(trap_exit, true), restart(5, []) end}, {one_for_all, fun() -> process_flag(trap_exit, true), Ps = [spawn_link(fun() -> receive {die, R} -> exit(R) end end) || _ <- seq(1, 5)], hd(Ps) ! {die, boom}, receive {'EXIT', _, R} -> ok end, [exit(P, shutdown) || P <- tl(Ps)], {R, [receive {'EXIT', P, W} -> W end || P <- tl(Ps)]} end}].

restart(0, Acc) -> Acc;
restart(N, Acc) -> P = spawn_link(fun() -> receive {work, X} -> exit({finished, X * X}) end end), P ! {work, N}, receive {'EXIT', P, R} -> restart(N - 1, [R | Acc]) end.
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
