%% Traces and lines: through funs, comprehensions, remote and local calls, catch and rethrow.
-module(c_stacktraces).
-export([r1/1, r2/1]).
-include("conform.hrl").

main() ->
    [{local, tr(fun() -> [a1(x)] end)}, {remote, tr(fun() -> [?MODULE:r1(x)] end)}, {tail_lost, tr(fun() -> [t1(x)] end)}, {through_fun, tr(fun() -> [f1(fun(X) -> [a2(X)] end)] end)}, {through_try, tr(fun() -> [y1(x)] end)}, {rethrown, tr(fun() -> [z1(x)] end)}, {case_clause, tr(fun() -> [k1(x)] end)}, {if_clause, tr(fun() -> [i1(x)] end)}, {function_clause, tr(fun() -> [fc(x)] end)}, {fun_clause, tr(fun() -> [(id(fun(y) -> 1 end))(x)] end)}, {badmatch_in_try, tr(fun() -> [bm(x)] end)},
     {bif_in_body, tr(fun() -> [bb(x)] end)}, {bif_tail, tr(fun() -> [bt(x)] end)}, {guard_bif_in_body, tr(fun() -> [gb(x)] end)}, {map_bad, tr(fun() -> [mb(x)] end)}, {bin_bad, tr(fun() -> [bn(x)] end)}, {undef, tr(fun() -> [un(x)] end)}, {badfun, tr(fun() -> [bf(x)] end)}, {badarity, tr(fun() -> [ba(fun() -> 1 end)] end)}, {in_after, tr(fun() -> [af(x)] end)}, {error_2, tr(fun() -> [e2(x)] end)}, {exit_1, tr(fun() -> [ex(x)] end)}, {throw_1, tr(fun() -> [th(x)] end)}, {apply_3, tr(fun() -> [ap(x)] end)},
     {recursive, tr(fun() -> [rec(3)] end)}, {in_new_process, p(fun() -> {_, M} = spawn_monitor(fun() -> [a1(x)] end), receive {'DOWN', M, _, _, {R, S}} -> {R, top_lines(3, S)} end end)}, {catch_shape, scope(fun() -> {'EXIT', {R, S}} = (catch [a1(x)]), {R, top_lines(2, S)} end)}, {throw_has_no_trace_in_catch, catch [th(x)]}].

tr(F) -> cl(3, F).

a1(X) ->
    Y = a2(X),
    {Y}.
a2(X) ->
    Z = id(X),
    _ = a3(Z),
    Z.
a3(X) ->
    error({bad, X}).
r1(X) ->
    {?MODULE:r2(X)}.
r2(X) ->
    [error({remote, X})].
t1(X) -> t2(X).
t2(X) -> t3(X).
t3(X) -> error({tail, X}).
f1(F) ->
    {F(in_fun)}.
y1(X) ->
    try
        a1(X)
    after
        id(X)
    end.
z1(X) ->
    try
        a1(X)
    catch
        error:{bad, _} ->
            error(replaced)
    end.
k1(X) ->
    Y = id(X),
    case Y of
        1 -> one;
        2 -> two
    end.
i1(X) ->
    if
        X > 5, X < 3 -> ok;
        X =:= 7 -> no
    end.
fc(y) -> 1;
fc(z) -> 2.
bm(X) ->
    try
        {ok, Y} = id(X),
        Y
    catch
        throw:_ -> no
    end.
bb(X) ->
    Y = atom_to_list(X),
    list_to_integer(Y) + 1.
bt(X) ->
    atom_to_binary({X}, utf8).
gb(X) ->
    Y = id(X),
    Z = element(1, Y),
    {Z}.
mb(X) ->
    M = id(#{a => 1}),
    M#{X := 2}.
bn(X) ->
    Y = id(X),
    <<1, Y:8>>.
un(X) ->
    Y = c_stacktraces_none:f(X, 1),
    {Y}.
bf(X) ->
    Y = X(1),
    {Y}.
ba(F) ->
    Y = F(1, 2),
    {Y}.
af(X) ->
    try
        id(X)
    after
        a1(X)
    end.
e2(X) ->
    error(with_args, [X, 2]).
ex(X) ->
    exit({leaving, X}).
th(X) ->
    throw({ball, X}).
ap(X) ->
    Y = apply(?MODULE, r2, [X]),
    {Y}.
rec(0) ->
    error(bottom);
rec(N) ->
    [rec(N - 1)].
