%% Funs: closures, external funs, calls with the wrong arity, fun_info.
-module(c_funs).
-export([plus/2, none/0]).
-include("conform.hrl").

main() -> calls() ++ closures() ++ named() ++ external() ++ arity() ++ infos() ++ predicates() ++ higher() ++ travel().

plus(A, B) -> A + B.
none() -> nothing.
local(X) -> {local, X}.

calls() ->
    [{f0, (fun() -> 0 end)()}, {f1, (id(fun(X) -> X end))(1)}, {f2, (id(fun(X, Y) -> {Y, X} end))(1, 2)}, {local, (id(fun local/1))(a)},
     {f9, (id(fun(A, B, C, D, E, F, G, H, I) -> [A, B, C, D, E, F, G, H, I] end))(1, 2, 3, 4, 5, 6, 7, 8, 9)},
     {clauses, [(id(fun(a) -> 1; ({b, X}) -> X; ([_ | T]) when T =:= [] -> one; (_) -> other end))(X) || X <- [a, {b, 2}, [1], [1, 2], c]]},
     {guard, [(id(fun(X) when X > 5 -> big; (_) -> small end))(X) || X <- [1, 9, a]]},
     {apply2, apply(id(fun(X, Y) -> X * Y end), [6, 7])}, {apply3, apply(id(?MODULE), id(plus), [1, 2])}, {variable_module, (id(?MODULE)):plus(3, 4)}, {variable_function, ?MODULE:(id(plus))(5, 6)},
     {tail_call, tail(id(fun(X) -> X + 1 end), 10)}, {in_body, 1 + (id(fun(X) -> X end))(41)}].

tail(F, X) -> F(X).

closures() ->
    X = id(1), Y = id([2, 3]), Z = id({4, <<"five">>}),
    [{captures, (id(fun() -> {X, Y, Z} end))()}, {mixed, (id(fun(A) -> [A, X, Y] end))(0)}, {shadowed, (id(fun(X1) -> {X1, X} end))(9)},
     {counter, [F() || F <- [mk(I) || I <- [1, 2, 3]]]},
     {nested_applied, (((id(fun(A) -> fun(B) -> fun(C) -> {A, B, C, X} end end end))(1))(2))(3)},
     {many, (many(id(1), id(2), id(3), id(4), id(5), id(6), id(7), id(8), id(9), id(10)))()}, {after_gc, scope(fun() -> F = mk(Y), _ = garbage(10000), F() end)},
     {curry, (curry(fun ?MODULE:plus/2))(3)}, {compose, (compose([mk1(1), mk1(2), mk1(3)]))(0)}, {church, church(5)}, {y, y(fun(F) -> fun(0) -> 1; (N) -> N * F(N - 1) end end, 10)}].

mk(V) -> fun() -> V end.
mk1(V) -> fun(X) -> [V | [X]] end.
many(A, B, C, D, E, F, G, H, I, J) -> fun() -> {A, B, C, D, E, F, G, H, I, J} end.
garbage(0) -> [];
garbage(N) -> [N | garbage(N - 1)].
curry(F) -> X = id(10), fun(Y) -> F(X, Y) end.
compose([F | T]) -> G = compose(T), fun(X) -> F(G(X)) end;
compose([]) -> fun(X) -> X end.
church(N) -> (church_n(N))(fun(X) -> X + 1 end, 0).
church_n(0) -> fun(_, X) -> X end;
church_n(N) -> P = church_n(N - 1), fun(F, X) -> F(P(F, X)) end.
y(F, N) -> G = fun(H) -> F(fun(A) -> (H(H))(A) end) end, (G(G))(N).

named() ->
    [{fact, (fun F(0) -> 1; F(N) -> N * F(N - 1) end)(20)}, {loop, (fun L(0, Acc) -> Acc; L(N, Acc) -> L(N - 1, Acc + N) end)(100000, 0)},
     {captured, scope(fun() -> K = id(3), (fun P(0) -> 1; P(N) -> K * P(N - 1) end)(4) end)}, {mutual, {even(10), even(7)}},
     {walk, (fun W({L, R}) -> W(L) + W(R); W(X) -> X end)({{1, 2}, {3, {4, 5}}})}].

even(0) -> true;
even(N) -> odd(N - 1).
odd(0) -> false;
odd(N) -> even(N - 1).

