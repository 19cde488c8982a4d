%% What surrounds a program: environment variables, names of files, tracing that is off, and functions that OTP's own
%% modules call.
-module(c_system).
-include("conform.hrl").

main() -> environment() ++ names() ++ tracing() ++ machinery() ++ statistics_() ++ settings().

environment() ->
    [{missing, os:getenv("WARPBEAM_NOT_THERE")},
     {set, scope(fun() -> {os:putenv("WARPBEAM_A", "b=c"), os:getenv("WARPBEAM_A"), os:putenv("WARPBEAM_A", ""), os:getenv("WARPBEAM_A")} end)},
     {unset, scope(fun() -> {os:unsetenv("WARPBEAM_A"), os:getenv("WARPBEAM_A"), os:unsetenv("WARPBEAM_A")} end)},
     {listed, scope(fun() -> os:putenv("WARPBEAM_B", [233, 256]), lists:member({"WARPBEAM_B", [233, 256]}, os:env()) end)},
     {other_process, p(fun() -> os:getenv("WARPBEAM_B") end)},
     {names, [c(1, fun() -> os:putenv(id(K), "v") end) || K <- ["A=B", [$A, 0], a, <<"A">>, [a], [-1], [16#D800], [$a | b], 1]]},
     {deep_name, scope(fun() -> os:putenv(["WARP", [["BEAM"], "_C"]], "v"), os:getenv("WARPBEAM_C") end)},
     {values, [c(1, fun() -> os:putenv("WARPBEAM_D", id(V)) end) || V <- [[$A, 0], a, <<"A">>, [a], [$a | <<"b">>], 1.0]]},
     {getenv_wrong, [c(1, fun() -> os:getenv(id(K)) end) || K <- ["A=B", a, <<"A">>, [0]]]},
     {unsetenv_wrong, [c(1, fun() -> os:unsetenv(id(K)) end) || K <- ["A=B", a, <<"A">>, [0]]]},
     {pid, scope(fun() -> L = os:getpid(), list_to_integer(L) > 0 end)},
     {signals, [c(1, fun() -> os:set_signal(id(S), id(O)) end) || {S, O} <- [{sighup, x}, {sigfoo, handle}, {1, handle}, {sigkill, ignore}]]}].

names() ->
    [{encoding, file:native_name_encoding()}, {range, io:printable_range()},
     {unicode_io, c(fun() -> net_kernel:dflag_unicode_io(self()) end)}, {unicode_io_wrong, c(1, fun() -> net_kernel:dflag_unicode_io(id(a)) end)},
     {to_native, [c(1, fun() -> prim_file:internal_name2native(id(N)) end)
                  || N <- ["abc", [233], [256], <<"abc">>, abc, ["a", ["b"]], [$a, 0], [$a | <<"c">>], [-1], [1.0], [], <<>>, [16#D800], <<0>>, <<255>>, <<1:3>>]]},
     {from_native, [c(1, fun() -> prim_file:internal_native2name(id(N)) end) || N <- [<<"abc">>, <<195, 169>>, <<255>>, "abc", abc, <<>>, <<1:1>>, <<224>>]]},
     {translatable, [c(1, fun() -> prim_file:is_translatable(id(N)) end) || N <- [<<"abc">>, <<195, 169>>, <<255>>, "abc", abc]]}].

tracing() ->
    [{token, [c(1, fun() -> erlang:seq_trace_info(id(K)) end) || K <- [send, label, serial, print, timestamp, foo, 1, 'receive', spawn, sequential_trace_token]]},
     {token_off, erlang:seq_trace(sequential_trace_token, [])},
     {print, [c(1, fun() -> erlang:seq_trace_print(id(L), x) end) || L <- [0, a, 1.0, self()]]}, {print, erlang:seq_trace_print(x)},
     {wrong_token, [c(1, fun() -> erlang:seq_trace(id(K), id(V)) end) || {K, V} <- [{foo, true}, {send, 1}, {1, true}]]},
     {of_process, [c(1, fun() -> erlang:trace_info(id(self()), id(I)) end) || I <- [flags, tracer, foo, 1]]},
     {of_new, [c(1, fun() -> erlang:trace_info(id(new), id(I)) end) || I <- [flags, tracer]]},
     {of_function, [c(1, fun() -> erlang:trace_info({lists, member, 2}, id(I)) end) || I <- [traced, meta, call_count, match_spec]]},
     {of_dead, p(fun() -> P = spawn(fun() -> ok end), gone(P), erlang:trace_info(P, flags) end)},
     {delivered, p(fun() -> Me = self(), R = erlang:trace_delivered(Me), receive {trace_delivered, Me, R} -> ok end end)},
     {delivered_all, p(fun() -> R = erlang:trace_delivered(all), receive {trace_delivered, all, R} -> ok end end)},
     {delivered_wrong, c(1, fun() -> erlang:trace_delivered(id(x)) end)},
     {tags, [erlang:dt_get_tag(), erlang:dt_put_tag(<<"a">>), erlang:dt_get_tag_data(), erlang:dt_spread_tag(true), erlang:dt_restore_tag(true),
             erlang:dt_prepend_vm_tag_data(x), erlang:dt_append_vm_tag_data("x")]},
     {tags_wrong, [c(1, fun() -> erlang:dt_spread_tag(id(x)) end), c(1, fun() -> erlang:dt_restore_tag(id(x)) end)]}].

machinery() ->
    [{garbage_collect, [c(1, fun() -> erts_internal:garbage_collect(id(K)) end) || K <- [major, minor, x]]},
     {system_process, [c(1, fun() -> erts_internal:is_system_process(id(P)) end) || P <- [self(), a]]},
     {tuple_keys, [c(fun() -> erts_internal:map_to_tuple_keys(id(M)) end) || M <- [#{}, #{a => 1, b => 2}, maps:from_keys(seq(1, 40), x), a]]},
     {checked, [c(1, fun() -> erts_internal:system_check(id(X)) end) || X <- [schedulers, x]]},
     {creation, erts_internal:get_creation()}, {dirty, erts_internal:is_process_executing_dirty(self())},
     {shared_size, scope(fun() -> L = [id(X) || X <- seq(1, 2)], [erts_debug:size_shared(T) || T <- [1, a, L, {L, L}, [L | L], id(1.0) + 1, self(), []]] end)},
     {copy, erts_debug:copy_shared({1, 2}, false)},
     {displayed, [c(1, fun() -> erlang:display_string(id(S)) end) || S <- [a, [-1], [a]]]}, {displayed_nothing, erlang:display_string("")},
     {exit_signal, p(fun() -> {P, R} = spawn_monitor(fun() -> receive x -> ok end end), true = erlang:exit_signal(P, foo), receive {'DOWN', R, _, _, W} -> W end end)},
     {node, c(1, fun() -> erlang:setnode(id(a), id(b)) end)}].

statistics_() ->
    [{shapes, [c(fun() -> shape(statistics(I)) end)
               || I <- [context_switches, exact_reductions, reductions, garbage_collection, io, run_queue, runtime, wall_clock, total_active_tasks,
                        total_run_queue_lengths, foo]]},
     {since, p(fun() -> {A, _} = statistics(wall_clock), {B, D} = statistics(wall_clock), {B >= A, D >= 0} end)},
     {reductions_rise, p(fun() -> {A, _} = statistics(exact_reductions), work(20000), erlang:yield(), {B, D} = statistics(exact_reductions), {B > A, D > 0} end)},
     {collections_rise, p(fun() -> {A, W, 0} = statistics(garbage_collection), [garbage_collect() || _ <- seq(1, 10)], erlang:yield(),
                                   {B, V, 0} = statistics(garbage_collection), {B >= A + 10, V >= W} end)}].

settings() ->
    [{flags, [c(1, fun() -> erlang:system_flag(id(K), id(V)) end)
              || {K, V} <- [{backtrace_depth, 20}, {backtrace_depth, 8}, {fullsweep_after, 10}, {fullsweep_after, 65535}, {min_heap_size, 233},
                            {min_bin_vheap_size, 46422}, {max_heap_size, 0}, {multi_scheduling, unblock}, {scheduler_wall_time, false},
                            {time_offset, finalize}, {trace_control_word, 5}, {trace_control_word, 0}, {foo, 1}, {1, 2}, {backtrace_depth, -1},
                            {backtrace_depth, a}, {sequential_tracer, false}, {microstate_accounting, false}]]},
     {monitor, p(fun() -> Me = self(),
                   [erlang:system_monitor(), erlang:system_monitor(Me, [{long_gc, 100}, busy_port]), erlang:system_monitor(),
                    erlang:system_monitor(Me, [{long_schedule, 5}, busy_dist_port, {large_heap, 0}]), erlang:system_monitor(Me, []), erlang:system_monitor()]
                 end)},
     {monitor_undefined, p(fun() -> erlang:system_monitor({self(), [busy_port]}), {erlang:system_monitor(undefined), erlang:system_monitor()} end)},
     {monitor_wrong, [c(1, fun() -> erlang:system_monitor(id(P), id(O)) end) || {P, O} <- [{a, [busy_port]}, {self(), [x]}, {self(), [{long_gc, a}]}, {self(), x}]]},
     {profile, p(fun() -> [erlang:system_profile(), erlang:system_profile(self(), [runnable_procs]), erlang:system_profile(), erlang:system_profile(undefined, []), erlang:system_profile()] end)},
     {profile_wrong, c(1, fun() -> erlang:system_profile(id(self()), [foo]) end)},
     {memory, [c(fun() -> shape(erlang:memory(id(K))) end) || K <- [total, processes, processes_used, system, atom, atom_used, binary, code, ets, foo]]},
     {memory_list, [{K, shape(V)} || {K, V} <- erlang:memory()]}, {memory_some, [{K, shape(V)} || {K, V} <- erlang:memory([total, atom])]},
     {memory_adds_up, scope(fun() -> M = maps:from_list(erlang:memory()), map_get(total, M) =:= map_get(processes, M) + map_get(system, M) end)}].

shape(X) when is_integer(X) -> integer;
shape(X) when is_tuple(X) -> list_to_tuple([shape(E) || E <- tuple_to_list(X)]);
shape(X) -> X.

work(0) -> 0;
work(N) -> 1 + work(N - 1).
