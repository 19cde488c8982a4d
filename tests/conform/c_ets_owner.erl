%% Owners of tables, heirs and gifts; what happens to a table when its owner ends.
-module(c_ets_owner).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- owners() ++ heirs() ++ gifts() ++ fixers()].

%% A process with a table, and the table. It ends when it is told to, with this reason.
holder(Options) -> holder(Options, fun(_) -> ok end).
holder(Options, Then) ->
    S = self(),
    P = spawn(fun() -> T = ets:new(held, Options), ets:insert(T, {k, 1}), Then(T), S ! {self(), T}, hold() end),
    receive {P, T} -> {P, T} end.
hold() -> receive {stop, R} -> exit(R); {call, F, A, From} -> From ! {answer, c(fun() -> apply(ets, F, A) end)}, hold() end.
stop(P, R) -> P ! {stop, R}, gone(P).
call(P, F, A) -> P ! {call, F, A, self()}, receive {answer, V} -> V end.

owners() ->
    [{dies_with_owner, fun() -> [begin {P, T} = holder([public]), A = ets:info(T, size), stop(P, R), {A, ets:info(T), c(fun() -> ets:lookup(T, k) end)} end || R <- [normal, kill, {error, x}]] end},
     {killed, fun() -> {P, T} = holder([]), exit(P, kill), gone(P), ets:info(T) end},
     {name_free, fun() -> {P, c_ets_owner_n} = {element(1, N = named([public])), c_ets_owner_n}, stop(P, normal), {N =/= x, ets:new(c_ets_owner_n, [named_table])} end},
     {several, fun() -> {P, T} = holder([public], fun(_) -> ets:new(c_ets_owner_a, [named_table]), ets:new(c_ets_owner_b, [named_table, public]) end), ets:insert(c_ets_owner_b, {x}), stop(P, normal), [ets:info(X) || X <- [T, c_ets_owner_a, c_ets_owner_b]] end},
     {gone_before_down, fun() -> {P, T} = holder([public]), R = monitor(process, P), P ! {stop, normal}, receive {'DOWN', R, _, _, _} -> ets:info(T) end end},
     {others_stay, fun() -> {P, _} = holder([]), T = ets:new(mine, []), ets:insert(T, {a}), stop(P, normal), ets:lookup(T, a) end},
     {delete_public, fun() -> {P, T} = holder([public]), {ets:delete(T), call(P, info, [T]), stop(P, normal)} end}].

named(Options) -> S = self(), P = spawn(fun() -> c_ets_owner_n = ets:new(c_ets_owner_n, [named_table | Options]), S ! ok, hold() end), receive ok -> {P, c_ets_owner_n} end.

heirs() ->
    S = fun() -> self() end,
    [{inherits, fun() -> {P, T} = holder([{heir, S(), data}]), stop(P, normal), receive {'ETS-TRANSFER', T, P, D} -> {D, ets:lookup(T, k), ets:info(T, owner) =:= self(), ets:info(T, heir) =:= self(), ets:insert(T, {own, 1})} end end},
     {inherits_named, fun() -> {P, N} = named([{heir, S(), [1, {2}]}]), stop(P, killed), receive {'ETS-TRANSFER', X, P, D} -> {X =:= N, D, ets:info(N, owner) =:= self()} end end},
     {before_down, fun() -> {P, T} = holder([{heir, S(), data}]), R = monitor(process, P), link(P), process_flag(trap_exit, true), P ! {stop, x}, queued(3), [receive {'ETS-TRANSFER', T, P, data} -> transfer; {'DOWN', R, _, _, W} -> {down, W}; {'EXIT', P, W} -> {exit, W} end || _ <- [1, 2, 3]] end},
     {dead_heir, fun() -> D = spawn(fun() -> ok end), gone(D), {P, T} = holder([{heir, D, x}]), A = ets:info(T, heir), stop(P, normal), {A, ets:info(T)} end},
     {heir_dies_first, fun() -> {H, _} = holder([]), {P, T} = holder([{heir, H, x}]), stop(H, normal), A = ets:info(T, heir) =:= H, stop(P, normal), {A, ets:info(T)} end},
     {heir_of_heir, fun() -> {H, _} = holder([]), {P, T} = holder([{heir, H, x}, public]), stop(P, normal), A = ets:info(T, owner) =:= H, ets:insert(T, {z}), B = ets:lookup(T, z), stop(H, normal), {A, B, ets:info(T)} end},
     {own_heir, fun() -> {P, T} = holder([public], fun(T) -> ets:setopts(T, {heir, self(), x}) end), A = ets:info(T, heir) =:= P, stop(P, normal), {A, ets:info(T)} end},
     {changed_heir, fun() -> {P, T} = holder([{heir, S(), first}]), R = [call(P, setopts, [T, {heir, self(), second}])], stop(P, normal), receive {'ETS-TRANSFER', T, P, D} -> {R, D} end end},
     {no_heir_any_more, fun() -> {P, T} = holder([{heir, S(), first}]), call(P, setopts, [T, {heir, none}]), stop(P, normal), {drain(), ets:info(T)} end},
     {no_heir_on_delete, fun() -> {P, T} = holder([{heir, S(), first}]), call(P, delete, [T]), stop(P, normal), {drain(), ets:info(T)} end},
     {keeps_protection, fun() -> {P, T} = holder([private, {heir, S(), d}]), stop(P, normal), receive {'ETS-TRANSFER', T, P, d} -> {ets:info(T, protection), ets:lookup(T, k)} end end},
     {protection_set, fun() -> {P, T} = holder([private]), A = c(fun() -> ets:lookup(T, k) end), call(P, setopts, [T, [{protection, public}]]), B = ets:insert(T, {l}), call(P, setopts, [T, {protection, protected}]), {A, B, c(fun() -> ets:insert(T, {l}) end), ets:lookup(T, l)} end},
     {last_write_seen, fun() -> {P, T} = holder([{heir, S(), d}]), [call(P, insert, [T, {N}]) || N <- seq(1, 5)], stop(P, normal), receive {'ETS-TRANSFER', T, P, d} -> {ets:info(T, size), ets:lookup(T, 5)} end end},
     {two_tables, fun() -> {P, T} = holder([{heir, S(), one}], fun(_) -> ets:new(c_ets_owner_t, [named_table, {heir, reader(), two}]) end), stop(P, normal), queued(1), length(drain()) >= 1 andalso ets:info(T, owner) =:= self() end}].

