%% Creating processes in every form, what they start with and how they end.
-module(c_spawn).
-export([tell/1, tell/2, boom/1, ext/0]).
-include("conform.hrl").

main() ->
    forms() ++ [{Name, p(F)} || {Name, F} <- cases()] ++ wrong().

tell(To) -> To ! {told, To =:= self()}.
tell(To, X) -> To ! {told, X}.
boom(X) -> error(X).

got() -> receive {told, X} -> X after 10000 -> nothing end.

forms() ->
    [{Name, p(fun() -> R = F(self()), {is_pid(R), got()} end)} || {Name, F} <-
        [{spawn_1, fun(Me) -> spawn(fun() -> Me ! {told, 1} end) end},
         {spawn_3, fun(Me) -> spawn(?MODULE, tell, [Me, 3]) end},
         {spawn_2, fun(Me) -> spawn(node(), fun() -> Me ! {told, 2} end) end},
         {spawn_4, fun(Me) -> spawn(node(), ?MODULE, tell, [Me, 4]) end},
         {spawn_link_1, fun(Me) -> spawn_link(fun() -> Me ! {told, 1} end) end},
         {spawn_link_3, fun(Me) -> spawn_link(?MODULE, tell, [Me, 3]) end},
         {spawn_link_2, fun(Me) -> spawn_link(node(), fun() -> Me ! {told, 2} end) end},
         {spawn_link_4, fun(Me) -> spawn_link(node(), ?MODULE, tell, [Me, 4]) end},
         {spawn_opt_2, fun(Me) -> spawn_opt(fun() -> Me ! {told, 1} end, []) end},
         {spawn_opt_4, fun(Me) -> spawn_opt(?MODULE, tell, [Me, 4], [link, {priority, high}]) end},
         {spawn_opt_3, fun(Me) -> spawn_opt(node(), fun() -> Me ! {told, 3} end, [{fullsweep_after, 0}]) end},
         {spawn_opt_5, fun(Me) -> spawn_opt(node(), ?MODULE, tell, [Me, 5], [{min_heap_size, 1000}]) end},
         {spawn_opt_monitor, fun(Me) -> {P, R} = spawn_opt(?MODULE, tell, [Me, m], [monitor]), true = is_reference(R), P end},
         {spawn_opt_monitor_link, fun(Me) -> {P, _} = spawn_opt(fun() -> Me ! {told, ml} end, [link, monitor]), P end},
         {spawn_monitor_1, fun(Me) -> {P, _} = spawn_monitor(fun() -> Me ! {told, 1} end), P end},
         {spawn_monitor_3, fun(Me) -> {P, _} = spawn_monitor(?MODULE, tell, [Me, 3]), P end},
         {external_fun, fun(Me) -> register(c_spawn_ext, Me), spawn(fun ?MODULE:ext/0) end}]].

ext() -> c_spawn_ext ! {told, external}.

