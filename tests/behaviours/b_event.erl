%% gen_event: handlers that come, answer, fail, swap and go; supervised ones.
-module(b_event).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2, code_change/3]).
-include("../conform/conform.hrl").

main() -> handlers() ++ failures() ++ swaps() ++ supervised() ++ managers().

init({swapped, {Tell, Name}, Old}) -> Tell ! {swapped, Name, Old}, {ok, {Tell, Name}};
init({{swap, T, N}, Old}) -> init({swapped, {T, N}, san(Old)});
init({run, F}) -> F();
init({Tell, Name}) -> {ok, {Tell, Name}}.

handle_event({run, F}, S) -> F(S);
handle_event(E, {Tell, Name} = S) -> Tell ! {event, Name, E}, {ok, S}.

handle_call({run, F}, S) -> F(S);
handle_call(Q, {_, Name} = S) -> {ok, {answer, Name, Q}, S}.

handle_info({run, F}, S) -> F(S);
handle_info(I, {Tell, Name} = S) -> Tell ! {info, Name, san(I)}, {ok, S}.

terminate(Why, {Tell, Name}) -> Tell ! {terminated, Name, shorter(Why)}, {last, Name};
terminate(_, _) -> ok.

code_change(_, {Tell, Name} = S, Extra) -> Tell ! {changed, Name, Extra}, {ok, S}.

shorter({error, {'EXIT', {R, [_ | _]}}}) -> {error, R};
shorter(R) -> san(R).

manager() -> {ok, P} = gen_event:start(), P.
add(P, Name) -> gen_event:add_handler(P, {?MODULE, Name}, {self(), Name}).
settled() -> receive after 20 -> drain() end.

handlers() ->
    [{add, p(fun() -> P = manager(), {add(P, a), add(P, a), add(P, b), gen_event:which_handlers(P)} end)},
     {notify, p(fun() -> P = manager(), add(P, a), add(P, b), gen_event:notify(P, one), gen_event:sync_notify(P, two), drain() end)},
     {info, p(fun() -> P = manager(), add(P, a), P ! hello, gen_event:which_handlers(P), drain() end)},
     {call, p(fun() -> P = manager(), add(P, a), {gen_event:call(P, {?MODULE, a}, q), gen_event:call(P, {?MODULE, b}, q), gen_event:call(P, other, q)} end)},
     {delete, p(fun() -> P = manager(), add(P, a), R = gen_event:delete_handler(P, {?MODULE, a}, gone), {R, gen_event:delete_handler(P, {?MODULE, a}, gone), drain(), gen_event:which_handlers(P)} end)},
     {removes_itself, p(fun() -> P = manager(), add(P, a), add(P, b), gen_event:sync_notify(P, {run, fun({_, a}) -> remove_handler; (S) -> {ok, S} end}), {drain(), gen_event:which_handlers(P)} end)},
     {removed_by_call, p(fun() -> P = manager(), add(P, a), R = gen_event:call(P, {?MODULE, a}, {run, fun(_) -> {remove_handler, bye} end}), {R, drain(), gen_event:which_handlers(P)} end)},
     {hibernates, p(fun() -> P = manager(), add(P, a), gen_event:sync_notify(P, {run, fun(S) -> {ok, S, hibernate} end}), gen_event:sync_notify(P, x), drain() end)},
     {init_fails, p(fun() -> P = manager(), [shorter_add(gen_event:add_handler(P, ?MODULE, {run, F})) || F <- [fun() -> {error, no} end, fun() -> foo end, fun() -> exit(bad) end, fun() -> error(broken) end]] end)},
     {order, p(fun() -> P = manager(), [add(P, N) || N <- [a, b, c]], gen_event:sync_notify(P, x), [N || {event, N, _} <- drain()] end)}].

shorter_add({'EXIT', {R, [_ | _]}}) -> {'EXIT', R};
shorter_add(R) -> R.

failures() ->
    [{Name, p(fun() -> P = manager(), add(P, a), add(P, b), gen_event:sync_notify(P, {run, fun({_, a}) -> F(); (S) -> {ok, S} end}), {drain(), gen_event:which_handlers(P)} end)}
     || {Name, F} <- [{exits, fun() -> exit(gone) end}, {errs, fun() -> error(broken) end}, {throws, fun() -> throw(foo) end}, {bad_return, fun() -> foo end}]] ++
    [{call_fails, p(fun() -> P = manager(), add(P, a), R = gen_event:call(P, {?MODULE, a}, {run, fun(_) -> exit(gone) end}), {R, drain(), gen_event:which_handlers(P)} end)},
     {call_bad, p(fun() -> P = manager(), add(P, a), R = gen_event:call(P, {?MODULE, a}, {run, fun(_) -> foo end}), {R, drain(), gen_event:which_handlers(P)} end)},
     {call_timeout, p(fun() -> P = manager(), add(P, a), sys:suspend(P), R = c(fun() -> gen_event:call(P, {?MODULE, a}, q, 5) end), sys:resume(P), gen_event:which_handlers(P), {R, drain()} end)},
     {nobody, p(fun() -> [c(fun() -> gen_event:call(b_event_nobody, x, y) end), c(fun() -> gen_event:notify(b_event_nobody, x) end), c(fun() -> gen_event:sync_notify(b_event_nobody, x) end)] end)}].

