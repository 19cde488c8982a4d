%% Known shapes of concurrent programs: pool, barrier, lock, philosophers, bank, pipeline, publishing.
-module(c_concurrent).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- [{pool, fun pool/0}, {barrier, fun barrier/0}, {lock, fun lock/0}, {philosophers, fun philosophers/0}, {bank, fun bank/0}, {pipeline, fun pipeline/0}, {producers, fun producers/0}, {publish, fun publish/0}, {sieve, fun sieve/0}, {mergesort, fun mergesort/0}, {election, fun election/0}, {prefix_sum, fun prefix_sum/0}, {token_ring, fun token_ring/0}, {future, fun futures/0}, {gather, fun gather/0}]].

pool() -> Me = self(), Q = spawn(fun() -> queue([{job, I} || I <- seq(1, 200)]) end), [spawn(fun() -> worker(Q, Me) end) || _ <- seq(1, 8)], Rs = [receive {result, I, V} -> {I, V} end || _ <- seq(1, 200)], sort(Rs) =:= [{I, I * I} || I <- seq(1, 200)].
queue(Js) -> receive {next, W} -> case Js of [J | T] -> W ! J, queue(T); [] -> W ! none, queue([]) end end.
worker(Q, To) -> Q ! {next, self()}, receive {job, I} -> To ! {result, I, I * I}, worker(Q, To); none -> ok end.

barrier() -> B = spawn(fun() -> bar(10, 10, []) end), Me = self(), [spawn(fun() -> phases(B, 5, Me, I) end) || I <- seq(1, 10)], L = [receive {phase, P, _} -> P end || _ <- seq(1, 50)], [length([x || Q <- L, Q =:= P]) || P <- seq(0, 4)].
bar(N, 0, Ws) -> [W ! pass || W <- Ws], bar(N, N, []);
bar(N, K, Ws) -> receive {arrive, W} -> bar(N, K - 1, [W | Ws]) end.
phases(_, 0, _, _) -> ok;
phases(B, N, Me, I) -> Me ! {phase, 5 - N, self()}, B ! {arrive, self()}, receive pass -> phases(B, N - 1, Me, I) end.

lock() -> L = spawn(fun free/0), C = spawn(fun() -> cell(0) end), Me = self(), [spawn(fun() -> incr(20, L, C), Me ! done end) || _ <- seq(1, 10)], [receive done -> ok end || _ <- seq(1, 10)], C ! {get, self()}, receive {cell, V} -> V end.
free() -> receive {lock, P} -> M = monitor(process, P), P ! locked, receive {unlock, P} -> demonitor(M, [flush]), free(); {'DOWN', M, _, _, _} -> free() end end.
cell(V) -> receive {get, P} -> P ! {cell, V}, cell(V); {set, W} -> cell(W) end.
incr(0, _, _) -> ok;
incr(N, L, C) -> L ! {lock, self()}, receive locked -> ok end, C ! {get, self()}, receive {cell, V} -> ok end, C ! {set, V + 1}, C ! {get, self()}, receive {cell, _} -> ok end, L ! {unlock, self()}, incr(N - 1, L, C).

philosophers() -> Fs = list_to_tuple([spawn(fun fork/0) || _ <- seq(1, 5)]), Me = self(), [spawn(fun() -> eat(10, A, B), Me ! {full, I} end) || I <- seq(1, 5), {A, B} <- [order(I, I rem 5 + 1, Fs)]], sort([receive {full, I} -> I end || _ <- seq(1, 5)]).
order(I, J, Fs) when I < J -> {element(I, Fs), element(J, Fs)};
order(I, J, Fs) -> {element(J, Fs), element(I, Fs)}.
fork() -> receive {take, P} -> P ! taken, receive {drop, P} -> fork() end end.
eat(0, _, _) -> ok;
eat(N, A, B) -> A ! {take, self()}, receive taken -> ok end, B ! {take, self()}, receive taken -> ok end, B ! {drop, self()}, A ! {drop, self()}, eat(N - 1, A, B).

