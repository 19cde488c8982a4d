%% What goes wrong.
-module(n_errors).
-export([scenes/0]).

-import(n_table, [pair/1]).

scenes() ->
    [{refused, fun refused/0},
     {in_use, fun in_use/0},
     {accept_timeout, fun accept_timeout/0},
     {accept_closed, fun accept_closed/0},
     {backlogs, fun backlogs/0},
     {accept_active, fun accept_active/0},
     {send_timeout, fun send_timeout/0},
     {send_timeout_close, fun send_timeout_close/0},
     {wrong_arguments, fun wrong_arguments/0},
     {after_close, fun after_close/0},
     {owner_ends, fun owner_ends/0},
     {unknown_host, fun unknown_host/0},
     {packet_too_long, fun packet_too_long/0},
     {not_connected, fun not_connected/0},
     {close_lingers, fun close_lingers/0},
     {after_a_failed_send, fun after_a_failed_send/0},
     {reset_met_by_a_send, fun reset_met_by_a_send/0}].

refused() ->
    {ok, L} = gen_tcp:listen(0, []),
    {ok, Port} = inet:port(L),
    gen_tcp:close(L),
    {gen_tcp:connect("localhost", Port, []), gen_tcp:connect({127, 0, 0, 1}, Port, [], 1000)}.

in_use() ->
    {ok, L} = gen_tcp:listen(0, []),
    {ok, Port} = inet:port(L),
    R = gen_tcp:listen(Port, []),
    gen_tcp:close(L),
    R.

accept_timeout() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}]),
    A = [gen_tcp:accept(L, 0), gen_tcp:accept(L, 30)],
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect("localhost", Port, []),
    {ok, S} = gen_tcp:accept(L, 1000),
    [gen_tcp:close(X) || X <- [L, C, S]],
    A.

accept_closed() ->
    {ok, L} = gen_tcp:listen(0, []),
    Me = self(),
    P = spawn(fun() -> Me ! {self(), gen_tcp:accept(L)} end),
    timer:sleep(30),
    gen_tcp:close(L),
    {receive {P, R} -> R end, gen_tcp:accept(L)}.

backlogs() ->
    [element(1, gen_tcp:listen(0, [{backlog, N}])) || N <- [0, 1, -1, 100000]].

accept_active() ->
    {C, _} = pair([binary, {active, false}]),
    {gen_tcp:accept(C, 10), gen_tcp:listen(0, [{nonsense, 1}]) =:= ok}.

send_timeout() ->
    {C, S} = pair([binary, {active, false}, {send_timeout, 50}, {sndbuf, 4096}, {recbuf, 4096}]),
    fill(C, S).

send_timeout_close() ->
    {C, S} = pair([binary, {active, false}, {send_timeout, 50}, {send_timeout_close, true}, {sndbuf, 4096}, {recbuf, 4096}]),
    {fill(C, S), gen_tcp:send(C, "x")}.

fill(C, S) ->
    case gen_tcp:send(C, binary:copy(<<"x">>, 100000)) of
        ok -> fill(C, S);
        Error -> Error
    end.

wrong_arguments() ->
    {C, S} = pair([binary, {active, false}]),
    [catch gen_tcp:send(C, not_io), catch gen_tcp:recv(S, -1), inet:setopts(S, [{nonsense, 1}]),
     inet:setopts(S, [{active, maybe_so}]), inet:getopts(S, [nonsense]), catch gen_tcp:connect("localhost", foo, []),
     catch gen_tcp:listen(-1, []), gen_tcp:recv(S, 100000000)].

after_close() ->
    {C, S} = pair([binary, {active, false}]),
    gen_tcp:close(S),
    [gen_tcp:close(S), gen_tcp:recv(S, 0), gen_tcp:send(S, "x"), inet:setopts(S, [{active, true}]), inet:getopts(S, [active]),
     inet:peername(S), inet:sockname(S), inet:port(S), gen_tcp:shutdown(S, write), gen_tcp:controlling_process(S, self()),
     inet:getstat(S), gen_tcp:recv(C, 0)].

owner_ends() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(L),
    spawn(fun() -> {ok, _} = gen_tcp:connect("localhost", Port, []) end),
    {ok, S} = gen_tcp:accept(L),
    R = gen_tcp:recv(S, 0),
    spawn(fun() -> {ok, _} = gen_tcp:connect("localhost", Port, []), exit(bad) end),
    {ok, S2} = gen_tcp:accept(L),
    {R, gen_tcp:recv(S2, 0)}.

unknown_host() ->
    [inet:getaddr("127.0.0.1", inet), inet:getaddr("localhost", inet), inet:getaddr({1, 2, 3, 4}, inet), inet:getaddr("::1", inet6),
     inet:parse_address("10.0.0.1"), inet:gethostbyname("localhost")].

packet_too_long() ->
    {C, _} = pair([binary, {active, false}, {packet, 1}]),
    gen_tcp:send(C, binary:copy(<<"x">>, 256)).

not_connected() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}]),
    [gen_tcp:recv(L, 0), gen_tcp:send(L, "x"), inet:peername(L), gen_tcp:shutdown(L, write), gen_tcp:close(L)].

%% A close waits for what is still to be sent as long as the socket lingers.
close_lingers() ->
    [begin
         {C, _} = pair([binary, {active, false}, {sndbuf, 4096}, {recbuf, 4096}, {high_watermark, 1000000},
                        {linger, {true, Seconds}}]),
         {gen_tcp:send(C, binary:copy(<<1>>, 900000)), gen_tcp:close(C)}
     end || Seconds <- [0, 1]].

after_a_failed_send() ->
    {C, S} = pair([binary, {active, false}]),
    ok = inet:setopts(C, [{linger, {true, 0}}]),
    gen_tcp:close(C),
    timer:sleep(30),
    [gen_tcp:send(S, "a"), gen_tcp:send(S, "b"), gen_tcp:send(S, "c"), gen_tcp:close(S)].

reset_met_by_a_send() ->
    {C, S} = pair([binary, {active, false}, {show_econnreset, true}]),
    ok = inet:setopts(C, [{linger, {true, 0}}]),
    gen_tcp:close(C),
    timer:sleep(30),
    [gen_tcp:send(S, "a"), gen_tcp:send(S, "b"), gen_tcp:close(S)].
