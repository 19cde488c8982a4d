%% Datagrams.
-module(n_datagrams).
-export([scenes/0]).

scenes() ->
    [{udp_passive, fun passive/0},
     {udp_active, fun active/0},
     {udp_once, fun once/0},
     {udp_n, fun n/0},
     {udp_connected, fun connected/0},
     {udp_timeout, fun timeout/0},
     {udp_shapes, fun shapes/0},
     {udp_large, fun large/0},
     {udp_reach, fun reach/0},
     {udp_closed, fun closed/0},
     {udp_in_use, fun in_use/0}].

next() -> receive M -> setelement(4, M, from) after 1000 -> nothing end.
any() -> receive M -> M after 1000 -> nothing end.
quiet() -> receive M -> M after 30 -> nothing end.

open(Options) ->
    {ok, U} = gen_udp:open(0, [{ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(U),
    {U, Port}.

passive() ->
    {A, PA} = open([binary, {active, false}]),
    {B, PB} = open([binary, {active, false}]),
    ok = gen_udp:send(A, {127, 0, 0, 1}, PB, "one"),
    ok = gen_udp:send(A, "localhost", PB, ["t", <<"wo">>]),
    {ok, {Ip, PA, D}} = gen_udp:recv(B, 0),
    {ok, {Ip, PA, E}} = gen_udp:recv(B, 0, 1000),
    {Ip, D, E, gen_udp:send(A, {{127, 0, 0, 1}, PB}, "three"), element(3, element(2, gen_udp:recv(B, 0)))}.

active() ->
    {A, _} = open([binary]),
    {B, PB} = open([binary, {active, true}]),
    [ok = gen_udp:send(A, {127, 0, 0, 1}, PB, D) || D <- ["one", "", "three"]],
    [next(), next(), next(), gen_udp:recv(B, 0, 10)].

once() ->
    {A, _} = open([binary]),
    {B, PB} = open([binary, {active, once}]),
    [ok = gen_udp:send(A, {127, 0, 0, 1}, PB, D) || D <- ["one", "two"]],
    R = [next(), quiet()],
    ok = inet:setopts(B, [{active, once}]),
    {R, next(), inet:getopts(B, [active])}.

n() ->
    {A, _} = open([binary]),
    {_, PB} = open([binary, {active, 2}]),
    [ok = gen_udp:send(A, {127, 0, 0, 1}, PB, D) || D <- ["one", "two", "three"]],
    [next(), next(), any(), quiet()].

connected() ->
    {A, PA} = open([binary, {active, false}]),
    {B, PB} = open([binary, {active, false}]),
    N = gen_udp:send(A, "nobody"),
    ok = gen_udp:connect(A, {127, 0, 0, 1}, PB),
    ok = gen_udp:send(A, "one"),
    {ok, {_, PA, D}} = gen_udp:recv(B, 0),
    {ok, {Ip, PB}} = inet:peername(A),
    gen_udp:close(B),
    ok = gen_udp:send(A, "two"),
    timer:sleep(30),
    {N, D, Ip, gen_udp:send(A, "three")}.

timeout() ->
    {A, _} = open([binary, {active, false}]),
    [gen_udp:recv(A, 0, 0), gen_udp:recv(A, 0, 20)].

shapes() ->
    {A, PA} = open([list, {active, false}, {header, 2}]),
    ok = gen_udp:send(A, {127, 0, 0, 1}, PA, "abcd"),
    {ok, {_, _, D}} = gen_udp:recv(A, 0),
    ok = inet:setopts(A, [binary]),
    ok = gen_udp:send(A, {127, 0, 0, 1}, PA, "abcd"),
    {ok, {_, _, E}} = gen_udp:recv(A, 0),
    {D, E}.

%% One is taken whatever room there is.
large() ->
    {A, _} = open([binary, {active, false}]),
    {B, PB} = open([binary, {active, false}, {recbuf, 3000}, {buffer, 65536}]),
    R = [begin
             ok = gen_udp:send(A, {127, 0, 0, 1}, PB, binary:copy(<<1>>, Size)),
             byte_size(element(3, element(2, gen_udp:recv(B, 0, 1000))))
         end || Size <- [100, 9000, 60000]],
    [gen_udp:close(U) || U <- [A, B]],
    R.

%% How far datagrams go, and groups.
reach() ->
    {A, _} = open([binary, {active, false}]),
    Here = {127, 0, 0, 1},
    R = [{inet:setopts(A, [{O, V}]), inet:getopts(A, [O])}
         || {O, V} <- [{ttl, 5}, {multicast_ttl, 3}, {multicast_loop, false}, {multicast_loop, 1}]],
    Groups = [inet:setopts(A, [{O, V}])
              || {O, V} <- [{multicast_if, Here}, {multicast_if, foo}, {add_membership, {{239, 1, 2, 3}, Here}},
                            {drop_membership, {{239, 1, 2, 3}, Here}}, {add_membership, {239, 1, 2, 3}}, {add_membership, foo}]],
    gen_udp:close(A),
    {R, Groups, inet:getopts(A, [add_membership])}.

closed() ->
    {A, _} = open([binary, {active, false}]),
    ok = gen_udp:close(A),
    [gen_udp:recv(A, 0), gen_udp:send(A, {127, 0, 0, 1}, 9, "x"), gen_udp:close(A)].

in_use() ->
    {_, P} = open([]),
    gen_udp:open(P, [{ip, {127, 0, 0, 1}}]).
