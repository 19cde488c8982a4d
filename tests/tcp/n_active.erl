%% Streams that send what they bring.
-module(n_active).
-export([scenes/0]).

-import(n_table, [pair/1, pair/2]).

scenes() ->
    [{active_true, fun active_true/0},
     {active_list, fun active_list/0},
     {active_once, fun active_once/0},
     {active_n, fun active_n/0},
     {active_raw, fun active_raw/0},
     {active_n_raw, fun active_n_raw/0},
     {changed_while_reading, fun changed_while_reading/0},
     {active_n_range, fun active_n_range/0},
     {active_packets, fun active_packets/0},
     {active_then_passive, fun active_then_passive/0},
     {active_and_recv, fun active_and_recv/0},
     {active_half_close, fun active_half_close/0},
     {active_http, fun active_http/0},
     {closes, fun closes/0},
     {controlling_process, fun controlling_process/0},
     {not_owner, fun not_owner/0},
     {reset, fun reset/0},
     {reset_shown, fun reset_shown/0},
     {deliver_port, fun deliver_port/0},
     {too_big, fun too_big/0}].

next() -> receive M -> M after 2000 -> nothing end.
quiet() -> receive M -> M after 30 -> nothing end.

active_true() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, true}]),
    ok = gen_tcp:send(C, "one"),
    A = next(),
    ok = gen_tcp:send(C, "two"),
    B = next(),
    gen_tcp:close(C),
    {A, B, next(), quiet(), erlang:port_info(S)}.

active_list() ->
    {C, S} = pair([{active, true}, {packet, 2}]),
    ok = gen_tcp:send(C, <<"bytes">>),
    A = next(),
    gen_tcp:close(S),
    {A, next()}.

active_once() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, once}, {packet, 1}]),
    [ok = gen_tcp:send(C, D) || D <- ["a", "b", "c"]],
    A = [next(), quiet(), inet:getopts(S, [active])],
    ok = inet:setopts(S, [{active, once}]),
    B = [next(), quiet()],
    ok = inet:setopts(S, [{active, once}]),
    D = [next(), quiet()],
    gen_tcp:close(C),
    E = quiet(),
    ok = inet:setopts(S, [{active, once}]),
    {A, B, D, E, next()}.

active_n() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, 2}, {packet, 1}]),
    [ok = gen_tcp:send(C, D) || D <- ["a", "b", "c", "d"]],
    A = [next(), next(), next(), quiet(), inet:getopts(S, [active])],
    ok = inet:setopts(S, [{active, 1}]),
    B = [next(), next(), quiet()],
    ok = inet:setopts(S, [{active, 5}]),
    D = [next(), inet:getopts(S, [active])],
    ok = inet:setopts(S, [{active, -4}]),
    {A, B, D, next(), inet:getopts(S, [active])}.

%% A message of the peer's, and what comes of it here.
said(C, Data) ->
    ok = gen_tcp:send(C, Data),
    next().

active_raw() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, once}]),
    A = [said(C, "a"), inet:getopts(S, [active]), inet:setopts(S, [{active, once}]), said(C, "b")],
    ok = gen_tcp:send(C, "c"),
    B = [quiet(), inet:setopts(S, [{active, once}]), next(), quiet()],
    D = [inet:setopts(S, [{active, true}]), said(C, "d"), said(C, "e"), inet:getopts(S, [active])],
    E = [inet:setopts(S, [{active, once}]), said(C, "f"), gen_tcp:send(C, "gh"), gen_tcp:recv(S, 1), gen_tcp:recv(S, 0)],
    F = [gen_tcp:recv(S, 0, 10), inet:setopts(S, [{active, once}]), gen_tcp:recv(S, 0), said(C, "i")],
    {A, B, D, E, F, inet:getstat(S, [recv_oct]), gen_tcp:close(C), quiet(), inet:setopts(S, [{active, once}]), quiet()}.

active_n_raw() ->
    {C, S} = pair([binary, {active, false}], [list, {active, 3}]),
    A = [said(C, "a"), inet:getopts(S, [active]), said(C, "b"), inet:setopts(S, [{active, 1}]), said(C, "c"), said(C, "d"), next()],
    B = [inet:setopts(S, [{active, 1}]), said(C, "e"), next(), inet:getopts(S, [active]), inet:setopts(S, [{active, 32768}]),
         inet:setopts(S, [{active, 2}]), inet:setopts(S, [{active, -1}]), said(C, "f"), next(), inet:getopts(S, [active])],
    {A, B, inet:getstat(S, [recv_oct])}.