cases() ->
    [{exit_normal, fun() -> end_reason(fun() -> ok end) end},
     {late_monitor, fun() -> P = spawn(fun() -> exit(gone) end), gone(P), reason(P) end},
     {return_value_is_normal, fun() -> end_reason(fun() -> {some, value} end) end},
     {exit_reason, fun() -> end_reason(fun() -> exit({my, reason}) end) end},
     {exit_normal_explicit, fun() -> end_reason(fun() -> exit(normal) end) end},
     {error_reason, fun() -> {R, St} = end_reason(fun() -> error(oops) end), {R, top(1, St)} end},
     {throw_reason, fun() -> {R, St} = end_reason(fun() -> throw(ball) end), {R, top(1, St)} end},
     {badarith_reason, fun() -> {R, St} = end_reason(fun() -> 1 + id(a) end), {R, top(2, St)} end},
     {badmatch_reason, fun() -> {R, _} = end_reason(fun() -> a = id(b) end), R end},
     {undef_reason, fun() -> {R, St} = end_reason(fun() -> c_no_such:f(1, 2) end), {R, top(1, St)} end},
     {undef_spawned, fun() -> {R, St} = reason2(spawn_monitor(c_no_such, f, [1])), {R, top(1, St)} end},
     {undef_arity, fun() -> {R, St} = reason2(spawn_monitor(?MODULE, tell, [1, 2, 3])), {R, top(1, St)} end},
     {spawned_boom, fun() -> {R, St} = reason2(spawn_monitor(?MODULE, boom, [why])), {R, top(1, St)} end},
     {badarity_spawned, fun() -> c(1, fun() -> spawn_monitor(fun(X) -> X end) end) end},
     {error_in_nested_call, fun() -> {R, St} = end_reason(fun() -> 1 + nested() end), {R, top(1, St)} end},
     {error_with_args, fun() -> {R, St} = end_reason(fun() -> error(bad, [1, 2]) end), {R, top(1, St)} end},
     {exit_in_catch, fun() -> end_reason(fun() -> catch exit(x), exit(y) end) end},
     {link_exit_reaches, fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> exit(bye) end), receive {'EXIT', P, R} -> R end end},
     {self_differs, fun() -> Me = self(), spawn(fun() -> Me ! {told, self() =:= Me} end), got() end},
     {own_dictionary, fun() -> put(k, v), Me = self(), spawn(fun() -> Me ! {told, get()} end), got() end},
     {own_flags, fun() -> process_flag(trap_exit, true), Me = self(),
                          spawn(fun() -> Me ! {told, process_info(self(), trap_exit)} end), got() end},
     {inherits_group_leader, fun() -> G = group_leader(), Me = self(), spawn(fun() -> Me ! {told, group_leader() =:= G} end), got() end},
     {closure_environment, fun() -> X = seq(1, 100), Y = {a, "b", <<"c">>, 1 bsl 90, 1.5}, Me = self(),
                                    spawn(fun() -> Me ! {told, {length(X), Y}} end), got() end},
     {closure_is_copied, fun() -> B = binary:copy(<<"x">>, 1000), Me = self(),
                                  spawn(fun() -> Me ! {told, byte_size(B)} end), got() end},
     {spawn_many, fun() -> Me = self(), [spawn(fun() -> Me ! {told, I} end) || I <- seq(1, 1000)],
                           add([got() || _ <- seq(1, 1000)]) end},
     {spawn_chain, fun() -> chain(500, self()), got() end},
     {spawn_tree, fun() -> tree(9) end},
     {ring, fun() -> ring(100, 50) end},
     {parallel_map, fun() -> pmap(fun(X) -> X * X end, seq(1, 50)) end},
     {many_deaths, fun() -> Rs = [spawn_monitor(fun() -> exit(I) end) || I <- seq(1, 300)], add([reason2(R) || R <- Rs]) end},
     {is_process_alive, fun() -> P = spawn(fun() -> receive stop -> ok end end), A = is_process_alive(P), P ! stop, gone(P),
                                 {A, is_process_alive(P), is_process_alive(self())} end},
     {alive_wrong, fun() -> [c(1, fun() -> is_process_alive(id(X)) end) || X <- [a, 1, [], {}]] end},
     {pid_types, fun() -> P = spawn(fun() -> ok end), {is_pid(P), is_pid(self()), is_pid(make_ref()), self() == self(), P =:= self()} end},
     {later_pid_is_greater_or_not_equal, fun() -> A = spawn(fun() -> ok end), B = spawn(fun() -> ok end), A =/= B end},
     {pid_in_term, fun() -> M = #{self() => 1, {self()} => 2}, {map_get(self(), M), map_get({self()}, M)} end},
     {pid_text, fun() -> L = pid_to_list(self()), {hd(L), L =:= pid_to_list(self()), lists:member($., L)} end}].

nested() -> id(1) + nested2().
nested2() -> error(deep).

end_reason(F) -> reason2(spawn_monitor(F)).
reason2({P, R}) -> receive {'DOWN', R, process, P, Why} -> Why end.

chain(0, To) -> To ! {told, end_of_chain};
chain(N, To) -> spawn(fun() -> chain(N - 1, To) end).

tree(0) -> 1;
tree(N) ->
    Me = self(), R = make_ref(),
    [spawn(fun() -> Me ! {R, tree(N - 1)} end) || _ <- [l, r]],
    A = receive {R, X} -> X end,
    B = receive {R, Y} -> Y end,
    A + B.

ring(N, Rounds) ->
    Me = self(),
    First = link_up(N, Me),
    turn(Rounds, First, 0).

link_up(0, Next) -> Next;
link_up(N, Next) -> link_up(N - 1, spawn(fun() -> pass(Next) end)).

pass(Next) -> receive {n, X} -> Next ! {n, X + 1}, pass(Next); stop -> Next ! stop end.

turn(0, First, V) -> First ! stop, receive stop -> V end;
turn(R, First, V) -> First ! {n, V}, receive {n, W} -> turn(R - 1, First, W) end.

pmap(F, L) ->
    Me = self(),
    Rs = [begin R = make_ref(), spawn(fun() -> Me ! {R, F(X)} end), R end || X <- L],
    [receive {R, V} -> V end || R <- Rs].

add([H | T]) -> H + add(T);
add([]) -> 0.

wrong() ->
    [{{spawn_wrong, X}, c(1, fun() -> spawn(id(X)) end)} || X <- [a, 1, [], {m, f}]] ++
    [{{spawn3_wrong, M, F, A}, c(1, fun() -> spawn(id(M), id(F), id(A)) end)}
     || {M, F, A} <- [{1, f, []}, {m, 1, []}, {m, f, a}, {m, f, [a | b]}, {"m", f, []}]] ++
    [{{spawn_link_wrong, X}, c(1, fun() -> spawn_link(id(X)) end)} || X <- [a, 1]] ++
    [{{spawn_opt_wrong, O}, c(fun() -> spawn_opt(?MODULE, tell, [self()], id(O)) end)}
     || O <- [a, [x], [link | y], [{priority, silly}], [{priority}], [{min_heap_size, -1}], [{min_heap_size, a}],
              [{fullsweep_after, -1}], [{max_heap_size, a}], [{message_queue_data, x}], [{monitor, bad}], 1]] ++
    [{spawn_monitor_wrong, c(fun() -> spawn_monitor(id(a)) end)},
     {spawn_opt_fun_wrong, c(fun() -> spawn_opt(id(a), []) end)}].
