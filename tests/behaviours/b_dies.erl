%% gen_server:call to a server that dies: in every way, before, during and after the call.
-module(b_dies).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-include("../conform/conform.hrl").

main() -> during() ++ before() ++ between() ++ linked() ++ callers() ++ watched().

init(F) when is_function(F) -> F();
init(S) -> {ok, S}.

handle_call({run, F}, From, S) -> F(From, S);
handle_call(X, _, S) -> {reply, X, S}.

handle_cast({run, F}, S) -> F(S).

handle_info({run, F}, S) -> F(S);
handle_info(_, S) -> {noreply, S}.

terminate(_, F) when is_function(F) -> F();
terminate(_, _) -> ok.

server() -> server(none).
server(S) -> {ok, P} = gen_server:start(?MODULE, S, []), P.

%% What a caller sees, without the stack of an error.
call(P, M) -> call(P, M, infinity).
call(P, M, T) ->
    try gen_server:call(P, M, T) of
        R -> {reply, san(R)}
    catch
        exit:{{R, [{_, _, _, _} | _]}, {gen_server, call, [_, {run, _} | _]}} -> {exit, san(R), stack};
        exit:{R, {gen_server, call, [_, {run, _} | _]}} -> {exit, san(R), run};
        exit:{R, {gen_server, call, [_, Req | _]}} -> {exit, san(R), san(Req)};
        C:R -> {C, san(R)}
    end.

down(M) -> receive {'DOWN', M, _, _, {R, [{_, _, _, _} | _]}} -> {R, stack}; {'DOWN', M, _, _, R} -> san(R) end.

%% What ends a server: name and what it does.
ways() ->
    [{stop_normal, fun(S) -> {stop, normal, S} end}, {stop_shutdown, fun(S) -> {stop, shutdown, S} end}, {stop_shutdown_term, fun(S) -> {stop, {shutdown, x}, S} end},
     {stop_odd, fun(S) -> {stop, odd, S} end}, {exits, fun(_) -> exit(gone) end}, {exits_normally, fun(_) -> exit(normal) end}, {exits_with_kill, fun(_) -> exit(kill) end},
     {error, fun(_) -> error(broken) end}, {badmatch, fun(S) -> none2 = id(S), S end}, {throw_bad, fun(_) -> throw(thrown) end}, {bad_return, fun(_) -> foo end},
     {killed, fun(_) -> exit(self(), kill), receive after infinity -> ok end end}, {exit_signal, fun(_) -> exit(self(), sent), receive after infinity -> ok end end},
     {exit_signal_normal, fun(_) -> exit(self(), normal), receive after infinity -> ok end end}].

during() ->
    [{Name, p(fun() -> P = server(), M = monitor(process, P), {call(P, {run, fun(_, S) -> F(S) end}), down(M)} end)} || {Name, F} <- ways()] ++
    [{{stop_reply, R}, p(fun() -> P = server(), M = monitor(process, P), {call(P, {run, fun(_, S) -> {stop, R, bye, S} end}), down(M)} end)} || R <- [normal, shutdown, odd]] ++
    [{replied_then_exits, p(fun() -> P = server(), M = monitor(process, P), {call(P, {run, fun(From, _) -> gen_server:reply(From, first), exit(gone) end}), down(M)} end)},
     {replied_then_killed, p(fun() -> P = server(), M = monitor(process, P), {call(P, {run, fun(From, _) -> gen_server:reply(From, first), exit(self(), kill), receive after infinity -> ok end end}), down(M), call(P, x)} end)},
     {replied_twice, p(fun() -> P = server(), {call(P, {run, fun(From, S) -> gen_server:reply(From, first), gen_server:reply(From, second), {noreply, S} end}), call(P, x), drain()} end)},
     {terminate_replaces, p(fun() -> P = server(fun() -> {ok, fun() -> exit(from_terminate) end} end), M = monitor(process, P), {call(P, {run, fun(_, S) -> {stop, odd, S} end}), down(M)} end)},
     {terminate_errs, p(fun() -> P = server(fun() -> {ok, fun() -> error(from_terminate) end} end), M = monitor(process, P), {call(P, {run, fun(_, S) -> {stop, normal, S} end}), down(M)} end)}].

before() ->
    [{Name, p(fun() -> P = server(), M = monitor(process, P), gen_server:cast(P, {run, F}), A = down(M), {A, call(P, x), call(P, x, 1000)} end)} || {Name, F} <- ways(), Name =/= exit_signal_normal].

