%% Calls by name: apply, variable modules and functions, with every number of arguments.
-module(c_apply).
-export([f/0, f/1, f/2, f/3, f/4, f/5, f/6, f/7, f/8, step/1, loop_apply/2]).
-include("conform.hrl").

main() ->
    [{args, [apply(?MODULE, f, seq(1, N)) || N <- seq(0, 8)]}, {fun_args, [apply(F, L) || {F, L} <- [{fun() -> none end, []}, {fun(A) -> [A] end, [1]}, {fun(A, B, C) -> [C, B, A] end, [1, 2, 3]}]]}, {variable, [(id(?MODULE)):(id(f))(), (id(?MODULE)):(id(f))(1), (id(?MODULE)):f(1, 2), ?MODULE:(id(f))(1, 2, 3)]},
     {tail, tail(?MODULE, f, [1, 2])}, {tail_variable, tail2(?MODULE, f, 9)}, {body, [apply(?MODULE, f, [1]) | apply(?MODULE, f, [2])]}, {bif, [apply(erlang, abs, [-5]), apply(erlang, '+', [1, 2]), apply(erlang, element, [2, {a, b}]), (id(erlang)):(id(length))([1, 2])]}, {bif_error, [c(1, fun() -> apply(erlang, X, Y) end) || {X, Y} <- [{abs, [a]}, {'+', [1, a]}, {hd, [[]]}, {element, [5, {}]}, {nope, []}, {abs, []}]]},
     {undef, [c(1, fun() -> apply(id(X), id(Y), id(Z)) end) || {X, Y, Z} <- [{c_apply, g, [1]}, {c_apply, f, seq(1, 20)}, {nomod, f, []}]]}, {wrong, [c(1, fun() -> apply(id(X), id(Y), id(Z)) end) || {X, Y, Z} <- [{1, f, []}, {m, 1, []}, {m, f, a}, {m, f, [1 | 2]}, {{m}, f, []}, {[], f, []}]]}, {fun_wrong, [c(fun() -> apply(id(X), id(Y)) end) || {X, Y} <- [{a, []}, {fun() -> 1 end, a}, {fun() -> 1 end, [x]}, {{m, f}, []}]]},
     {loop, loop(?MODULE, step, 100000, 0)}, {loop_apply, loop_apply(50000, 0)}, {long, apply(?MODULE, f, seq(1, 8))}, {send, p(fun() -> apply(erlang, send, [self(), x]), drain() end)}, {self, apply(erlang, self, []) =:= self()}, {spawn_apply, p(fun() -> Me = self(), apply(erlang, spawn, [fun() -> Me ! up end]), receive X -> X end end)}, {exit, c(fun() -> apply(erlang, exit, [bye]) end)}, {throw, c(fun() -> apply(erlang, throw, [ball]) end)}, {error, c(fun() -> apply(erlang, error, [bad]) end)}, {apply_apply, apply(erlang, apply, [?MODULE, f, [1]])}, {apply_apply_fun, apply(erlang, apply, [fun(X) -> {X} end, [1]])}, {nested, apply(?MODULE, f, [apply(?MODULE, f, [apply(?MODULE, f, [])])])}].
tail(M, F, A) -> apply(M, F, A).
tail2(M, F, X) -> M:F(X).
loop(_, _, 0, A) -> A;
loop(M, F, N, A) -> loop(M, F, N - 1, M:F(A)).
step(X) -> X + 2.
loop_apply(0, A) -> A;
loop_apply(N, A) -> apply(?MODULE, loop_apply, [N - 1, A + N]).
f() -> {}.
f(A) -> {A}.
f(A, B) -> {A, B}.
f(A, B, C) -> {A, B, C}.
f(A, B, C, D) -> {A, B, C, D}.
f(A, B, C, D, E) -> {A, B, C, D, E}.
f(A, B, C, D, E, F) -> {A, B, C, D, E, F}.
f(A, B, C, D, E, F, G) -> {A, B, C, D, E, F, G}.
f(A, B, C, D, E, F, G, H) -> {A, B, C, D, E, F, G, H}.
