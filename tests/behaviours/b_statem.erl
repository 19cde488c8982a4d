%% gen_statem: both callback modes, state enter calls, every kind of timeout, postponing, inserted events, stops.
-module(b_statem).
-behaviour(gen_statem).
-export([callback_mode/0, init/1, terminate/3, code_change/4, handle_event/4, locked/3, open/3, any/3]).
-include("../conform/conform.hrl").

main() -> lists_(state_functions) ++ lists_(handle_event_function) ++ timeouts() ++ queues() ++ stops() ++ system().

%% The mode is that of the process's dictionary, so that one module has them all.
callback_mode() -> get(mode).

init({run, F}) -> put(mode, handle_event_function), F();
init({Mode, Actions}) -> put(mode, Mode), {ok, locked, #{seen => []}, Actions}.

locked(T, C, D) -> on(T, C, locked, D).
open(T, C, D) -> on(T, C, open, D).
any(T, C, D) -> on(T, C, any, D).
handle_event(T, C, S, D) -> on(T, C, S, D).

note(E, #{seen := Seen} = D) -> D#{seen => [E | Seen]}.

on(enter, Old, S, D) -> {keep_state, note({enter, Old, S}, D)};
on({call, From}, seen, S, #{seen := Seen}) -> {keep_state_and_data, [{reply, From, {S, lists:reverse(Seen)}}]};
on({call, From}, {do, F}, S, D) -> F(From, S, D);
on(cast, {do, F}, S, D) -> F(S, D);
on({call, From}, {go, To}, S, D) -> {next_state, To, note({went, S}, D), [{reply, From, ok}]};
on(T, postponed, locked, _) when T =:= cast; T =:= info -> {keep_state_and_data, postpone};
on({call, From}, C, S, D) -> {keep_state, note({call, C, S}, D), [{reply, From, ok}]};
on(T, C, S, D) -> {keep_state, note({T, C, S}, D)}.

terminate(R, S, #{tell := P}) -> P ! {terminated, R, S};
terminate(_, _, _) -> ok.

code_change(Old, S, D, Extra) -> {ok, S, note({changed, Old, Extra}, D)}.

start(Mode) -> start(Mode, []).
start(Mode, Actions) -> {ok, P} = gen_statem:start(?MODULE, {Mode, Actions}, []), P.
machine() -> start(handle_event_function).

seen(P) -> R = gen_statem:call(P, seen), gen_statem:stop(P), R.
do(P, F) -> gen_statem:call(P, {do, F}).

lists_(Mode) ->
    [{Mode, Name, p(fun() -> F(fun(As) -> start(Mode, As) end) end)} || {Name, F} <- each()] ++
    [{Mode, enter, p(fun() -> P = start([Mode, state_enter]), gen_statem:call(P, {go, open}), gen_statem:call(P, {go, open}), gen_statem:call(P, {go, locked}), seen(P) end)},
     {Mode, repeat, p(fun() -> P = start([Mode, state_enter]), do(P, fun(From, _, D) -> {repeat_state, D, [{reply, From, ok}]} end), do(P, fun(From, _, _) -> {repeat_state_and_data, [{reply, From, ok}]} end), seen(P) end)}].

each() ->
    [{call, fun(S) -> P = S([]), {gen_statem:call(P, x), seen(P)} end},
     {cast, fun(S) -> P = S([]), gen_statem:cast(P, x), P ! y, seen(P) end},
     {change, fun(S) -> P = S([]), gen_statem:call(P, {go, open}), gen_statem:cast(P, x), gen_statem:call(P, {go, any}), P ! y, seen(P) end},
     {postpone, fun(S) -> P = S([]), gen_statem:cast(P, postponed), gen_statem:cast(P, x), P ! postponed, gen_statem:call(P, y), gen_statem:call(P, {go, open}), gen_statem:call(P, z), seen(P) end},
     {next_event, fun(S) -> P = S([]), gen_statem:cast(P, last), do(P, fun(From, _, _) -> {keep_state_and_data, [{reply, From, ok}, {next_event, internal, a}, {next_event, cast, b}, {next_event, info, c}]} end), seen(P) end},
     {next_event_init, fun(S) -> P = S([{next_event, internal, first}]), seen(P) end},
     {data, fun(S) -> P = S([]), do(P, fun(From, _, D) -> {keep_state, note(changed, D), [{reply, From, ok}]} end), seen(P) end},
     {reply_later, fun(S) -> P = S([]), Me = self(), spawn(fun() -> Me ! {got, do(P, fun(From, _, D) -> {keep_state, D#{from => From}} end)} end), has(P, from),
                             gen_statem:cast(P, {do, fun(_, #{from := From}) -> gen_statem:reply(From, later), keep_state_and_data end}), receive {got, X} -> X end end},
     {many_replies, fun(S) -> P = S([]), Me = self(), [spawn(fun() -> Me ! {got, do(P, fun(From, _, D) -> {keep_state, D#{N => From}} end)} end) || N <- [1, 2]], has(P, 1), has(P, 2),
                              gen_statem:cast(P, {do, fun(_, #{1 := A, 2 := B}) -> {keep_state_and_data, [{reply, A, one}, {reply, B, two}]} end}), sort([receive {got, X} -> X end || _ <- [1, 2]]) end},
     {hibernate, fun(S) -> P = S([hibernate]), gen_statem:cast(P, x), do(P, fun(From, _, _) -> {keep_state_and_data, [{reply, From, ok}, hibernate]} end), P ! y, seen(P) end}].

has(P, K) ->
    case sys:get_state(P) of
        {_, #{K := _}} -> ok;
        _ -> receive after 1 -> has(P, K) end
    end.

%% Sets timeouts with these actions and says what came by the time that the last of them is over.
timed(Actions, Then) ->
    P = machine(),
    do(P, fun(From, _, _) -> {keep_state_and_data, [{reply, From, ok} | Actions]} end),
    Then(P),
    receive after 60 -> ok end,
    seen(P).
timed(Actions) -> timed(Actions, fun(_) -> ok end).

timeouts() ->
    [{event, p(fun() -> timed([{timeout, 5, e}]) end)}, {event_short, p(fun() -> timed([5]) end)}, {event_zero, p(fun() -> timed([{timeout, 0, z}]) end)},
     {event_overtaken, p(fun() -> timed([{timeout, 10, e}], fun(P) -> gen_statem:cast(P, x) end) end)},
     {event_infinity, p(fun() -> timed([{timeout, infinity, e}]) end)},
     {state, p(fun() -> timed([{state_timeout, 5, s}]) end)}, {state_stays, p(fun() -> timed([{state_timeout, 10, s}], fun(P) -> gen_statem:cast(P, x) end) end)},
     {state_left, p(fun() -> timed([{state_timeout, 10, s}], fun(P) -> gen_statem:call(P, {go, open}) end) end)},
     {state_set_again, p(fun() -> timed([{state_timeout, 5, s}, {state_timeout, 10, t}]) end)}, {state_cancelled, p(fun() -> timed([{state_timeout, 5, s}, {state_timeout, cancel}]) end)},
     {state_updated, p(fun() -> timed([{state_timeout, 5, s}, {state_timeout, update, t}]) end)}, {state_zero, p(fun() -> timed([{state_timeout, 0, s}, {next_event, internal, i}]) end)},
     {generic, p(fun() -> timed([{{timeout, a}, 5, x}, {{timeout, b}, 15, y}]) end)}, {generic_survives, p(fun() -> timed([{{timeout, a}, 10, x}], fun(P) -> gen_statem:call(P, {go, open}) end) end)},
     {generic_cancelled, p(fun() -> timed([{{timeout, a}, 5, x}, {{timeout, b}, 5, y}, {{timeout, a}, cancel}]) end)},
     {generic_replaced, p(fun() -> timed([{{timeout, a}, 5, x}, {{timeout, a}, 10, y}]) end)}, {generic_updated, p(fun() -> timed([{{timeout, a}, 5, x}, {{timeout, a}, update, y}]) end)},
     {all_zero, p(fun() -> timed([{timeout, 0, e}, {state_timeout, 0, s}, {{timeout, a}, 0, g}]) end)},
     {absolute, p(fun() -> timed([{state_timeout, erlang:monotonic_time(millisecond) + 5, s, [{abs, true}]}]) end)},
     {from_init, p(fun() -> P = start(handle_event_function, [{state_timeout, 5, s}, {{timeout, g}, 10, g}]), receive after 40 -> ok end, seen(P) end)},
     {wrong, [p(fun() -> P = machine(), M = monitor(process, P), gen_statem:cast(P, {do, fun(_, _) -> {keep_state_and_data, [A]} end}), receive {'DOWN', M, _, _, {W, [{_, _, _, _} | _]}} -> W; {'DOWN', M, _, _, W} -> W after 30 -> alive end end)
              || A <- [{timeout, -1, x}, {state_timeout, foo, x}, {reply, a, b}, foo, {next_event, foo, x}]]}].

queues() ->
    [{postponed_order, p(fun() -> P = machine(), [gen_statem:cast(P, {do, fun(locked, _) -> {keep_state_and_data, postpone}; (S, D) -> {keep_state, note({late, N, S}, D)} end}) || N <- [1, 2, 3]],
                                   gen_statem:call(P, {go, open}), seen(P) end)},
     {postponed_again, p(fun() -> P = machine(), gen_statem:cast(P, {do, fun(any, D) -> {keep_state, note(handled, D)}; (_, _) -> {keep_state_and_data, postpone} end}),
                                   gen_statem:call(P, {go, open}), gen_statem:call(P, {go, any}), seen(P) end)},
     {postpone_false, p(fun() -> P = machine(), gen_statem:cast(P, {do, fun(_, D) -> {keep_state, note(once, D), {postpone, false}} end}), gen_statem:call(P, {go, open}), seen(P) end)},
     {inserted_before_postponed, p(fun() -> P = machine(), gen_statem:cast(P, postponed), do(P, fun(From, _, D) -> {next_state, open, D, [{reply, From, ok}, {next_event, internal, inserted}]} end), seen(P) end)},
     {postpone_and_timeout, p(fun() -> P = machine(), gen_statem:cast(P, {do, fun(locked, _) -> {keep_state_and_data, [postpone, {timeout, 0, now}]}; (S, D) -> {keep_state, note({late, S}, D)} end}),
                                        gen_statem:call(P, {go, open}), seen(P) end)},
     {complex_state, p(fun() -> P = machine(), do(P, fun(From, _, D) -> {next_state, {a, [1]}, D, [{reply, From, ok}]} end), gen_statem:cast(P, x), seen(P) end)}].

stops() ->
    [{Name, p(fun() -> Me = self(), P = machine(), do(P, fun(From, _, D) -> {keep_state, D#{tell => Me}, [{reply, From, ok}]} end), M = monitor(process, P), R = c(fun() -> F(P) end),
                       receive {'DOWN', M, _, _, {W, [{_, _, _, _} | _]}} -> {shorter(R), {W, stack}, drained()}; {'DOWN', M, _, _, W} -> {R, W, drained()} end end)}
     || {Name, F} <- [{stop, fun(P) -> gen_statem:stop(P) end}, {stop_reason, fun(P) -> gen_statem:stop(P, odd, infinity) end},
                      {stop_in_call, fun(P) -> do(P, fun(_, _, _) -> stop end) end}, {stop_with_reason, fun(P) -> do(P, fun(_, _, _) -> {stop, odd} end), x end},
                      {stop_and_reply, fun(P) -> do(P, fun(From, _, D) -> {stop_and_reply, normal, [{reply, From, bye}], D} end) end},
                      {stop_shutdown, fun(P) -> gen_statem:cast(P, {do, fun(_, D) -> {stop, {shutdown, x}, D} end}) end},
                      {exits, fun(P) -> do(P, fun(_, _, _) -> exit(gone) end) end}, {errs, fun(P) -> gen_statem:cast(P, {do, fun(_, _) -> error(broken) end}) end},
                      {bad_return, fun(P) -> gen_statem:cast(P, {do, fun(_, _) -> foo end}) end}, {killed, fun(P) -> exit(P, kill) end},
                      {throws, fun(P) -> gen_statem:cast(P, {do, fun(_, _) -> throw(stop) end}) end}]] ++
    [{init_stops, p(fun() -> [c(fun() -> gen_statem:start(?MODULE, {run, fun() -> R end}, []) end) || R <- [{stop, no}, ignore, foo, {ok, s}]] end)},
     {init_exits, p(fun() -> c(fun() -> gen_statem:start(?MODULE, {run, fun() -> exit(gone) end}, []) end) end)},
     {call_timeout, p(fun() -> P = machine(), R = c(fun() -> gen_statem:call(P, {do, fun(_, _, _) -> keep_state_and_data end}, 5) end), {element(1, R), element(1, element(2, R)), drain()} end)},
     {call_clean_timeout, p(fun() -> P = machine(), R = c(fun() -> gen_statem:call(P, {do, fun(_, _, _) -> keep_state_and_data end}, {clean_timeout, 5}) end), {element(1, R), element(1, element(2, R)), drain()} end)},
     {nobody, p(fun() -> [c(fun() -> gen_statem:call(b_statem_nobody, x) end), gen_statem:cast(b_statem_nobody, x)] end)},
     {requests, p(fun() -> P = machine(), R = gen_statem:send_request(P, x), {gen_statem:receive_response(R, 1000), seen(P)} end)}].

shorter({exit, {{W, [{_, _, _, _} | _]}, _}}) -> {exit, W};
shorter(X) -> X.

drained() -> receive {terminated, R, S} -> [{terminated, if is_tuple(R), element(1, R) =:= broken -> broken; true -> R end, S} | drained()] after 20 -> [] end.

system() ->
    [{get_state, p(fun() -> sys:get_state(machine()) end)}, {replace_state, p(fun() -> P = machine(), sys:replace_state(P, fun({_, D}) -> {open, note(replaced, D)} end), seen(P) end)},
     {suspend, p(fun() -> P = machine(), sys:suspend(P), gen_statem:cast(P, x), sys:resume(P), seen(P) end)},
     {code_change, p(fun() -> P = machine(), sys:suspend(P), R = sys:change_code(P, ?MODULE, 1, extra), sys:resume(P), {R, seen(P)} end)},
     {status, p(fun() -> {status, _, {module, M}, [_, S, _, _, Misc]} = sys:get_status(machine()), {M, S, length(Misc)} end)},
     {named, p(fun() -> {ok, P} = gen_statem:start({local, b_statem_name}, ?MODULE, {handle_event_function, []}, []), gen_statem:cast(b_statem_name, x), {whereis(b_statem_name) =:= P, seen(b_statem_name)} end)}].
