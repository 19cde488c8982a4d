%% Records: many updates at once, nested, in guards, with defaults.
-module(c_records).
-record(state, {n, a = 1, b = "b", c, d = {d}, list = [], f}).
-record(node, {left, val, right}).
-record(e, {}).
-record(call, {t = tick()}).
-include("conform.hrl").

main() ->
    S = new(), [{new, S}, {updates, up(S, 100)}, {all_fields, all(S)}, {nested, scope(fun() -> N = #node{left = #node{val = 1}, val = 2, right = #node{val = 3}}, {N, sum(N), (N#node.left)#node.val, N#node{left = (N#node.left)#node{val = 10}}} end)}, {defaults, {#node{}, #state{}, #e{}}}, {default_call, scope(fun() -> put(c_records, 0), A = #call{}, B = #call{}, {A, B, erase(c_records)} end)}, {underscore, #state{n = 1, _ = x}}, {index, {#state.n, #state.f, #node.val}}, {guard, [g(X) || X <- [S, #node{}, {state}, {node, 1, 2, 3}, node, #e{}, {e, 1}]]},
     {match, [mt(X) || X <- [#node{val = 5}, #node{left = #node{}, val = 1}, S, #e{}]]}, {tree, scope(fun() -> T = build(seq(1, 200), nil), {sum(T), depth(T)} end)}, {bad, [c(1, fun() -> (id(X))#node.val end) || X <- [a, {}, {node}, {node, 1, 2, 3, 4}, {state, 1, 2, 3}, []]]}, {bad_update, [c(1, fun() -> (id(X))#node{val = 1, left = x} end) || X <- [a, {node, 1}, {other, 1, 2, 3}]]}, {size, {record_info(size, node), record_info(fields, state)}}, {as_key, map_get(#node{val = k}, #{#node{val = k} => found})}, {comprehension, [V || #node{val = V} <- [#node{val = 1}, x, #node{val = 2}, #e{}]]}, {element, {element(#node.val, #node{val = 7}), setelement(#node.val, #node{}, 8)}}].
new() -> #state{n = id(0), list = [id(1)]}.
up(S, 0) -> S;
up(S, N) -> up(S#state{n = S#state.n + N, a = N, b = S#state.a, c = S#state.b, list = [N rem 3 | tl(S#state.list)], f = {N}}, N - 1).
all(#state{n = N, a = A, b = B, c = C, d = D, list = L, f = F}) -> [N, A, B, C, D, L, F].
sum(nil) -> 0;
sum(undefined) -> 0;
sum(#node{left = L, val = V, right = R}) -> sum(L) + V + sum(R).
depth(nil) -> 0;
depth(undefined) -> 0;
depth(#node{left = L, right = R}) -> A = depth(L), B = depth(R), if A > B -> A + 1; true -> B + 1 end.
build([X | T], N) -> build(T, ins(X * 37 rem 211, N));
build([], N) -> N.
ins(X, nil) -> #node{left = nil, val = X, right = nil};
ins(X, #node{val = V} = N) when X < V -> N#node{left = ins(X, N#node.left)};
ins(X, #node{val = V} = N) when X > V -> N#node{right = ins(X, N#node.right)};
ins(_, N) -> N.
g(X) when is_record(X, state), X#state.n =:= 0 -> state0;
g(X) when X#node.val =:= undefined -> node_undefined;
g(X) when is_record(X, node) -> node;
g(#e{}) -> e;
g(_) -> none.
mt(#node{left = undefined, val = V}) -> {leaf, V};
mt(#node{left = #node{}} = N) -> {inner, N#node.val};
mt(#state{list = [X | _]}) -> {state, X};
mt(#e{}) -> e.
tick() -> put(c_records, get(c_records) + 1), get(c_records).
