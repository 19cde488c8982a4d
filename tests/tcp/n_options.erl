%% Options and names.
-module(n_options).
-export([scenes/0]).

-import(n_table, [pair/1]).

-define(DRIVER, [active, buffer, delay_send, deliver, exit_on_close, header, high_watermark, low_watermark, mode, packet,
                 packet_size, read_packets, send_timeout, send_timeout_close, show_econnreset, high_msgq_watermark,
                 low_msgq_watermark]).
-define(KERNEL, [keepalive, linger, nodelay, priority, reuseaddr, tos, broadcast, dontroute]).

scenes() ->
    [{defaults, fun defaults/0},
     {accepted, fun accepted/0},
     {set, fun set/0},
     {in_kernel, fun in_kernel/0},
     {buffers, fun buffers/0},
     {out_of_range, fun out_of_range/0},
     {no_file, fun no_file/0},
     {udp_defaults, fun udp_defaults/0},
     {names, fun names/0},
     {names6, fun names6/0},
     {bind, fun bind/0},
     {statistics, fun statistics/0},
     {status, fun status/0}].

defaults() ->
    {C, _} = pair([]),
    [inet:getopts(C, [O]) || O <- ?DRIVER ++ ?KERNEL].

accepted() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {packet, 2}, {nodelay, true}, {keepalive, true}, {send_timeout, 7},
                                 {exit_on_close, false}, {buffer, 3000}, {packet_size, 99}]),
    {ok, Port} = inet:port(L),
    {ok, _} = gen_tcp:connect("localhost", Port, []),
    {ok, S} = gen_tcp:accept(L),
    inet:getopts(S, [mode, active, packet, nodelay, keepalive, send_timeout, exit_on_close, buffer, packet_size]).

set() ->
    {C, _} = pair([binary, {active, false}]),
    [{inet:setopts(C, [O]), inet:getopts(C, [element(1, O)])}
     || O <- [{packet, 4}, {packet, raw}, {packet, line}, {header, 3}, {buffer, 100}, {mode, list}, {active, once},
              {active, false}, {deliver, term}, {exit_on_close, false}, {high_watermark, 100}, {low_watermark, 10},
              {send_timeout, 100}, {send_timeout_close, true}, {delay_send, true}, {show_econnreset, true},
              {packet_size, 1000}]].

in_kernel() ->
    {C, _} = pair([binary, {active, false}]),
    [{inet:setopts(C, [O]), inet:getopts(C, [element(1, O)])}
     || O <- [{keepalive, true}, {nodelay, true}, {linger, {true, 3}}, {reuseaddr, true},
              {nodelay, false}]].

buffers() ->
    {C, _} = pair([binary, {active, false}]),
    ok = inet:setopts(C, [{recbuf, 20000}]),
    {ok, [{buffer, B}]} = inet:getopts(C, [buffer]),
    {B, inet:setopts(C, [{recbuf, 5000}]), inet:getopts(C, [buffer])}.

out_of_range() ->
    {C, _} = pair([binary, {active, false}]),
    {ok, U} = gen_udp:open(0),
    R = [[{inet:setopts(S, [{O, V}]), inet:getopts(S, [O])} || S <- [C, U]]
         || O <- [buffer, packet_size, header, high_watermark, low_watermark],
            V <- [-1, 0, 100000000, 1 bsl 31, 1 bsl 32, 1 bsl 70]],
    Taken = [{inet:setopts(C, [{O, V}]), inet:setopts(U, [{O, V}])}
             || O <- [recbuf, sndbuf, priority, line_delimiter], V <- [-1, 0, 1 bsl 31, 1 bsl 70]],
    gen_udp:close(U),
    {R, Taken}.

%% A name that begins with a zero is none of a file.
no_file() ->
    Name = {local, <<0, "warpbeam n_options">>},
    {ok, L} = gen_tcp:listen(0, [{ifaddr, Name}, binary, {active, false}]),
    {ok, C} = gen_tcp:connect(Name, 0, [binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L),
    R = [inet:sockname(L), inet:peername(C), inet:sockname(S), gen_tcp:send(C, "x"), gen_tcp:recv(S, 1)],
    [gen_tcp:close(X) || X <- [C, S, L]],
    R.

udp_defaults() ->
    {ok, U} = gen_udp:open(0),
    R = [inet:getopts(U, [O]) || O <- ?DRIVER ++ ?KERNEL],
    gen_udp:close(U),
    R.

names() ->
    {C, S} = pair([]),
    {ok, {A, P}} = inet:sockname(C),
    {ok, {B, P}} = inet:peername(S),
    {A, B, inet:port(C) =:= {ok, P}}.

names6() ->
    {ok, L} = gen_tcp:listen(0, [inet6, {ip, {0, 0, 0, 0, 0, 0, 0, 1}}]),
    {ok, {A, Port}} = inet:sockname(L),
    {ok, C} = gen_tcp:connect({0, 0, 0, 0, 0, 0, 0, 1}, Port, [inet6]),
    {ok, {B, Port}} = inet:peername(C),
    {A, B}.

bind() ->
    {ok, L} = gen_tcp:listen(0, [{ip, loopback}, {reuseaddr, true}]),
    {ok, {A, _}} = inet:sockname(L),
    {ok, M} = gen_tcp:listen(0, [{ip, any}]),
    {ok, {B, _}} = inet:sockname(M),
    {A, B, gen_tcp:listen(0, [{ip, {1, 2, 3, 4}}])}.

statistics() ->
    {C, S} = pair([binary, {active, false}]),
    [ok = gen_tcp:send(C, D) || D <- ["abc", "defgh"]],
    {ok, _} = gen_tcp:recv(S, 8),
    {inet:getstat(C, [send_oct, send_cnt, send_max, send_avg, send_pend]), inet:getstat(S, [recv_oct])}.

status() ->
    {C, _} = pair([]),
    {ok, L} = gen_tcp:listen(0, []),
    {ok, U} = gen_udp:open(0),
    [prim_inet:getstatus(X) || X <- [C, L, U]] ++ [prim_inet:gettype(C), prim_inet:gettype(U)].