bank() -> B = spawn(fun() -> accounts(#{a => 1000, b => 1000, c => 1000}) end), Me = self(), [spawn(fun() -> [transfer(B, F, T, N) || N <- seq(1, 20)], Me ! done end) || {F, T} <- [{a, b}, {b, c}, {c, a}, {a, c}]], [receive done -> ok end || _ <- seq(1, 4)], B ! {all, self()}, receive {all, M} -> {sum(maps:values(M)), M} end.
accounts(M) -> receive {move, P, F, T, N} -> M1 = M#{F := map_get(F, M) - N}, P ! moved, accounts(M1#{T := map_get(T, M1) + N}); {all, P} -> P ! {all, M}, accounts(M) end.
transfer(B, F, T, N) -> B ! {move, self(), F, T, N}, receive moved -> ok end.

pipeline() -> Me = self(), End = stage(fun(X) -> X * 2 end, stage(fun(X) -> X + 1 end, stage(fun(X) -> {X} end, Me))), [End ! {item, I} || I <- seq(1, 50)], End ! eof, collect([]).
stage(F, Next) -> spawn(fun() -> run(F, Next) end).
run(F, Next) -> receive {item, X} -> Next ! {item, F(X)}, run(F, Next); eof -> Next ! eof end.
collect(Acc) -> receive {item, X} -> collect([X | Acc]); eof -> lists:reverse(Acc, []) end.

producers() -> B = spawn(fun() -> buffer([], [], 3) end), Me = self(), [spawn(fun() -> [produce(B, {P, I}) || I <- seq(1, 20)] end) || P <- [1, 2, 3]], [spawn(fun() -> Me ! {got, consume(B, 30)} end) || _ <- [1, 2]], L = receive {got, X} -> X end ++ receive {got, Y} -> Y end, sort(L) =:= sort([{P, I} || P <- [1, 2, 3], I <- seq(1, 20)]).
buffer(Q, Ws, Cap) -> receive {put, P, X} when length(Q) < Cap, Ws =:= [] -> P ! ok, buffer(Q ++ [X], Ws, Cap); {put, P, X} when Ws =/= [] -> P ! ok, [W | T] = Ws, W ! {item, X}, buffer(Q, T, Cap); {get, P} when Q =/= [] -> P ! {item, hd(Q)}, buffer(tl(Q), Ws, Cap); {get, P} when Q =:= [] -> buffer(Q, Ws ++ [P], Cap) end.
produce(B, X) -> B ! {put, self(), X}, receive ok -> ok end.
consume(_, 0) -> [];
consume(B, N) -> B ! {get, self()}, receive {item, X} -> [X | consume(B, N - 1)] end.

publish() -> Me = self(), H = spawn(fun() -> hub([]) end), Ss = [spawn(fun() -> H ! {sub, self()}, receive subscribed -> Me ! ready end, listen(Me, []) end) || _ <- seq(1, 10)], [receive ready -> ok end || _ <- Ss], [H ! {pub, I} || I <- seq(1, 20)], H ! {pub, eof}, length([ok || _ <- Ss, receive {heard, L} -> L =:= seq(1, 20) end]).
hub(Ss) -> receive {sub, P} -> P ! subscribed, hub([P | Ss]); {pub, M} -> [S ! {event, M} || S <- Ss], hub(Ss) end.
listen(To, Acc) -> receive {event, eof} -> To ! {heard, lists:reverse(Acc, [])}; {event, M} -> listen(To, [M | Acc]) end.

sieve() -> Me = self(), P = spawn(fun() -> primes(Me) end), [P ! I || I <- seq(2, 100)], P ! done, collect_primes().
primes(To) -> receive done -> To ! done; P -> To ! {prime, P}, Next = spawn(fun() -> receive {start, T} -> primes(T) end end), Next ! {start, self()}, filter(P, Next, To) end.
filter(P, Next, To) -> receive {prime, Q} -> To ! {prime, Q}, filter(P, Next, To); done -> Next ! done, drain_primes(To); N when N rem P =/= 0 -> Next ! N, filter(P, Next, To); _ -> filter(P, Next, To) end.
drain_primes(To) -> receive {prime, Q} -> To ! {prime, Q}, drain_primes(To); done -> To ! done end.
collect_primes() -> receive {prime, P} -> [P | collect_primes()]; done -> [] end.

mergesort() -> L = pseudo(500, 7), psort(L, 4) =:= sort(L).
psort(L, 0) -> sort(L);
psort([], _) -> [];
psort([X], _) -> [X];
psort(L, D) -> {A, B} = halve(L, [], []), Me = self(), R = make_ref(), spawn(fun() -> Me ! {R, psort(A, D - 1)} end), S = psort(B, D - 1), receive {R, T} -> merge(fun(X, Y) -> X =< Y end, T, S) end.
pseudo(0, _) -> [];
pseudo(N, S) -> S1 = (S * 1103515245 + 12345) band 16#7fffffff, [S1 | pseudo(N - 1, S1)].

election() -> Me = self(), Ids = [3, 9, 4, 7, 1, 8, 2], Ps = [spawn(fun() -> receive {ring, N} -> N ! {elect, I}, elect(I, N, Me) end end) || I <- Ids], ring(Ps, hd(Ps)), [receive {leader, L} -> L end || _ <- Ps].
ring([P], F) -> P ! {ring, F};
ring([P, Q | T], F) -> P ! {ring, Q}, ring([Q | T], F).
elect(I, N, Me) -> receive {elect, J} when J > I -> N ! {elect, J}, elect(I, N, Me); {elect, J} when J < I -> elect(I, N, Me); {elect, I} -> N ! {won, I}, receive {won, I} -> Me ! {leader, I} end; {won, J} -> N ! {won, J}, Me ! {leader, J} end.

prefix_sum() -> Me = self(), Last = lists_foldl(fun(X, Next) -> spawn(fun() -> receive {acc, A} -> Me ! {at, X, A + X}, Next ! {acc, A + X} end end) end, Me, lists:reverse(seq(1, 30), [])), Last ! {acc, 0}, [receive {at, X, V} -> V end || X <- seq(1, 30)].
lists_foldl(F, A, [H | T]) -> lists_foldl(F, F(H, A), T);
lists_foldl(_, A, []) -> A.

token_ring() -> Me = self(), Ps = [spawn(fun() -> receive {next, N} -> token(N, Me) end end) || _ <- seq(1, 50)], nexts(Ps, hd(Ps)), hd(Ps) ! {token, 500}, receive {stopped, N} -> N end.
nexts([P], F) -> P ! {next, F};
nexts([P, Q | T], F) -> P ! {next, Q}, nexts([Q | T], F).
token(Next, Me) -> receive {token, 0} -> Me ! {stopped, 0}, token(Next, Me); {token, N} -> Next ! {token, N - 1}, token(Next, Me) end.

futures() -> Fs = [future(fun() -> fib(N) end) || N <- seq(1, 15)], [await(F) || F <- Fs].
future(F) -> Me = self(), R = make_ref(), spawn(fun() -> Me ! {R, c(F)} end), R.
await(R) -> receive {R, V} -> V end.
fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

gather() -> Ps = [spawn_monitor(fun() -> case I rem 3 of 0 -> exit({ok, I}); 1 -> error(I); 2 -> throw(I) end end) || I <- seq(1, 12)], [receive {'DOWN', M, _, _, R} -> case R of {ok, I} -> {ok, I}; {{nocatch, I}, _} -> {thrown, I}; {I, _} -> {error, I} end end || {_, M} <- Ps].

sum([H | T]) -> H + sum(T);
sum([]) -> 0.
