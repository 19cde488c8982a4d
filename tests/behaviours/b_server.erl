%% gen_server: every way to be called, to wait, to be looked into and to stop.
-module(b_server).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, code_change/3, format_status/1]).
-export([register_name/2, unregister_name/1, whereis_name/1, send/2]).
-include("../conform/conform.hrl").

main() -> calls() ++ waits() ++ names() ++ starts() ++ requests() ++ system() ++ stops().

%% The server: a state is a map with the events that came, newest first.
init({ok, S}) -> {ok, S};
init({continue, S}) -> {ok, S, {continue, begun}};
init({timeout, S, T}) -> {ok, S, T};
init({hibernate, S}) -> {ok, S, hibernate};
init({trap, S}) -> process_flag(trap_exit, true), {ok, S};
init({run, F}) -> F().

note(E, S) -> S#{events => [E | maps:get(events, S, [])]}.

handle_call(get, _, S) -> {reply, lists:reverse(maps:get(events, S, [])), S};
handle_call({put, K, V}, _, S) -> {reply, maps:get(K, S, none), S#{K => V}};
handle_call({read, K}, _, S) -> {reply, maps:get(K, S, none), S};
handle_call(later, From, S) -> {noreply, S#{later => From}};
handle_call({timeout, T}, _, S) -> {reply, ok, S, T};
handle_call(continue, _, S) -> {reply, ok, S, {continue, called}};
handle_call(hibernate, _, S) -> {reply, ok, S, hibernate};
handle_call({stop, R, A}, _, S) -> {stop, R, A, S};
handle_call({stop, R}, _, S) -> {stop, R, S};
handle_call(self, {Pid, _}, S) -> {reply, Pid =:= self(), S};
handle_call({run, F}, From, S) -> F(From, S).

handle_cast(answer, #{later := From} = S) -> gen_server:reply(From, answered), {noreply, maps:remove(later, S)};
handle_cast({continue, X}, S) -> {noreply, note(cast, S), {continue, X}};
handle_cast({timeout, T}, S) -> {noreply, S, T};
handle_cast({run, F}, S) -> F(S);
handle_cast(C, S) -> {noreply, note({cast, C}, S)}.

handle_info({run, F}, S) -> F(S);
handle_info(I, S) -> {noreply, note({info, san(I)}, S)}.

handle_continue({again, 0}, S) -> {noreply, note(done, S)};
handle_continue({again, N}, S) -> {noreply, note({continue, N}, S), {continue, {again, N - 1}}};
handle_continue(C, S) -> {noreply, note({continue, C}, S)}.

terminate(R, #{tell := Pid}) -> Pid ! {terminated, san(R)};
terminate(_, _) -> ok.

code_change(Old, S, Extra) -> {ok, note({changed, Old, Extra}, S)}.

format_status(Status) -> maps:map(fun(state, _) -> hidden; (message, _) -> secret; (_, V) -> V end, Status).

%% A registry of our own, for `via`.
register_name(N, Pid) -> case get({via, N}) of undefined -> put({via, N}, Pid), yes; _ -> no end.
unregister_name(N) -> erase({via, N}).
whereis_name(N) -> case get({via, N}) of undefined -> undefined; P -> P end.
send(N, M) -> case whereis_name(N) of undefined -> exit({badarg, {N, M}}); P -> P ! M, P end.

start(How) -> {ok, P} = gen_server:start(?MODULE, How, []), P.
server() -> start({ok, #{}}).

%% What a server was told, and then its end.
events(P) ->
    E = gen_server:call(P, get),
    gen_server:stop(P),
    E.

calls() ->
    [{call, p(fun() -> P = server(), [gen_server:call(P, {put, a, 1}), gen_server:call(P, {read, a}), events(P)] end)},
     {order, p(fun() -> P = server(), [gen_server:cast(P, N) || N <- seq(1, 10)], P ! x, events(P) end)},
     {late_reply, p(fun() -> P = server(), Me = self(), spawn(fun() -> Me ! gen_server:call(P, later) end), wait_for(P, later),
                              gen_server:cast(P, answer), receive R -> R end end)},
     {reply_from_another, p(fun() -> P = server(), gen_server:call(P, {run, fun(From, S) -> spawn(fun() -> gen_server:reply(From, from_child) end), {noreply, S} end}) end)},
     {call_timeout, p(fun() -> P = server(), R = c(fun() -> gen_server:call(P, later, 10) end), {R, events(P), drain()} end)},
     {call_zero, p(fun() -> P = server(), R = c(fun() -> gen_server:call(P, later, 0) end), gen_server:stop(P), R end)},
     {call_infinity, p(fun() -> P = server(), gen_server:call(P, {read, x}, infinity) end)},
     {bad_timeout, p(fun() -> P = server(), c(fun() -> gen_server:call(P, {read, x}, foo) end) end)},
     {call_self, p(fun() -> c(fun() -> gen_server:call(self(), x) end) end)},
     {server_calls_itself, p(fun() -> P = server(), c(fun() -> gen_server:call(P, {run, fun(_, S) -> {reply, catch_(fun() -> gen_server:call(self(), x) end), S} end}) end) end)},
     {nested, p(fun() -> P = server(), Q = server(), gen_server:call(P, {run, fun(_, S) -> {reply, gen_server:call(Q, {put, a, b}), S} end}), gen_server:call(Q, {read, a}) end)},
     {from_is_caller, p(fun() -> P = server(), Me = self(), gen_server:call(P, {run, fun({F, _}, S) -> {reply, F =:= Me, S} end}) end)},
     {many_callers, p(fun() -> P = server(), Me = self(), [spawn(fun() -> gen_server:call(P, {put, N, N}), Me ! N end) || N <- seq(1, 20)],
                                sort([receive N when is_integer(N) -> N end || _ <- seq(1, 20)]) =:= seq(1, 20) end)},
     {abcast, p(fun() -> P = server(), register(b_server_abcast, P), gen_server:abcast([node()], b_server_abcast, hello), events(P) end)},
     {multi_call, p(fun() -> P = server(), register(b_server_multi, P), R = gen_server:multi_call([node()], b_server_multi, {read, x}), gen_server:stop(P), R end)}].

%% What has come once nothing more is under way.
settled() -> receive after 30 -> drain() end.

catch_(F) -> try F() catch C:R -> {C, san(R)} end.

%% Until the server's state has the key.
wait_for(P, K) ->
    case sys:get_state(P) of
        #{K := _} -> ok;
        _ -> receive after 1 -> wait_for(P, K) end
    end.

waits() ->
    [{timeout_after_call, p(fun() -> P = server(), gen_server:call(P, {timeout, 0}), receive after 20 -> ok end, events(P) end)},
     {timeout_after_cast, p(fun() -> P = server(), gen_server:cast(P, {timeout, 0}), receive after 20 -> ok end, events(P) end)},
     {timeout_from_init, p(fun() -> P = start({timeout, #{}, 0}), receive after 20 -> ok end, events(P) end)},
     {timeout_overtaken, p(fun() -> P = server(), gen_server:call(P, {timeout, 100000}), gen_server:cast(P, x), events(P) end)},
     {continue_from_init, p(fun() -> events(start({continue, #{}})) end)},
     {continue_from_call, p(fun() -> P = server(), gen_server:call(P, continue), events(P) end)},
     {continue_before_messages, p(fun() -> P = server(), sys:suspend(P), gen_server:cast(P, {continue, {again, 3}}), gen_server:cast(P, after_all), sys:resume(P), events(P) end)},
     {hibernate, p(fun() -> P = server(), gen_server:call(P, hibernate), gen_server:cast(P, woken), gen_server:call(P, hibernate), P ! again, events(P) end)},
     {hibernate_from_init, p(fun() -> P = start({hibernate, #{}}), gen_server:cast(P, woken), events(P) end)},
     {hibernated_is_small, p(fun() -> P = server(), gen_server:call(P, {put, x, seq(1, 1000)}), gen_server:call(P, {put, x, y}), gen_server:call(P, hibernate),
                                       hibernated(P), {current_function, F} = process_info(P, current_function), F end)},
     {hibernate_after, p(fun() -> {ok, P} = gen_server:start(?MODULE, {ok, #{}}, [{hibernate_after, 1}]), hibernated(P), gen_server:cast(P, a), events(P) end)}].

%% Until the server sleeps deeply.
hibernated(P) ->
    case process_info(P, current_function) of
        {current_function, {gen_server, loop_hibernate, _}} -> ok;
        {current_function, {erlang, hibernate, 3}} -> ok;
        _ -> receive after 1 -> hibernated(P) end
    end.

names() ->
    [{local, p(fun() -> {ok, P} = gen_server:start({local, b_server_local}, ?MODULE, {ok, #{}}, []), gen_server:cast(b_server_local, x), b_server_local ! y,
                         R = {whereis(b_server_local) =:= P, gen_server:call(b_server_local, get), gen_server:call({b_server_local, node()}, {read, z})}, gen_server:stop(b_server_local), {R, whereis(b_server_local)} end)},
     {twice, p(fun() -> {ok, P} = gen_server:start({local, b_server_twice}, ?MODULE, {ok, #{}}, []), {error, {already_started, Q}} = gen_server:start({local, b_server_twice}, ?MODULE, {ok, #{}}, []), gen_server:stop(P), P =:= Q end)},
     {via, p(fun() -> F = fun() -> gen_server:start({via, ?MODULE, n}, ?MODULE, {ok, #{}}, []) end,
                       {ok, P} = F(), put({via, n}, P), gen_server:cast({via, ?MODULE, n}, x), R = gen_server:call({via, ?MODULE, n}, get), gen_server:stop({via, ?MODULE, n}), R end)},
     {via_taken, p(fun() -> c(fun() -> gen_server:start({via, ?MODULE, n}, ?MODULE, {run, fun() -> {ok, #{}} end}, []), gen_server:call({via, ?MODULE, none}, x) end) end)},
     {no_name, p(fun() -> [c(fun() -> gen_server:call(b_server_nobody, x) end), gen_server:cast(b_server_nobody, x)] end)},
     {no_process, p(fun() -> P = spawn(fun() -> ok end), gone(P), [c(fun() -> gen_server:call(P, x) end), gen_server:cast(P, x)] end)},
     {bad_name, p(fun() -> [c(fun() -> gen_server:start(id(N), ?MODULE, {ok, #{}}, []) end) || N <- [foo, {local, 1}, {via, x}]] end)},
     {other_node, p(fun() -> c(fun() -> gen_server:call({x, 'no@where'}, y) end) end)}].

starts() ->
    [{Name, [p(fun() -> process_flag(trap_exit, true), R = san(c(fun() -> gen_server:F(?MODULE, {run, Init}, []) end)), {R, settled()} end) || F <- [start, start_link]]}
     || {Name, Init} <- [{stop, fun() -> {stop, reason} end}, {stop_normal, fun() -> {stop, normal} end}, {stop_shutdown, fun() -> {stop, {shutdown, x}} end},
                         {ignore, fun() -> ignore end}, {bad, fun() -> foo end}, {throw_good, fun() -> throw({ok, #{}}) end}, {throw_bad, fun() -> throw(bad) end},
                         {exits, fun() -> exit(gone) end}, {exits_normally, fun() -> exit(normal) end}, {killed, fun() -> exit(self(), kill), receive after infinity -> ok end end}]] ++
    [{error_in_init, p(fun() -> process_flag(trap_exit, true), {error, {R, S}} = gen_server:start_link(?MODULE, {run, fun() -> error(broken) end}, []), {R, is_list(S), length(settled())} end)},
     {timeout_in_init, p(fun() -> process_flag(trap_exit, true), {gen_server:start_link(?MODULE, {run, fun() -> receive after infinity -> ok end end}, [{timeout, 10}]), settled()} end)},
     {start_monitor, p(fun() -> {ok, {P, R}} = gen_server:start_monitor(?MODULE, {ok, #{}}, []), gen_server:stop(P, bye, 1000), receive {'DOWN', R, process, P, W} -> W end end)},
     {start_monitor_fails, p(fun() -> {gen_server:start_monitor(?MODULE, {run, fun() -> {stop, x} end}, []), drain()} end)},
     {spawn_options, p(fun() -> {ok, P} = gen_server:start(?MODULE, {ok, #{}}, [{spawn_opt, [{priority, high}, {fullsweep_after, 5}]}]), process_info(P, priority) end)},
     {initial_call, p(fun() -> P = server(), {proc_lib:translate_initial_call(P), element(2, lists:keyfind('$ancestors', 1, element(2, process_info(P, dictionary)))) =:= [self()]} end)},
     {entered, p(fun() -> P = proc_lib:spawn_link(fun() -> gen_server:enter_loop(?MODULE, [], #{a => b}) end), gen_server:call(P, {read, a}) end)},
     {entered_named, p(fun() -> P = proc_lib:spawn_link(fun() -> register(b_server_entered, self()), gen_server:enter_loop(?MODULE, [], #{a => c}, {local, b_server_entered}, infinity) end), gen_server:call(P, {read, a}) end)}].

requests() ->
    [{receive_response, p(fun() -> P = server(), R = gen_server:send_request(P, {put, a, 1}), Q = gen_server:send_request(P, {read, a}), {gen_server:receive_response(Q, 1000), gen_server:receive_response(R, infinity)} end)},
     {wait_response, p(fun() -> P = server(), R = gen_server:send_request(P, later), A = gen_server:wait_response(R, 0), gen_server:cast(P, answer), {A, gen_server:wait_response(R, 1000)} end)},
     {response_too_late, p(fun() -> P = server(), R = gen_server:send_request(P, later), A = gen_server:receive_response(R, 0), gen_server:cast(P, answer), gen_server:call(P, get), {A, drain()} end)},
     {check_response, p(fun() -> P = server(), R = gen_server:send_request(P, {read, a}), receive M -> {gen_server:check_response(other, R), gen_server:check_response(M, R)} end end)},
     {server_dies, p(fun() -> P = server(), R = gen_server:send_request(P, {stop, foo}), gen_server:receive_response(R, infinity) end)},
     {no_server, p(fun() -> R = gen_server:send_request(b_server_nobody, x), gen_server:receive_response(R, infinity) end)},
     {collection, p(fun() -> P = server(), C0 = gen_server:reqids_new(), C1 = gen_server:send_request(P, {read, a}, one, C0), C2 = gen_server:send_request(P, {read, b}, two, C1),
                             {A, L1, C3} = gen_server:receive_response(C2, 1000, true), {B, L2, C4} = gen_server:receive_response(C3, 1000, true),
                             {sort([{L1, A}, {L2, B}]), gen_server:reqids_size(C2), gen_server:receive_response(C4, 1000, true)} end)}].

system() ->
    [{get_state, p(fun() -> P = start({ok, #{a => 1}}), sys:get_state(P) end)},
     {replace_state, p(fun() -> P = start({ok, #{a => 1}}), {sys:replace_state(P, fun(S) -> S#{a => 2} end), gen_server:call(P, {read, a})} end)},
     {replace_state_fails, p(fun() -> P = start({ok, #{a => 1}}), {element(1, c(fun() -> sys:replace_state(P, fun(_) -> error(x) end) end)), sys:get_state(P)} end)},
     {suspend, p(fun() -> P = server(), sys:suspend(P), gen_server:cast(P, x), R = c(fun() -> gen_server:call(P, get, 10) end), sys:resume(P), {R, events(P)} end)},
     {suspended_state, p(fun() -> P = start({ok, #{s => 1}}), sys:suspend(P), {sys:get_state(P), sys:replace_state(P, fun(_) -> #{s => 2} end), sys:resume(P), sys:get_state(P)} end)},
     {statistics, p(fun() -> P = server(), sys:statistics(P, true), gen_server:cast(P, x), gen_server:call(P, get), {ok, S} = sys:statistics(P, get), sys:statistics(P, false),
                              {[{K, V} || {K, V} <- S, K =:= messages_in orelse K =:= messages_out], [K || {K, _} <- S], sys:statistics(P, get)} end)},
     {log, p(fun() -> P = server(), sys:log(P, true), gen_server:cast(P, x), gen_server:call(P, {read, k}), {ok, L} = sys:log(P, get), sys:log(P, false), [san(element(1, E)) || E <- L] end)},
     {install, p(fun() -> P = server(), Me = self(), sys:install(P, {fun(F, E, _) -> Me ! {seen, F, san(E)}, F + 1 end, 0}), gen_server:cast(P, x), gen_server:call(P, {read, k}), sys:no_debug(P), gen_server:cast(P, y), gen_server:call(P, get), drain() end)},
     {status, p(fun() -> P = start({ok, #{a => secret}}), {status, Q, {module, M}, [D, S, _, _, Misc]} = sys:get_status(P), {Q =:= P, M, is_list(D), S, [E || {data, [{"State", E}]} <- Misc]} end)},
     {code_change, p(fun() -> P = server(), sys:suspend(P), R = sys:change_code(P, ?MODULE, 1, extra), sys:resume(P), {R, events(P)} end)},
     {code_change_running, p(fun() -> P = server(), c(fun() -> sys:change_code(P, ?MODULE, 1, extra, 10) end) end)},
     {terminate, p(fun() -> P = server(), M = monitor(process, P), R = sys:terminate(P, done), receive {'DOWN', M, _, _, W} -> {R, W} end end)},
     {unknown_message, p(fun() -> P = server(), M = make_ref(), P ! {system, {self(), M}, foo}, receive {M, R} -> R end end)},
     {no_server, p(fun() -> c(fun() -> sys:get_state(b_server_nobody) end) end)}].

stops() ->
    [{Name, p(fun() -> Me = self(), P = start({trap, #{tell => Me}}), M = monitor(process, P), R = c(fun() -> F(P) end), receive {'DOWN', M, _, _, W} -> {R, san(W), drain()} end end)}
     || {Name, F} <- [{stop, fun(P) -> gen_server:stop(P) end}, {stop_reason, fun(P) -> gen_server:stop(P, {shutdown, x}, infinity) end}, {stop_odd, fun(P) -> gen_server:stop(P, odd, 1000) end},
                      {reply_and_stop, fun(P) -> gen_server:call(P, {stop, normal, bye}) end}, {stop_in_call, fun(P) -> gen_server:call(P, {stop, normal}) end},
                      {stop_oddly_in_call, fun(P) -> gen_server:call(P, {stop, odd}) end}, {cast_stops, fun(P) -> gen_server:cast(P, {run, fun(S) -> {stop, from_cast, S} end}) end},
                      {info_stops, fun(P) -> P ! {run, fun(S) -> {stop, shutdown, S} end}, sent end}, {exit_signal, fun(P) -> exit(P, hello), events(P) end}]] ++
    [{parent_ends, p(fun() -> Me = self(), {Q, M} = spawn_monitor(fun() -> {ok, _} = gen_server:start_link(?MODULE, {trap, #{tell => Me}}, []), exit(parent_done) end),
                               receive {'DOWN', M, _, Q, R} -> receive {terminated, T} -> {R, T} end end end)},
     {parent_ends_untrapped, p(fun() -> Me = self(), Q = spawn(fun() -> {ok, P} = gen_server:start_link(?MODULE, {ok, #{tell => Me}}, []), Me ! P, receive go -> exit(parent_done) end end),
                               P = receive X -> X end, M = monitor(process, P), Q ! go, receive {'DOWN', M, _, _, R} -> {R, drain()} end end)},
     {stop_nobody, p(fun() -> [c(fun() -> gen_server:stop(b_server_nobody) end), c(fun() -> P = spawn(fun() -> ok end), gone(P), gen_server:stop(P) end)] end)},
     {stop_timeout, p(fun() -> P = server(), gen_server:cast(P, {run, fun(_) -> receive after infinity -> ok end end}), R = c(fun() -> gen_server:stop(P, normal, 10) end), exit(P, kill), R end)},
     {bad_return, p(fun() -> P = server(), M = monitor(process, P), gen_server:cast(P, {run, fun(_) -> foo end}), receive {'DOWN', M, _, _, W} -> W end end)},
     {error_in_callback, p(fun() -> P = server(), M = monitor(process, P), gen_server:cast(P, {run, fun(_) -> error(broken) end}), receive {'DOWN', M, _, _, {W, S}} -> {W, is_list(S)} end end)},
     {throw_is_return, p(fun() -> P = server(), gen_server:cast(P, {run, fun(S) -> throw({noreply, S#{thrown => yes}}) end}), gen_server:call(P, {read, thrown}) end)},
     {error_seen_by_caller, p(fun() -> P = server(), {exit, {{W, S}, {gen_server, call, _}}} = c(fun() -> gen_server:call(P, {run, fun(_, _) -> error(broken) end}) end), {W, is_list(S)} end)}].
