%% Streams that are asked for what they bring.
-module(n_passive).
-export([scenes/0]).

-import(n_table, [pair/1, pair/2]).

scenes() ->
    [{echo, fun echo/0},
     {exact_lengths, fun exact_lengths/0},
     {list_mode, fun list_mode/0},
     {header, fun header/0},
     {packets, fun packets/0},
     {packet_in_parts, fun packet_in_parts/0},
     {lines, fun lines/0},
     {long_line, fun long_line/0},
     {http, fun http/0},
     {recv_timeout_keeps_what_came, fun recv_timeout/0},
     {half_close, fun half_close/0},
     {shutdown_read_write, fun shutdown_both/0},
     {big, fun big/0},
     {queued_send, fun queued_send/0},
     {several_senders, fun several_senders/0},
     {several_readers, fun several_readers/0},
     {several_acceptors, fun several_acceptors/0},
     {closed_by_peer, fun closed_by_peer/0},
     {not_exit_on_close, fun not_exit_on_close/0},
     {closed_under_a_reader, fun closed_under_a_reader/0},
     {killed_under_a_reader, fun killed_under_a_reader/0},
     {changed_under_a_reader, fun changed_under_a_reader/0},
     {recv_counted, fun recv_counted/0},
     {unrecv, fun unrecv/0}].

echo() ->
    {C, S} = pair([binary, {active, false}]),
    R = [begin ok = gen_tcp:send(C, D), {ok, Got} = gen_tcp:recv(S, iolist_size(D)), Got end
         || D <- [<<"a">>, "list", [<<"io">>, [$l, "ist"]], binary:copy(<<"0123456789">>, 5000)]],
    {R, gen_tcp:send(C, []), gen_tcp:close(C), gen_tcp:recv(S, 0), gen_tcp:close(S)}.

exact_lengths() ->
    {C, S} = pair([binary, {active, false}]),
    ok = gen_tcp:send(C, "abcdefgh"),
    R = [gen_tcp:recv(S, N) || N <- [1, 2, 3]],
    gen_tcp:close(C),
    {R, gen_tcp:recv(S, 5), gen_tcp:recv(S, 0)}.

list_mode() ->
    {C, S} = pair([{active, false}], [list, {active, false}]),
    ok = gen_tcp:send(C, <<"bytes">>),
    R = gen_tcp:recv(S, 5),
    ok = inet:setopts(S, [binary]),
    ok = gen_tcp:send(C, <<"more">>),
    {R, gen_tcp:recv(S, 4)}.

header() ->
    {C, S} = pair([binary, {active, false}, {packet, 1}], [binary, {active, false}, {packet, 1}, {header, 2}]),
    [ok = gen_tcp:send(C, D) || D <- ["abcd", "ab", "a"]],
    [gen_tcp:recv(S, 0) || _ <- [1, 2, 3]].

packets() ->
    [begin
         {C, S} = pair([binary, {active, false}, {packet, P}]),
         ok = gen_tcp:send(C, "one"),
         ok = gen_tcp:send(C, ""),
         ok = gen_tcp:send(C, binary:copy(<<"x">>, 200)),
         R = [gen_tcp:recv(S, 0) || _ <- [1, 2, 3]],
         Wrong = gen_tcp:recv(S, 3, 10),
         gen_tcp:close(C),
         {P, R, Wrong, gen_tcp:recv(S, 0)}
     end || P <- [1, 2, 4]].

packet_in_parts() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, false}, {packet, 4}]),
    ok = gen_tcp:send(C, <<0, 0>>),
    T = gen_tcp:recv(S, 0, 50),
    ok = gen_tcp:send(C, <<0, 3, "ab">>),
    T2 = gen_tcp:recv(S, 0, 50),
    ok = gen_tcp:send(C, <<"c", 0, 0, 0, 1, "d">>),
    {T, T2, gen_tcp:recv(S, 0), gen_tcp:recv(S, 0)}.

