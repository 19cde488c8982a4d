%% Messages of every size that arrive while their receiver collects, waits or computes.
-module(c_mailbox_gc).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()].
cases() ->
    [{small, fun() -> flood(2000, fun(I) -> {small, I} end) end}, {lists, fun() -> flood(300, fun(I) -> seq(1, I) end) end}, {binaries, fun() -> flood(300, fun(I) -> binary:copy(<<I>>, I * 3) end) end}, {maps, fun() -> flood(200, fun(I) -> maps:from_list([{K, K} || K <- seq(1, I)]) end) end}, {bigs, fun() -> flood(300, fun(I) -> 1 bsl I end) end}, {funs, fun() -> [(F)(1) || F <- get_all(100, fun(I) -> fun(X) -> X + I end end)] =:= [I + 1 || I <- seq(1, 100)] end},
     {mixed, fun() -> flood(200, fun(I) -> {I, [I, float(I)], <<I>>, #{I => {I}}, "text", 1 bsl (I + 60)} end) end}, {selective_under_pressure, fun() -> Me = self(), spawn(fun() -> [Me ! {noise, I, seq(1, 50)} || I <- seq(1, 500)], Me ! {wanted, seq(1, 10)} end), receive {wanted, L} -> {L, length(drain())} end end},
     {computing_receiver, fun() -> Me = self(), spawn(fun() -> [Me ! {m, I, seq(1, 20)} || I <- seq(1, 500)] end), X = work(100), {X, sum([receive {m, I, L} -> I + length(L) end || I <- seq(1, 500)])} end}, {keeps_some, fun() -> Me = self(), spawn(fun() -> [Me ! {m, I, binary:copy(<<I>>, 80)} || I <- seq(1, 400)] end), K = [receive {m, I, B} -> {I, B} end || I <- seq(1, 400)], garbage_collect(), erlang:phash2([X || {I, _} = X <- K, I rem 10 =:= 0]) end},
     {to_many, fun() -> Me = self(), Ps = [spawn(fun() -> receive {t, T} -> Me ! {h, erlang:phash2(T)} end end) || _ <- seq(1, 100)], T = {t, {seq(1, 100), binary:copy(<<"b">>, 200)}}, [P ! T || P <- Ps], length([H || _ <- Ps, H <- [receive {h, X} -> X end], H =:= erlang:phash2(element(2, T))]) end}, {relayed, fun() -> Me = self(), relay(20, Me) ! {v, seq(1, 200), <<"tail">>}, receive {v, L, B} -> {length(L), B} end end}, {echo_growing, fun() -> P = spawn(fun echo/0), grow(P, 12, [x]) end}, {million_words, fun() -> Me = self(), spawn(fun() -> Me ! seq(1, 500000) end), receive L -> {length(L), hd(L)} end end}, {heap_of_messages_exits, fun() -> {P, M} = spawn_monitor(fun() -> receive stop -> ok end end), [P ! {I, seq(1, 20)} || I <- seq(1, 200)], P ! stop, receive {'DOWN', M, _, _, R} -> R end end}].
get_all(N, F) -> Me = self(), spawn(fun() -> [Me ! {v, F(I)} || I <- seq(1, N)] end), [receive {v, V} -> V end || _ <- seq(1, N)].
flood(N, F) -> L = get_all(N, F), {length(L), L =:= [F(I) || I <- seq(1, N)]}.
work(0) -> 0;
work(N) -> _ = seq(1, 500), 1 + work(N - 1).
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
relay(0, To) -> To;
relay(N, To) -> P = spawn(fun() -> receive M -> To ! M end end), relay(N - 1, P).
echo() -> receive {F, X} -> F ! {echo, X}, echo() end.
grow(P, 0, X) -> exit(P, kill), {length(X), erlang:phash2(X)};
grow(P, N, X) -> P ! {self(), X ++ X}, receive {echo, Y} -> grow(P, N - 1, Y) end.