swaps() ->
    [{swap, p(fun() -> P = manager(), add(P, a), R = gen_event:swap_handler(P, {{?MODULE, a}, args}, {{?MODULE, b}, {swap, self(), b}}), {R, drain(), gen_event:which_handlers(P)} end)},
     {swap_missing, p(fun() -> P = manager(), R = gen_event:swap_handler(P, {{?MODULE, a}, args}, {{?MODULE, b}, {swap, self(), b}}), {R, drain(), gen_event:which_handlers(P)} end)},
     {swaps_itself, p(fun() -> P = manager(), Me = self(), add(P, a), gen_event:sync_notify(P, {run, fun(S) -> {swap_handler, args, S, {?MODULE, b}, {swap, Me, b}} end}), {drain(), gen_event:which_handlers(P)} end)},
     {swap_in_call, p(fun() -> P = manager(), Me = self(), add(P, a), R = gen_event:call(P, {?MODULE, a}, {run, fun(S) -> {swap_handler, reply, args, S, {?MODULE, b}, {swap, Me, b}} end}), {R, drain()} end)}].

supervised() ->
    [{Name, p(fun() -> P = manager(), ok = gen_event:add_sup_handler(P, {?MODULE, a}, {self(), a}), F(P), [shorter_exit(M) || M <- settled()] end)}
     || {Name, F} <- [{deleted, fun(P) -> gen_event:delete_handler(P, {?MODULE, a}, x) end}, {removed, fun(P) -> gen_event:notify(P, {run, fun(_) -> remove_handler end}) end},
                      {crashed, fun(P) -> gen_event:notify(P, {run, fun(_) -> exit(gone) end}) end}, {swapped, fun(P) -> gen_event:swap_sup_handler(P, {{?MODULE, a}, x}, {{?MODULE, b}, {swap, self(), b}}) end},
                      {stopped, fun(P) -> gen_event:stop(P) end}, {manager_killed, fun(P) -> process_flag(trap_exit, true), exit(P, kill) end}]] ++
    [{owner_ends, p(fun() -> P = manager(), Me = self(), {Q, M} = spawn_monitor(fun() -> ok = gen_event:add_sup_handler(P, {?MODULE, a}, {Me, a}), exit(owner_done) end), receive {'DOWN', M, _, Q, _} -> ok end,
                              {settled(), gen_event:which_handlers(P)} end)}].

shorter_exit({gen_event_EXIT, H, {'EXIT', {R, [_ | _]}}}) -> {gen_event_EXIT, H, R};
shorter_exit(M) -> M.

managers() ->
    [{named, p(fun() -> {ok, P} = gen_event:start({local, b_event_name}), add(b_event_name, a), gen_event:sync_notify(b_event_name, x), {whereis(b_event_name) =:= P, drain(), gen_event:stop(b_event_name), drain()} end)},
     {twice, p(fun() -> {ok, P} = gen_event:start({local, b_event_twice}), {error, {already_started, Q}} = gen_event:start({local, b_event_twice}), gen_event:stop(P), P =:= Q end)},
     {stop, p(fun() -> P = manager(), add(P, a), M = monitor(process, P), gen_event:stop(P, odd, infinity), receive {'DOWN', M, _, _, R} -> {R, drain()} end end)},
     {parent_ends, p(fun() -> Me = self(), {Q, M} = spawn_monitor(fun() -> {ok, P} = gen_event:start_link(), gen_event:add_handler(P, ?MODULE, {Me, a}), exit(parent_done) end), receive {'DOWN', M, _, Q, R} -> {R, settled()} end end)},
     {state, p(fun() -> P = manager(), add(P, a), [{M, Id, N} || {M, Id, {_, N}} <- sys:get_state(P)] end)},
     {code_change, p(fun() -> P = manager(), add(P, a), sys:suspend(P), R = sys:change_code(P, ?MODULE, 1, extra), sys:resume(P), {R, drain()} end)},
     {requests, p(fun() -> P = manager(), add(P, a), R = gen_event:send_request(P, {?MODULE, a}, q), gen_event:receive_response(R, 1000) end)}].