lines() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, false}, {packet, line}]),
    ok = gen_tcp:send(C, "one\ntwo\r\n\nthree"),
    R = [gen_tcp:recv(S, 0) || _ <- [1, 2, 3]],
    gen_tcp:close(C),
    {R, gen_tcp:recv(S, 0)}.

long_line() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, false}, {packet, line}, {buffer, 16}]),
    ok = gen_tcp:send(C, "0123456789abcdefghij\nshort\n"),
    [gen_tcp:recv(S, 0) || _ <- [1, 2, 3]].

http() ->
    {C, S} = pair([binary, {active, false}], [binary, {active, false}, {packet, http_bin}]),
    ok = gen_tcp:send(C, "GET /a/b?c HTTP/1.1\r\nHost: here\r\nX-Own: 1\r\n\r\nbody"),
    R = [gen_tcp:recv(S, 0) || _ <- [1, 2, 3, 4]],
    ok = inet:setopts(S, [{packet, raw}]),
    {R, gen_tcp:recv(S, 4)}.

recv_timeout() ->
    {C, S} = pair([binary, {active, false}]),
    ok = gen_tcp:send(C, "ab"),
    T = gen_tcp:recv(S, 4, 50),
    ok = gen_tcp:send(C, "cd"),
    {T, gen_tcp:recv(S, 4, 1000), gen_tcp:recv(S, 0, 0)}.

half_close() ->
    {C, S} = pair([binary, {active, false}, {exit_on_close, false}]),
    ok = gen_tcp:send(C, "last"),
    ok = gen_tcp:shutdown(C, write),
    R = [gen_tcp:recv(S, 0), gen_tcp:recv(S, 0)],
    Sent = gen_tcp:send(S, "answer"),
    {R, Sent, gen_tcp:recv(C, 0), gen_tcp:send(C, "x")}.

shutdown_both() ->
    {C, S} = pair([binary, {active, false}]),
    {gen_tcp:shutdown(C, read_write), gen_tcp:recv(S, 0), gen_tcp:close(C), gen_tcp:shutdown(C, write)}.

big() ->
    {C, S} = pair([binary, {active, false}]),
    Data = binary:copy(<<"0123456789abcdef">>, 200000),
    Me = self(),
    spawn_link(fun() -> Me ! {sent, gen_tcp:send(C, Data)} end),
    {ok, Got} = gen_tcp:recv(S, byte_size(Data)),
    receive {sent, R} -> {R, Got =:= Data} end.

%% What the kernel does not take at once waits in the port: the sender goes on.
queued_send() ->
    {C, S} = pair([binary, {active, false}]),
    Data = binary:copy(<<"x">>, 8000000),
    R = gen_tcp:send(C, Data),
    {ok, [{send_pend, N}]} = inet:getstat(C, [send_pend]),
    {ok, Got} = gen_tcp:recv(S, byte_size(Data)),
    {R, N > 0, Got =:= Data}.

%% More than the socket takes: what each sends comes in one piece, and all of it.
several_senders() ->
    {C, S} = pair([binary, {active, false}]),
    Size = 100000,
    _ = [spawn_link(fun() -> [ok = gen_tcp:send(C, binary:copy(<<N>>, Size)) || _ <- lists:seq(1, 10)] end)
         || N <- [1, 2, 3]],
    Got = [begin
        {ok, <<N, _/binary>> = Bytes} = gen_tcp:recv(S, Size),
        {N, Bytes =:= binary:copy(<<N>>, Size)}
    end || _ <- lists:seq(1, 30)],
    {lists:sort(Got), inet:getstat(C, [send_oct, send_cnt, send_max]), gen_tcp:close(C), gen_tcp:recv(S, 0)}.

several_readers() ->
    {C, S} = pair([binary, {active, false}]),
    Me = self(),
    Reader = fun() -> spawn_link(fun() -> Me ! {self(), gen_tcp:recv(S, 2)} end) end,
    A = Reader(),
    timer:sleep(20),
    B = Reader(),
    timer:sleep(20),
    ok = gen_tcp:send(C, "aabb"),
    [receive {P, R} -> R end || P <- [A, B]].