%% What an operation brings is as was said last.
changed_while_reading() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, true}]),
    A = [said(C, "a"), inet:setopts(S, [{mode, list}]), said(C, "b"), inet:setopts(S, [{header, 1}, {mode, binary}]), said(C, "cd")],
    B = [inet:setopts(S, [{header, 0}, {packet, 1}]), said(C, [1, "e"]), inet:setopts(S, [{packet, 0}, {active, false}])],
    ok = gen_tcp:send(C, "f"),
    D = [quiet(), inet:setopts(S, [{packet, 1}]), gen_tcp:send(C, "g"), inet:setopts(S, [{packet, 0}]), gen_tcp:recv(S, 2)],
    E = [inet:setopts(S, [{active, once}]), gen_tcp:shutdown(C, write), next()],
    {A, B, D, E}.

active_n_range() ->
    {C, _} = pair([binary, {active, false}]),
    [inet:setopts(C, [{active, N}]) || N <- [32768, -32769, 32767]]
        ++ [inet:getopts(C, [active]), inet:setopts(C, [{active, 1}]), inet:setopts(C, [{active, 0}]),
            inet:setopts(C, [{active, -32767}]), next(), inet:getopts(C, [active]), inet:setopts(C, [{active, 0}]), quiet()].

active_packets() ->
    [begin
         {C, S} = pair([binary, {active, true}, {packet, P}]),
         ok = gen_tcp:send(C, "one"),
         ok = gen_tcp:send(C, "two"),
         R = [next(), next()],
         gen_tcp:close(C),
         {P, R, next(), S =:= C}
     end || P <- [1, 2, 4]].

active_then_passive() ->
    {C, S} = pair([binary, {active, true}]),
    ok = gen_tcp:send(C, "one"),
    A = next(),
    ok = inet:setopts(S, [{active, false}]),
    ok = gen_tcp:send(C, "two"),
    {A, quiet(), gen_tcp:recv(S, 0), gen_tcp:close(C)}.

active_and_recv() ->
    {C, S} = pair([binary, {active, true}]),
    {gen_tcp:recv(S, 0), gen_tcp:recv(C, 1, 10)}.

active_half_close() ->
    {C, S} = pair([binary, {active, true}, {exit_on_close, false}]),
    ok = gen_tcp:send(C, "last"),
    ok = gen_tcp:shutdown(C, write),
    A = [next(), next()],
    {A, gen_tcp:send(S, "answer"), next(), gen_tcp:close(S), next(), gen_tcp:close(C)}.

active_http() ->
    {C, S} = pair([binary, {active, false}], [list, {active, once}, {packet, http}]),
    ok = gen_tcp:send(C, "GET / HTTP/1.0\r\n\r\n"),
    A = next(),
    ok = inet:setopts(S, [{active, once}]),
    {A, next(), gen_tcp:close(C)}.

closes() ->
    {C, S} = pair([binary, {active, true}]),
    Ref = monitor(port, S),
    gen_tcp:close(C),
    lists:sort([next(), next(), next()]) -- [{'DOWN', Ref, port, S, normal}].

controlling_process() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, true}]),
    Me = self(),
    ok = gen_tcp:send(C, "before"),
    timer:sleep(20),
    P = spawn(fun() -> receive go -> Me ! {self(), next(), next()} end end),
    R = gen_tcp:controlling_process(S, P),
    ok = gen_tcp:send(C, "after"),
    timer:sleep(20),
    P ! go,
    A = receive {P, X, Y} -> {X, Y} end,
    timer:sleep(20),
    {R, A, gen_tcp:recv(C, 0), quiet()}.

not_owner() ->
    {_, S} = pair([binary, {active, false}]),
    Me = self(),
    spawn(fun() -> Me ! {r, gen_tcp:controlling_process(S, self())} end),
    receive {r, R} -> R end.

reset() ->
    {C, S} = pair([binary, {active, true}]),
    ok = inet:setopts(C, [{linger, {true, 0}}]),
    ok = gen_tcp:close(C),
    {next(), S =:= C}.

reset_shown() ->
    {C, S} = pair([binary, {active, true}, {show_econnreset, true}]),
    ok = inet:setopts(C, [{linger, {true, 0}}]),
    ok = gen_tcp:close(C),
    {next(), next(), S =:= C}.

too_big() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, true}, {packet, 4}, {packet_size, 10}]),
    ok = gen_tcp:send(C, <<0, 0, 0, 20, "0123456789">>),
    {next(), next(), S =:= C}.

%% As data of other ports comes.
deliver_port() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, once}, {deliver, port}]),
    ok = gen_tcp:send(C, "abc"),
    A = next(),
    ok = inet:setopts(S, [{active, once}, {deliver, term}]),
    ok = gen_tcp:send(C, "def"),
    {A, next(), gen_tcp:close(C)}.