external() ->
    [{plus, (id(fun ?MODULE:plus/2))(1, 2)}, {bif, (id(fun erlang:abs/1))(-3)}, {variable, scope(fun() -> M = id(?MODULE), F = id(none), A = id(0), (fun M:F/A)() end)},
     {undefined, c(1, fun() -> (id(fun c_none:f/1))(x) end)}, {bad_parts, [c(fun() -> fun M:F/A end) || {M, F, A} <- [{1, f, 1}, {m, 1, 1}, {m, f, a}, {m, f, -1}, {m, f, 256}]]},
     {equal, {fun ?MODULE:plus/2 =:= id(fun c_funs:plus/2), fun ?MODULE:plus/2 =:= fun ?MODULE:none/0}}, {as_key, map_get(fun erlang:abs/1, #{fun erlang:abs/1 => yes})}].

arity() ->
    F0 = id(fun() -> ok end), F1 = id(fun(X) -> X end), F2 = id(fun ?MODULE:plus/2),
    [{badarity, [c(fun() -> case N of 0 -> F(); 1 -> F(a); 2 -> F(a, b); 3 -> F(a, b, c) end end) || F <- [F0, F1], N <- [0, 1, 2, 3]]},
     {badarity_ext, [c(fun() -> F2() end), c(fun() -> F2(1) end), c(fun() -> F2(1, 2, 3) end), c(fun() -> F2(1, 2) end)]},
     {badfun, [c(fun() -> (id(X))(1) end) || X <- [a, 1, [], {}, {a, b}, "f", <<>>, #{}]]}, {apply_badarity, c(fun() -> apply(F1, [1, 2, 3]) end)},
     {badarity_message, try F1(1, [2]) catch error:{badarity, {F, As}} -> {F =:= F1, As} end}, {badfun_message, try (id({x}))(1) catch error:{badfun, X} -> X end},
     {args_evaluated_first, scope(fun() -> put(c_funs, 0), c(fun() -> (id(nofun))(put(c_funs, 1)) end), erase(c_funs) end)}].

infos() ->
    A = id(1), B = id(2),
    Fs = [id(fun() -> ok end), id(fun(X) -> {X, A} end), id(fun(X, Y) -> {X, Y, A, B} end), id(fun local/1), id(fun ?MODULE:plus/2)],
    [{K, [c(fun() -> case erlang:fun_info(F, K) of {name, N} -> name(N); I -> I end end) || F <- Fs]} || K <- [module, arity, env, type]] ++
    [{external_name, erlang:fun_info(fun ?MODULE:plus/2, name)}, {local_name, scope(fun() -> {name, N} = erlang:fun_info(hd(Fs), name), name(N) end)},
     {pid, scope(fun() -> {pid, P} = erlang:fun_info(hd(Fs), pid), is_pid(P) orelse P end)}, {index_is_integer, scope(fun() -> {index, I} = erlang:fun_info(hd(Fs), index), is_integer(I) end)},
     {uniq, scope(fun() -> {new_uniq, U} = erlang:fun_info(hd(Fs), new_uniq), byte_size(U) end)}, {wrong, [c(1, fun() -> erlang:fun_info(id(X), id(K)) end) || {X, K} <- [{a, arity}, {hd(Fs), foo}, {hd(Fs), 1}]]},
     {mfa, scope(fun() -> {M, N, Ar} = erlang:fun_info_mfa(hd(Fs)), {M, name(N), Ar} end)}, {text_external, erlang:fun_to_list(fun erlang:abs/1)}].

predicates() ->
    Fs = [id(fun() -> ok end), id(fun(X) -> X end), id(fun ?MODULE:plus/2), a, {m, f}, [], 1],
    [{is_function, [is_function(F) || F <- Fs]}, {is_function_2, [{is_function(F, 0), is_function(F, 1), is_function(F, 2)} || F <- Fs]},
     {is_function_wrong, [c(1, fun() -> is_function(hd(Fs), id(A)) end) || A <- [-1, a, 1.0, 300, 1 bsl 70]]}, {guard, [g(F) || F <- Fs]},
     {exported, [erlang:function_exported(M, F, A) || {M, F, A} <- [{?MODULE, plus, 2}, {?MODULE, plus, 3}, {?MODULE, local, 1}, {c_not_loaded_ever, f, 1}, {erlang, abs, 1}]]},
     {exported_wrong, [c(1, fun() -> erlang:function_exported(id(M), id(F), id(A)) end) || {M, F, A} <- [{1, a, 1}, {a, 1, 1}, {a, a, a}]]}].

g(F) when is_function(F, 0) -> nullary;
g(F) when is_function(F, 1) -> unary;
g(F) when is_function(F) -> other;
g(_) -> no.

higher() ->
    L = seq(1, 20),
    [{map, map(fun(X) -> X * X end, L)}, {fold, fold(fun(X, A) -> X + A end, 0, L)}, {filter, [X || X <- L, (id(fun(Y) -> Y rem 3 =:= 0 end))(X)]}, {sort_by, sort(fun(A, B) -> A rem 5 =< B rem 5 end, L)},
     {pipeline, fold(fun(F, A) -> F(A) end, 3, [fun(X) -> X + 1 end, fun(X) -> X * 10 end, fun integer_to_list/1])}, {funs_in_map, maps:get(go, #{go => fun(X) -> X end}) =/= undefined}].

fold(F, A, [H | T]) -> fold(F, F(H, A), T);
fold(_, A, []) -> A.

travel() ->
    X = id([1, 2, 3]),
    [{message, p(fun() -> self() ! fun(A) -> {A, X} end, receive F -> F(0) end end)},
     {other_process, p(fun() -> Me = self(), P = spawn(fun() -> receive G -> Me ! {r, G(5)} end end), P ! fun(A) -> [A | X] end, receive {r, V} -> V end end)},
     {dictionary, p(fun() -> put(f, fun() -> X end), (get(f))() end)}, {exit_reason, p(fun() -> {_, M} = spawn_monitor(fun() -> exit(fun() -> X end) end), receive {'DOWN', M, _, _, F} -> F() end end)}].
