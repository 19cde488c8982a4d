%% The first places of traces of what raises where it is applied, in the middle and at the end of a function.
-module(h_apply_traces).
-export([main/0, id/1]).

main() ->
    [{Name, [{Way, places(fun() -> call(Way, erlang, F, Arguments) end)} || Way <- ways()]}
     || {Name, F, Arguments} <- calls()].

id(X) -> X.

ways() -> [middle, tail, frame, middle_list, tail_list, frame_list, native_fun, native_fun_tail, three].

calls() ->
    [{error, error, [a]}, {exit, exit, [a]}, {throw, throw, [a]}, {abs, abs, [a]}, {plus, '+', [a]},
     {undef, no_such_function, [a]}, {nif_error, nif_error, [a]}, {to_list, atom_to_list, [1]}].

places(F) ->
    try F() of
        V -> V
    catch
        Class:Reason:Stack -> {Class, Reason, first(4, Stack)}
    end.

first(0, _) -> [];
first(_, []) -> [];
first(N, [{M, F, A, _} | T]) when is_list(A) -> [{M, F, length(A), called} | first(N - 1, T)];
first(N, [{M, F, A, _} | T]) ->
    case atom_to_list(F) of
        [$- | _] -> [{M, 'fun', A} | first(N - 1, T)];
        _ -> [{M, F, A} | first(N - 1, T)]
    end.

call(middle, M, F, [A]) -> V = middle(M, F, A), {V};
call(tail, M, F, [A]) -> V = tail(M, F, A), {V};
call(frame, M, F, [A]) -> V = frame(M, F, A), {V};
call(middle_list, M, F, L) -> V = middle_list(M, F, L), {V};
call(tail_list, M, F, L) -> V = tail_list(M, F, L), {V};
call(frame_list, M, F, L) -> V = frame_list(M, F, L), {V};
call(native_fun, M, F, [A]) -> V = native_fun(fun M:F/1, A), {V};
call(native_fun_tail, M, F, [A]) -> V = native_fun_tail(fun M:F/1, A), {V};
call(three, M, F, L) -> V = three(erlang, apply, M, F, L), {V}.

middle(M, F, A) -> V = M:F(A), {V}.
tail(M, F, A) -> M:F(A).
frame(M, F, A) -> h_apply_traces:id(1), M:F(A).
middle_list(M, F, L) -> V = apply(M, F, L), {V}.
tail_list(M, F, L) -> apply(M, F, L).
frame_list(M, F, L) -> h_apply_traces:id(1), apply(M, F, L).
native_fun(F, A) -> V = F(A), {V}.
native_fun_tail(F, A) -> F(A).
three(E, Apply, M, F, L) -> E:Apply(M, F, L).
