%% process_info and process_flag: items, their values, and what is refused.
-module(c_process_info).
-export([parked/0, body/0]).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- own() ++ others() ++ flags()] ++ wrong().

parked() -> receive {do, From, F} -> From ! {did, F()}, parked(); stop -> ok end.
body() -> X = in_body(), {x, X}.
in_body() -> receive stop -> ok end.
do(P, F) -> P ! {do, self(), F}, receive {did, V} -> V end.
until(P, I) -> case process_info(P, status) of {status, I} -> ok; _ -> receive after 1 -> until(P, I) end end.
i(K) -> process_info(self(), K).

own() ->
    [{registered_name, fun() -> A = i(registered_name), register(c_process_info_a, self()), {A, i(registered_name)} end}, {status, fun() -> i(status) end}, {trap_exit, fun() -> A = i(trap_exit), process_flag(trap_exit, true), {A, i(trap_exit)} end},
     {links, fun() -> P = spawn_link(fun parked/0), {links, L} = i(links), R = L =:= [P], unlink(P), {R, i(links)} end}, {monitors, fun() -> P = spawn(fun parked/0), monitor(process, P), {monitors, L} = i(monitors), L =:= [{process, P}] end}, {queue, fun() -> self() ! a, self() ! {b, 1}, {i(message_queue_len), i(messages)} end},
     {queue_empty, fun() -> {i(message_queue_len), i(messages)} end}, {dictionary, fun() -> put(k, v), i(dictionary) end}, {priority, fun() -> A = i(priority), process_flag(priority, high), {A, i(priority)} end}, {group_leader, fun() -> {group_leader, G} = i(group_leader), G =:= group_leader() end},
     {current_function, fun() -> {current_function, {M, F, A}} = i(current_function), {M, name(F), A} end}, {initial_call, fun() -> i(initial_call) end}, {numbers, fun() -> [K || K <- [heap_size, stack_size, total_heap_size, reductions, memory, min_heap_size, min_bin_vheap_size, fullsweep_after], scope(fun() -> {K, V} = i(K), not (is_integer(V) andalso V >= 0) end)] end},
     {reductions_grow, fun() -> {_, A} = i(reductions), _ = seq(1, 5000), {_, B} = i(reductions), B >= A end}, {list, fun() -> put(a, 1), process_info(self(), [trap_exit, priority, status, dictionary, links]) end}, {list_empty, fun() -> process_info(self(), []) end}, {list_repeated, fun() -> process_info(self(), [trap_exit, trap_exit]) end},
     {list_registered_name, fun() -> process_info(self(), [registered_name, message_queue_len]) end}, {suspending, fun() -> i(suspending) end}, {message_queue_data, fun() -> i(message_queue_data) end}, {error_handler, fun() -> i(error_handler) end}, {garbage_collection, fun() -> {garbage_collection, L} = i(garbage_collection), lists:keymember(minor_gcs, 1, L) end}, {max_heap_size, fun() -> i(max_heap_size) end},
     {catchlevel, fun() -> {catchlevel, N} = i(catchlevel), is_integer(N) end}, {dictionary_key_order, fun() -> [put(K, K) || K <- [a, b, c]], {dictionary, D} = i(dictionary), sort(D) end}, {stacktrace, fun() -> {current_stacktrace, [{M, _, _, _} | _]} = i(current_stacktrace), M end}, {binary, fun() -> {binary, L} = i(binary), is_list(L) end}, {monitored_by, fun() -> P = self(), Q = spawn(fun() -> monitor(process, P), P ! set, receive stop -> ok end end), receive set -> ok end, {monitored_by, L} = i(monitored_by), lists:member(Q, L) end}].

