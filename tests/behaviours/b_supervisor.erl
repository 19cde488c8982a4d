%% supervisor: strategies, restart types and intensity, shutdown, dynamic children, significant children.
-module(b_supervisor).
-behaviour(supervisor).
-export([init/1, child/3, dynamic/3]).
-include("../conform/conform.hrl").

main() -> strategies() ++ types() ++ intensity() ++ starting() ++ changing() ++ shutdowns() ++ dynamic() ++ significant().

init({run, F}) -> F();
init(Spec) -> {ok, Spec}.

%% A child: tells Tell what becomes of it, and does what it is sent.
child(Name, Tell, How) ->
    proc_lib:start_link(erlang, apply, [fun() -> started(Name, Tell, How) end, []]).

started(Name, Tell, {fails, Key}) ->
    case persistent_term:get({?MODULE, Tell, Key}, 0) of
        0 -> started(Name, Tell, plain);
        _ -> proc_lib:init_ack({error, not_now})
    end;
started(Name, Tell, How) ->
    How =:= traps andalso process_flag(trap_exit, true),
    Tell ! {started, Name, self()},
    proc_lib:init_ack({ok, self()}),
    loop(Name, Tell, How).

loop(Name, Tell, How) ->
    receive
        {exit, R} -> exit(R);
        {'EXIT', _, R} -> Tell ! {ended, Name, R}, exit(R)
    end.

dynamic(Tell, Name, How) -> child(Name, Tell, How).