%% The request is in the mailbox when the server dies of something else.
between() ->
    [{Name, p(fun() -> P = server(), sys:suspend(P), Me = self(),
                       C = spawn(fun() -> Me ! {called, call(P, x)} end), asked(P, 1), F(P),
                       receive {called, R} -> {R, is_pid(C)} end end)}
     || {Name, F} <- [{killed, fun(P) -> exit(P, kill) end}, {exit_signal, fun(P) -> exit(P, reason) end}, {system_terminate, fun(P) -> sys:terminate(P, ended) end},
                      {stopped, fun(P) -> gen_server:stop(P, stopped, infinity) end}]] ++
    [{many, p(fun() -> P = server(), sys:suspend(P), Me = self(), [spawn(fun() -> Me ! {called, call(P, N)} end) || N <- seq(1, 5)], asked(P, 5), exit(P, kill),
                       sort([receive {called, R} -> R end || _ <- seq(1, 5)]) end)},
     {answered_and_not, p(fun() -> P = server(), sys:suspend(P), Me = self(), spawn(fun() -> Me ! {1, call(P, first)} end), asked(P, 1),
                                    spawn(fun() -> Me ! {2, call(P, {run, fun(_, S) -> {stop, enough, S} end})} end), asked(P, 2), spawn(fun() -> Me ! {3, call(P, third)} end), asked(P, 3),
                                    sys:resume(P), [receive {N, R} -> R end || N <- [1, 2, 3]] end)}].

asked(P, N) ->
    case process_info(P, message_queue_len) of
        {_, Len} when Len >= N -> ok;
        _ -> receive after 1 -> asked(P, N) end
    end.

linked() ->
    [{Name, p(fun() -> process_flag(trap_exit, true), {ok, P} = gen_server:start_link(?MODULE, none, []), R = call(P, {run, fun(_, S) -> F(S) end}),
                       receive {'EXIT', P, {W, [{_, _, _, _} | _]}} -> {R, {W, stack}}; {'EXIT', P, W} -> {R, W} end end)} || {Name, F} <- ways()] ++
    [{untrapped, p(fun() -> {ok, P} = gen_server:start_link(?MODULE, none, []), call(P, {run, fun(_, S) -> {stop, odd, S} end}), receive after infinity -> ok end end)},
     {untrapped_normal, p(fun() -> {ok, P} = gen_server:start_link(?MODULE, none, []), call(P, {run, fun(_, S) -> {stop, normal, S} end}) end)},
     {parent_ends_while_called, p(fun() -> Me = self(), Q = spawn(fun() -> {ok, P} = gen_server:start_link(?MODULE, none, []), Me ! P, receive go -> exit(parent) end end),
                                            P = receive X -> X end, call(P, {run, fun(_, _) -> Q ! go, receive after infinity -> ok end end}) end)}].

%% The caller dies, or gives up, while the server works.
callers() ->
    [{caller_killed, p(fun() -> P = server(), {C, M} = spawn_monitor(fun() -> gen_server:call(P, {run, fun(From, _) -> {noreply, From} end}, infinity) end), reached(P), exit(C, kill),
                                 R = down(M), gen_server:cast(P, {run, fun(From) -> gen_server:reply(From, late), {noreply, none} end}), {R, call(P, x)} end)},
     {caller_gives_up, p(fun() -> P = server(), R = call(P, {run, fun(From, _) -> {noreply, From} end}, 5), gen_server:cast(P, {run, fun(From) -> gen_server:reply(From, late), {noreply, none} end}),
                                   {R, call(P, x), drain()} end)},
     {dies_after_giving_up, p(fun() -> P = server(), M = monitor(process, P), R = call(P, {run, fun(_, S) -> {noreply, S} end}, 5), exit(P, kill), {R, down(M), drain()} end)},
     {through_another, p(fun() -> P = server(), Q = server(), M = monitor(process, Q), R = call(Q, {run, fun(_, S) -> {reply, gen_server:call(P, {run, fun(_, _) -> exit(deep) end}), S} end}),
                                   {exit, W, run} = R, {W, down(M)} end)}].

reached(P) ->
    case sys:get_state(P) of
        none -> receive after 1 -> reached(P) end;
        _ -> ok
    end.

watched() ->
    [{same_reason, p(fun() -> P = server(), Ms = [monitor(process, P) || _ <- seq(1, 3)], R = call(P, {run, fun(_, _) -> exit(gone) end}), {R, [down(M) || M <- Ms], drain()} end)},
     {demonitored, p(fun() -> P = server(), M = monitor(process, P), demonitor(M), call(P, {run, fun(_, _) -> exit(gone) end}), drain() end)},
     {no_message_is_left, p(fun() -> P = server(), [call(P, {run, fun(_, _) -> exit(gone) end}), call(P, x), call(P, y, 100), receive after 20 -> drain() end] end)},
     {by_name, p(fun() -> {ok, P} = gen_server:start({local, b_dies_name}, ?MODULE, none, []), M = monitor(process, b_dies_name), R = call(b_dies_name, {run, fun(_, _) -> exit(gone) end}), {R, down(M), call(b_dies_name, x), is_process_alive(P)} end)}].