others() ->
    [{waiting, fun() -> P = spawn(fun parked/0), until(P, waiting), process_info(P, status) end}, {current_function_parked, fun() -> P = spawn(?MODULE, parked, []), until(P, waiting), process_info(P, current_function) end}, {current_function_inner, fun() -> P = spawn(?MODULE, body, []), until(P, waiting), process_info(P, current_function) end},
     {initial_call_mfa, fun() -> process_info(spawn(?MODULE, parked, []), initial_call) end}, {initial_call_fun, fun() -> process_info(spawn(fun parked/0), initial_call) end}, {dead, fun() -> P = spawn(fun() -> ok end), gone(P), {process_info(P, status), process_info(P, [links]), process_info(P, registered_name)} end},
     {messages, fun() -> P = spawn(?MODULE, body, []), P ! a, P ! b, {process_info(P, message_queue_len), process_info(P, messages)} end}, {links_other, fun() -> P = spawn(fun parked/0), link(P), {links, L} = process_info(P, links), L =:= [self()] end}, {trap_exit_other, fun() -> P = spawn(fun parked/0), do(P, fun() -> process_flag(trap_exit, true) end), process_info(P, trap_exit) end},
     {name_other, fun() -> P = spawn(fun parked/0), register(c_process_info_b, P), R = process_info(P, registered_name), P ! stop, gone(P), R end}, {no_name_other, fun() -> process_info(spawn(fun parked/0), registered_name) end}, {stacktrace_other, fun() -> P = spawn(?MODULE, body, []), until(P, waiting), {current_stacktrace, S} = process_info(P, current_stacktrace), top(2, S) end},
     {location_other, fun() -> P = spawn(?MODULE, body, []), until(P, waiting), {current_location, {M, F, A, L}} = process_info(P, current_location), {M, F, A, file_and_line(L)} end}, {priority_option, fun() -> process_info(spawn_opt(fun parked/0, [{priority, low}]), priority) end}, {parent_link, fun() -> P = spawn_link(fun parked/0), {links, L} = process_info(P, links), unlink(P), L =:= [self()] end},
     {processes, fun() -> P = spawn(fun parked/0), L = processes(), {lists:member(P, L), lists:member(self(), L)} end}, {processes_dead, fun() -> P = spawn(fun() -> ok end), gone(P), lists:member(P, processes()) end}].

flags() ->
    [{priority, fun() -> [process_flag(priority, X) || X <- [low, normal, high, max, normal]] end}, {trap_exit, fun() -> [process_flag(trap_exit, X) || X <- [true, true, false, false]] end}, {save_calls, fun() -> [process_flag(save_calls, X) || X <- [10, 0]] end}, {sensitive, fun() -> [process_flag(sensitive, X) || X <- [true, false, false]] end},
     {message_queue_data, fun() -> [process_flag(message_queue_data, X) || X <- [off_heap, on_heap]] end}, {fullsweep_after, fun() -> A = process_flag(fullsweep_after, 5), {is_integer(A), process_flag(fullsweep_after, 0)} end}, {min_heap_size, fun() -> is_integer(process_flag(min_heap_size, 500)) end}, {min_bin_vheap_size, fun() -> is_integer(process_flag(min_bin_vheap_size, 5000)) end}, {error_handler, fun() -> {process_flag(error_handler, my_handler), process_flag(error_handler, error_handler)} end},
     {max_heap_size, fun() -> A = process_flag(max_heap_size, #{size => 10000000, kill => false, error_logger => false}), {A, process_flag(max_heap_size, 0)} end}, {wrong, fun() -> [c(1, fun() -> process_flag(id(F), id(V)) end) || {F, V} <- [{foo, true}, {1, 2}, {priority, x}, {priority, 1}, {trap_exit, 1}, {min_heap_size, -1}, {min_heap_size, a}, {max_heap_size, -1}, {max_heap_size, #{kill => x}}, {message_queue_data, x}, {save_calls, -1}, {fullsweep_after, -1}, {sensitive, 1}, {error_handler, 1}]] end}].

wrong() -> [{{info, I}, c(1, fun() -> process_info(self(), id(I)) end)} || I <- [foo, 1, "x", {a}, [foo], [links | x], [1]]] ++ [{{pid, P}, c(1, fun() -> process_info(id(P), status) end)} || P <- [a, 1, [], {}]].