spec(Id, Tell) -> spec(Id, Tell, #{}).
spec(Id, Tell, More) -> maps:merge(#{id => Id, start => {?MODULE, child, [Id, Tell, plain]}}, More).

sup(Flags, Children) ->
    {ok, S} = supervisor:start_link(?MODULE, {Flags, Children}),
    S.

%% Names of children that have started, in order, as many as are expected.
startups(N) -> [receive {started, Name, _} -> Name end || _ <- seq(1, N)].

pid_of_child(S, Id) -> {Id, P, _, _} = lists:keyfind(Id, 1, supervisor:which_children(S)), P.
stop_child(S, Id, R) -> P = pid_of_child(S, Id), M = monitor(process, P), P ! {exit, R}, receive {'DOWN', M, _, _, W} -> W end.

%% Ends a supervisor as its parent would.
stop(S) -> unlink(S), M = monitor(process, S), exit(S, shutdown), receive {'DOWN', M, _, _, R} -> R end.
%% What a supervisor ends with when a child that it cannot start again ends.
fails(S, Id) -> M = monitor(process, S), pid_of_child(S, Id) ! {exit, boom}, receive {'DOWN', M, _, _, R} -> R end.
settled() -> receive after 30 -> drain() end.

strategies() ->
    [{Strategy, {killed, Which}, p(fun() -> S = sup(#{strategy => Strategy, intensity => 10}, [spec(N, self()) || N <- [a, b, c]]), A = startups(3), Old = [pid_of_child(S, N) || N <- [a, b, c]],
          stop_child(S, Which, boom), B = startups(case Strategy of one_for_one -> 1; one_for_all -> 3; rest_for_one -> length(from(Which)) end),
          New = [pid_of_child(S, N) || N <- [a, b, c]], C = supervisor:count_children(S), {A, B, [X =:= Y || {X, Y} <- zip(Old, New)], sort(C), stop(S)} end)}
     || Strategy <- [one_for_one, one_for_all, rest_for_one], Which <- [a, b, c]].

zip([A | As], [B | Bs]) -> [{A, B} | zip(As, Bs)];
zip([], []) -> [].

from(a) -> [a, b, c];
from(b) -> [b, c];
from(c) -> [c].

types() ->
    [{Restart, Reason, p(fun() -> S = sup(#{intensity => 10}, [spec(x, self(), #{restart => Restart})]), startups(1), stop_child(S, x, Reason), R = settled(),
          {R, [{I, is_pid(P) orelse P} || {I, P, _, _} <- supervisor:which_children(S)], stop(S)} end)}
     || Restart <- [permanent, transient, temporary], Reason <- [normal, shutdown, {shutdown, x}, odd, kill]].

intensity() ->
    [{zero, p(fun() -> process_flag(trap_exit, true), S = sup(#{intensity => 0}, [spec(x, self())]), startups(1), {fails(S, x), settled()} end)},
     {default, p(fun() -> process_flag(trap_exit, true), S = sup(#{}, [spec(x, self())]), startups(1), stop_child(S, x, boom), startups(1), {fails(S, x), settled()} end)},
     {three, p(fun() -> process_flag(trap_exit, true), S = sup(#{intensity => 3, period => 100}, [spec(x, self()), spec(y, self(), #{start => {?MODULE, child, [y, self(), traps]}})]), startups(2),
                         [begin stop_child(S, x, boom), startups(1) end || _ <- seq(1, 3)], {fails(S, x), settled()} end)},
     {untrapped, p(fun() -> S = sup(#{intensity => 0}, [spec(x, self())]), startups(1), pid_of_child(S, x) ! {exit, boom}, receive after infinity -> ok end end)},
     {restart_fails, p(fun() -> process_flag(trap_exit, true), K = {?MODULE, self(), k}, S = sup(#{intensity => 4, period => 100}, [spec(x, self(), #{start => {?MODULE, child, [x, self(), {fails, k}]}})]),
                                 startups(1), persistent_term:put(K, 1), R = fails(S, x), persistent_term:erase(K), {R, settled()} end)}].

starting() ->
    [{child_fails, p(fun() -> process_flag(trap_exit, true), R = supervisor:start_link(?MODULE, {#{}, [spec(a, self()), spec(b, self(), #{start => {erlang, apply, [fun() -> {error, no} end, []]}}), spec(c, self())]}), {shape(R), settled()} end)},
     {child_ignores, p(fun() -> S = sup(#{}, [spec(a, self(), #{start => {erlang, apply, [fun() -> ignore end, []]}})]), {supervisor:which_children(S), supervisor:count_children(S)} end)},
     {child_crashes, p(fun() -> process_flag(trap_exit, true), {error, R} = supervisor:start_link(?MODULE, {#{}, [spec(a, self(), #{start => {erlang, apply, [fun() -> exit(bad) end, []]}})]}), {shape({error, R}), settled()} end)},
     {init_ignores, p(fun() -> process_flag(trap_exit, true), {supervisor:start_link(?MODULE, {run, fun() -> ignore end}), settled()} end)},
     {init_bad, p(fun() -> process_flag(trap_exit, true), {supervisor:start_link(?MODULE, {run, fun() -> foo end}), settled()} end)},
     {init_exits, p(fun() -> process_flag(trap_exit, true), {supervisor:start_link(?MODULE, {run, fun() -> exit(gone) end}), settled()} end)},
     {bad_flags, [p(fun() -> process_flag(trap_exit, true), supervisor:start_link(?MODULE, {F, []}) end)
                  || F <- [#{strategy => foo}, #{intensity => -1}, #{period => 0}, {one_for_one, 1}, foo, #{auto_shutdown => x}, {one_for_one, 1, 0}]]},
     {bad_specs, [p(fun() -> supervisor:check_childspecs([Spec]) end)
                  || Spec <- [#{id => a}, foo, #{id => a, start => foo}, #{id => a, start => {m, f, []}, restart => x}, #{id => a, start => {m, f, []}, shutdown => -1}, #{id => a, start => {m, f, []}, type => x},
                              #{id => a, start => {m, f, []}, significant => true}, {a, {m, f, []}, permanent, 10, worker, [m]}, {a, b}]]},
     {twice, p(fun() -> process_flag(trap_exit, true), supervisor:start_link(?MODULE, {#{}, [spec(a, self()), spec(a, self())]}) end)},
     {named, p(fun() -> {ok, S} = supervisor:start_link({local, b_supervisor_name}, ?MODULE, {#{}, []}), R = {whereis(b_supervisor_name) =:= S, supervisor:which_children(b_supervisor_name)}, stop(S), R end)}].

%% A failed start, without the child's specification.
shape({error, {shutdown, {failed_to_start_child, Id, {'EXIT', {W, _}}}}}) -> {failed, Id, exit, W};
shape({error, {shutdown, {failed_to_start_child, Id, W}}}) -> {failed, Id, san(W)};
shape(X) -> san(X).

changing() ->
    [{start_child, p(fun() -> S = sup(#{}, []), {ok, P} = supervisor:start_child(S, spec(a, self())), {is_pid(P), pid_of_child(S, a) =:= P, san(supervisor:start_child(S, spec(a, self())))} end)},
     {terminate_child, p(fun() -> S = sup(#{}, [spec(a, self())]), startups(1), R = supervisor:terminate_child(S, a), {R, supervisor:which_children(S), san(supervisor:restart_child(S, a)), startups(1)} end)},
     {restart_running, p(fun() -> S = sup(#{}, [spec(a, self())]), {supervisor:restart_child(S, a), supervisor:restart_child(S, b)} end)},
     {delete, p(fun() -> S = sup(#{}, [spec(a, self())]), A = supervisor:delete_child(S, a), supervisor:terminate_child(S, a), {A, supervisor:delete_child(S, a), supervisor:delete_child(S, a), supervisor:which_children(S)} end)},
     {temporary_is_deleted, p(fun() -> S = sup(#{}, [spec(a, self(), #{restart => temporary})]), supervisor:terminate_child(S, a), {supervisor:which_children(S), supervisor:restart_child(S, a)} end)},
     {start_fails, p(fun() -> S = sup(#{}, []), {san(supervisor:start_child(S, spec(a, self(), #{start => {erlang, apply, [fun() -> {error, no} end, []]}}))), supervisor:which_children(S)} end)},
     {get_childspec, p(fun() -> S = sup(#{}, [#{id => a, start => {?MODULE, child, [a, self(), plain]}, shutdown => 7, type => supervisor}]), {supervisor:get_childspec(S, a), supervisor:get_childspec(S, b)} end)},
     {in_order, p(fun() -> S = sup(#{}, [spec(a, self()), spec(b, self())]), supervisor:start_child(S, spec(c, self())), [I || {I, _, _, _} <- supervisor:which_children(S)] end)},
     {code_change, p(fun() -> S = sup(#{}, [spec(a, self())]), sys:suspend(S), R = sys:change_code(S, ?MODULE, 1, []), sys:resume(S), {R, [I || {I, _, _, _} <- supervisor:which_children(S)]} end)},
     {strange_messages, p(fun() -> S = sup(#{}, [spec(a, self())]), S ! hello, [I || {I, _, _, _} <- supervisor:which_children(S)] end)}].

shutdowns() ->
    [{How, Shutdown, p(fun() -> Me = self(), S = sup(#{}, [spec(x, Me, #{shutdown => Shutdown, start => {?MODULE, child, [x, Me, How]}})]), startups(1), P = pid_of_child(S, x), M = monitor(process, P),
                                 R = stop(S), receive {'DOWN', M, _, _, W} -> {R, W, settled()} end end)}
     || How <- [plain, traps], Shutdown <- [brutal_kill, 1000, infinity]] ++
    [{stubborn, p(fun() -> Me = self(), Start = fun() -> proc_lib:start_link(erlang, apply, [fun() -> process_flag(trap_exit, true), proc_lib:init_ack({ok, self()}), stay(Me) end, []]) end,
                           S = sup(#{}, [spec(x, Me, #{shutdown => 20, start => {erlang, apply, [Start, []]}})]), P = pid_of_child(S, x), M = monitor(process, P), R = stop(S), receive {'DOWN', M, _, _, W} -> {R, W, settled()} end end)},
     {reverse_order, p(fun() -> Me = self(), S = sup(#{}, [spec(N, Me, #{start => {?MODULE, child, [N, Me, traps]}}) || N <- [a, b, c]]), startups(3), stop(S), settled() end)},
     {nested, p(fun() -> Me = self(), Inner = #{id => inner, type => supervisor, start => {supervisor, start_link, [?MODULE, {#{}, [spec(a, Me, #{start => {?MODULE, child, [a, Me, traps]}})]}]}},
                         S = sup(#{}, [Inner, spec(b, Me, #{start => {?MODULE, child, [b, Me, traps]}})]), startups(2), stop(S), settled() end)},
     {parent_ends, p(fun() -> Me = self(), {Q, M} = spawn_monitor(fun() -> sup(#{}, [spec(a, Me, #{start => {?MODULE, child, [a, Me, traps]}})]), exit(done) end), receive {'DOWN', M, _, Q, R} -> {R, [X || X <- settled(), element(1, X) =:= ended]} end end)},
     {nested_escalates, p(fun() -> process_flag(trap_exit, true), Me = self(), Inner = #{id => inner, type => supervisor, start => {supervisor, start_link, [?MODULE, {#{intensity => 0}, [spec(a, Me)]}]}},
                                   S = sup(#{intensity => 1, period => 100}, [Inner]), startups(1), kill_inner(S), startups(1), M = monitor(process, S), kill_inner(S), {receive {'DOWN', M, _, _, R} -> R end, settled()} end)}].

kill_inner(S) -> pid_of_child(pid_of_child(S, inner), a) ! {exit, boom}.

stay(Me) -> receive {'EXIT', _, R} -> Me ! {told, R}, stay(Me) end.

simple(Me, Restart) -> sup(#{strategy => simple_one_for_one, intensity => 10}, [#{id => d, start => {?MODULE, dynamic, [Me]}, restart => Restart, shutdown => 1000}]).

dynamic() ->
    [{start, p(fun() -> S = simple(self(), permanent), [supervisor:start_child(S, [N, plain]) || N <- [a, b, c]], {startups(3), sort(supervisor:count_children(S)), [I || {I, _, _, _} <- supervisor:which_children(S)]} end)},
     {restarted, p(fun() -> S = simple(self(), permanent), {ok, P} = supervisor:start_child(S, [a, plain]), startups(1), P ! {exit, boom}, {startups(1), sort(supervisor:count_children(S))} end)},
     {transient, p(fun() -> S = simple(self(), transient), {ok, P} = supervisor:start_child(S, [a, plain]), startups(1), M = monitor(process, P), P ! {exit, normal}, receive {'DOWN', M, _, _, _} -> ok end, {settled(), sort(supervisor:count_children(S))} end)},
     {terminate, p(fun() -> S = simple(self(), permanent), {ok, P} = supervisor:start_child(S, [a, traps]), startups(1), {supervisor:terminate_child(S, P), supervisor:terminate_child(S, P), supervisor:terminate_child(S, a), settled(), sort(supervisor:count_children(S))} end)},
     {fails, p(fun() -> S = simple(self(), permanent), persistent_term:put({?MODULE, self(), k}, 1), R = supervisor:start_child(S, [a, {fails, k}]), persistent_term:erase({?MODULE, self(), k}), {R, sort(supervisor:count_children(S))} end)},
     {not_for_dynamic, p(fun() -> S = simple(self(), permanent), {supervisor:delete_child(S, d), supervisor:restart_child(S, d)} end)},
     {shut_down, p(fun() -> S = simple(self(), permanent), [supervisor:start_child(S, [N, traps]) || N <- [a, b, c]], startups(3), stop(S), sort(settled()) end)}].

significant() ->
    [{Auto, Ends, Reason, p(fun() -> process_flag(trap_exit, true), Me = self(),
          S = sup(#{auto_shutdown => Auto, intensity => 10}, [spec(N, Me, #{restart => transient, significant => Sig, start => {?MODULE, child, [N, Me, plain]}}) || {N, Sig} <- [{a, true}, {b, true}, {c, false}]]),
          startups(3), M = monitor(process, S), [stop_child(S, N, Reason) || N <- Ends], receive {'DOWN', M, _, _, W} -> {down, W, settled()} after 30 -> {up, settled()} end end)}
     || Auto <- [any_significant, all_significant], Ends <- [[a], [c], [a, b]], Auto =/= any_significant orelse Ends =/= [a, b], Reason <- [normal, odd]] ++
    [{not_allowed, p(fun() -> process_flag(trap_exit, true), san(supervisor:start_link(?MODULE, {#{}, [spec(a, self(), #{restart => transient, significant => true})]})) end)}].