reader() -> self().

gifts() ->
    [{given, fun() -> {P, _} = holder([]), T = ets:new(gift, []), ets:insert(T, {a, 1}), R = ets:give_away(T, P, {present, [1]}), {R, ets:info(T, owner) =:= P, ets:lookup(T, a), c(fun() -> ets:insert(T, {b}) end), call(P, insert, [T, {b}]), stop(P, normal), ets:info(T)} end},
     {message, fun() -> S = self(), P = spawn(fun() -> T = ets:new(gift, []), ets:give_away(T, S, <<"for you">>), S ! {t, T} end), receive {'ETS-TRANSFER', T, P, D} -> gone(P), {D, ets:info(T, owner) =:= self(), receive {t, T2} -> T =:= T2 end} end end},
     {given_named, fun() -> S = self(), P = spawn(fun() -> ets:new(c_ets_owner_g, [named_table]), ets:give_away(c_ets_owner_g, S, x) end), receive M -> gone(P), {san(M), ets:info(c_ets_owner_g, owner) =:= S} end end},
     {and_back, fun() -> {P, _} = holder([]), T = ets:new(gift, []), S = self(), ets:give_away(T, P, x), R = call(P, give_away, [T, S, y]), receive {'ETS-TRANSFER', T, P, y} -> {R, ets:insert(T, {mine}), stop(P, normal), ets:lookup(T, mine)} end end},
     {keeps_heir, fun() -> {P, _} = holder([]), S = self(), T = ets:new(gift, [{heir, S, will}]), ets:give_away(T, P, x), A = ets:info(T, heir) =:= S, stop(P, normal), {A, drain()} end},
     {order_with_messages, fun() -> S = self(), P = spawn(fun() -> T = ets:new(gift, []), S ! one, ets:give_away(T, S, x), S ! two end), gone(P), drain() end}].

fixers() ->
    [{ends_with_process, fun() -> T = ets:new(f, [public]), S = self(), P = spawn(fun() -> ets:safe_fixtable(T, true), ets:safe_fixtable(T, true), S ! ok, receive stop -> ok end end), receive ok -> A = ets:info(T, fixed), P ! stop, gone(P), {A, ets:info(T, fixed)} end end},
     {ghosts_end_with_process, fun() -> T = ets:new(f, [public]), ets:insert(T, [{1}, {2}, {3}]), S = self(), P = spawn(fun() -> ets:safe_fixtable(T, true), S ! ok, receive stop -> ok end end), receive ok -> ets:delete(T, 2), A = c(fun() -> ets:next(T, 2), there end), P ! stop, gone(P), {A, c(fun() -> ets:next(T, 2) end), ets:info(T, size)} end end},
     {not_mine, fun() -> T = ets:new(f, []), {ets:safe_fixtable(T, false), ets:info(T, fixed)} end},
     {deleted_while_fixed, fun() -> {P, T} = holder([public]), ets:safe_fixtable(T, true), stop(P, normal), {ets:info(T), c(fun() -> ets:safe_fixtable(T, false) end)} end}].