several_acceptors() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(L),
    Me = self(),
    Pids = [spawn_link(fun() ->
        {ok, S} = gen_tcp:accept(L),
        {ok, D} = gen_tcp:recv(S, 0),
        Me ! {self(), D}
    end) || _ <- lists:seq(1, 5)],
    Cs = [begin
        {ok, C} = gen_tcp:connect("localhost", Port, [binary]),
        ok = gen_tcp:send(C, <<N>>),
        C
    end || N <- lists:seq(1, 5)],
    R = lists:sort([receive {P, D} -> D end || P <- Pids]),
    [gen_tcp:close(C) || C <- [L | Cs]],
    R.

closed_by_peer() ->
    {C, S} = pair([binary, {active, false}]),
    gen_tcp:close(C),
    timer:sleep(20),
    [gen_tcp:recv(S, 0), gen_tcp:recv(S, 0), gen_tcp:send(S, "x"), gen_tcp:send(S, "x"),
     inet:peername(S), inet:sockname(S), gen_tcp:shutdown(S, write), inet:setopts(S, [{active, once}]),
     receive M -> M after 1000 -> nothing end, erlang:port_info(S, connected)].

not_exit_on_close() ->
    {C, S} = pair([binary, {active, false}, {exit_on_close, false}]),
    gen_tcp:close(C),
    [gen_tcp:recv(S, 0), gen_tcp:recv(S, 0), is_list(erlang:port_info(S)), gen_tcp:close(S)].

closed_under_a_reader() ->
    {C, S} = pair([binary, {active, false}]),
    Me = self(),
    P = spawn(fun() -> Me ! {self(), gen_tcp:recv(S, 0)} end),
    timer:sleep(30),
    gen_tcp:close(S),
    R = receive {P, X} -> X end,
    {R, gen_tcp:recv(C, 0), gen_tcp:recv(S, 0), gen_tcp:send(S, "x")}.

killed_under_a_reader() ->
    {_, S} = pair([binary, {active, false}]),
    Me = self(),
    P = spawn(fun() -> Me ! {self(), gen_tcp:recv(S, 0), gen_tcp:recv(S, 0), receive M -> M after 30 -> nothing end} end),
    timer:sleep(30),
    exit(S, kill),
    receive {P, R, Again, More} -> {R, Again, More} end.

changed_under_a_reader() ->
    {C, S} = pair([binary, {active, false}]),
    Me = self(),
    P = spawn(fun() -> Me ! {self(), gen_tcp:recv(S, 0), gen_tcp:recv(S, 3)} end),
    timer:sleep(30),
    R = [inet:getstat(S, [recv_oct]), gen_tcp:recv(S, 0, 0), inet:setopts(S, [list]), gen_tcp:send(C, "ab")],
    timer:sleep(30),
    ok = gen_tcp:send(C, "cdef"),
    {R, receive {P, A, B} -> {A, B} end, gen_tcp:recv(S, 1), gen_tcp:recv(S, 0, 10)}.

recv_counted() ->
    {C, S} = pair([binary, {active, false}]),
    R = [begin ok = gen_tcp:send(C, D), gen_tcp:recv(S, 0, T) end || D <- ["a", "bc"], T <- [infinity, 1000]],
    {R, gen_tcp:recv(S, 0, 20), inet:getstat(S, [recv_oct, recv_cnt, recv_max, recv_avg]),
     gen_tcp:send(C, "d"), gen_tcp:recv(S, 0), gen_tcp:close(C), gen_tcp:recv(S, 0)}.

unrecv() ->
    {C, S} = pair([binary, {active, false}]),
    ok = gen_tcp:send(C, "cd"),
    ok = gen_tcp:unrecv(S, <<"ab">>),
    {gen_tcp:recv(S, 4), gen_tcp:close(C)}.
