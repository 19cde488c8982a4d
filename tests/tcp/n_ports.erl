%% Ports as such.
-module(n_ports).
-export([scenes/0]).

-import(n_table, [pair/1]).

scenes() ->
    [{tests, fun tests/0},
     {text, fun text/0},
     {info, fun info/0},
     {links, fun links/0},
     {exits, fun exits/0},
     {kills, fun kills/0},
     {unlinked, fun unlinked/0},
     {monitors, fun monitors/0},
     {commands, fun commands/0},
     {names, fun names/0},
     {data, fun data/0},
     {closed, fun closed/0},
     {connect, fun connect/0}].

next() -> receive M -> M after 1000 -> nothing end.
quiet() -> receive M -> M after 30 -> nothing end.

tests() ->
    {C, S} = pair([]),
    [is_port(C), is_pid(C), is_reference(C), C =:= C, C =:= S, C < self(), C > make_ref(), lists:member(C, erlang:ports()),
     lists:member(C, processes()), catch is_process_alive(C), catch process_info(C), catch register(undefined, C)].

text() ->
    {C, _} = pair([]),
    Text = erlang:port_to_list(C),
    [lists:prefix("#Port<0.", Text), list_to_port(Text) =:= C, lists:flatten(io_lib:format("~p", [C])) =:= Text,
     binary_to_term(term_to_binary(C)) =:= C, #{C => 1} =:= #{C => 1}].

info() ->
    {C, _} = pair([{active, false}]),
    ok = gen_tcp:send(C, "abc"),
    [erlang:port_info(C, I) || I <- [name, links, connected, input, output, os_pid, monitors, monitored_by, registered_name]]
        ++ [[K || {K, _} <- erlang:port_info(C)], catch erlang:port_info(C, nonsense), catch erlang:port_info(nonsense, name),
            lists:member(C, element(2, process_info(self(), links)))].

links() ->
    {C, S} = pair([binary, {active, false}]),
    gen_tcp:close(C),
    A = quiet(),
    Me = self(),
    P = spawn(fun() -> process_flag(trap_exit, true), link(S), Me ! linked, receive M -> Me ! {got, M} end end),
    receive linked -> ok end,
    erlang:port_close(S),
    {A, receive {got, M} -> M end, next(), P =:= Me}.

exits() ->
    {C, S} = pair([binary, {active, false}]),
    exit(S, reason),
    A = next(),
    exit(C, normal),
    {A, next(), gen_tcp:recv(C, 0), erlang:port_info(S)}.

kills() ->
    {C, S} = pair([binary, {active, false}]),
    exit(S, kill),
    {next(), gen_tcp:recv(C, 0)}.

unlinked() ->
    {C, S} = pair([binary, {active, false}]),
    [unlink(S), erlang:port_close(S), quiet(), gen_tcp:close(C), quiet()].

monitors() ->
    {C, S} = pair([binary, {active, false}]),
    A = monitor(port, S),
    B = monitor(port, C),
    {monitors, Ms} = process_info(self(), monitors),
    erlang:port_close(S),
    D = receive {'DOWN', A, K, W, R} -> {K, W, R} after 1000 -> nothing end,
    E = demonitor(B, [info]),
    F = monitor(port, S),
    G = receive {'DOWN', F, K2, W2, R2} -> {K2, W2, R2} after 1000 -> nothing end,
    {length(Ms), hd(Ms), D, E, G, catch monitor(port, self()), next()}.

commands() ->
    {C, S} = pair([binary, {active, false}]),
    C ! {self(), {command, "one"}},
    A = gen_tcp:recv(S, 3),
    X = next(),
    true = erlang:port_command(C, "two"),
    B = gen_tcp:recv(S, 3),
    Y = next(),
    C ! {self(), close},
    {A, X, B, Y, next(), gen_tcp:recv(S, 0)}.

names() ->
    {C, S} = pair([binary, {active, false}]),
    true = register(a_port, C),
    [whereis(a_port) =:= C, erlang:port_info(a_port, name), erlang:port_info(C, registered_name),
     erlang:port_close(a_port), whereis(a_port), catch register(b_port, C), gen_tcp:close(S)].

data() ->
    {C, _} = pair([]),
    A = erlang:port_get_data(C),
    B = erlang:port_set_data(C, {any, "term"}),
    [A, B, erlang:port_get_data(C), erlang:port_set_data(C, A)].

closed() ->
    {C, _} = pair([{active, false}]),
    [erlang:port_close(C), catch erlang:port_close(C), catch erlang:port_connect(C, self()), catch erlang:port_command(C, "x"),
     catch erlang:port_get_data(C), erlang:port_info(C), catch erlang:port_control(C, 1, ""), next()].

connect() ->
    {C, S} = pair([binary, {active, false}]),
    Me = self(),
    P = spawn(fun() -> receive go -> Me ! {r, gen_tcp:close(C)} end end),
    A = erlang:port_connect(C, P),
    {connected, P} = erlang:port_info(C, connected),
    {links, L} = erlang:port_info(C, links),
    P ! go,
    receive {r, R} -> {A, lists:sort(L) =:= lists:sort([P, Me]), R, gen_tcp:recv(S, 0), next()} end.
