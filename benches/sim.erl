%% Workloads of the simulation bench, sim/benches/simulation.rs. Each entry does
%% Count of its operations, and nothing but native functions is used.
-module(sim).
-export([messages/1, stream/1, points/1, nothing/0, meet/0, meet_twice/0, sleeps/1, timers/1, crowd/1]).
-export([wires/1, wire/1, echo_wire/1]).
-export([ask/1, echo/0, send_all/2, look/2, answer/1, until_stop/0]).

%% Requests and answers in so many pairs of processes at once. Operation: one message.
messages([Count, Pairs]) ->
    Each = list_to_integer(Count) div (2 * list_to_integer(Pairs)),
    Askers = [spawn_monitor(?MODULE, ask, [Each]) || _ <- numbers(list_to_integer(Pairs), [])],
    all_done(Askers).

ask(Rounds) ->
    volley(spawn(?MODULE, echo, []), Rounds).

volley(_Echo, 0) ->
    ok;
volley(Echo, Round) ->
    Echo ! {self(), Round},
    receive {Echo, Round} -> volley(Echo, Round - 1) end.

echo() ->
    receive {From, Round} -> From ! {self(), Round}, echo() end.

%% The same over simulated TCP, with the operations of the ring alone. Operation: one message that is sent and received.
wires([Count, Pairs]) ->
    Each = list_to_integer(Count) div (2 * list_to_integer(Pairs)),
    Wires = [spawn_monitor(?MODULE, wire, [Each]) || _ <- numbers(list_to_integer(Pairs), [])],
    all_done(Wires).

wire(Rounds) ->
    Listener = socket(),
    ok = warpbeam_native:bind(Listener, {{127, 0, 0, 1}, 0}),
    ok = warpbeam_native:listen(Listener, 1),
    {ok, Address} = warpbeam_native:socket_name(Listener, own),
    {One, Other} = {socket(), warpbeam_native:descriptor()},
    Accept = warpbeam_native:begin_accept(Listener, Other),
    ok = told(warpbeam_native:begin_connect(One, Address)),
    ok = told(Accept),
    spawn(?MODULE, echo_wire, [Other]),
    over_wire(One, Rounds).

socket() ->
    Fd = warpbeam_native:descriptor(),
    ok = warpbeam_native:socket(Fd, inet, stream),
    Fd.

told(Operation) ->
    receive {warpbeam_io, Operation, Answer} -> Answer end.

over_wire(_Fd, 0) ->
    ok;
over_wire(Fd, Round) ->
    {ok, 8} = warpbeam_native:try_send(Fd, <<Round:64>>),
    {ok, <<Round:64>>} = told(warpbeam_native:begin_receive(Fd, 64)),
    over_wire(Fd, Round - 1).

echo_wire(Fd) ->
    case told(warpbeam_native:begin_receive(Fd, 64)) of
        {ok, Bytes} -> {ok, _} = warpbeam_native:try_send(Fd, Bytes), echo_wire(Fd);
        _ -> ok
    end.

%% One process sends, another receives. Operation: one message.
stream([Count]) ->
    Sender = spawn_monitor(?MODULE, send_all, [self(), list_to_integer(Count)]),
    receive_all(list_to_integer(Count)),
    all_done([Sender]).

send_all(_To, 0) -> ok;
send_all(To, Count) -> To ! {item, Count}, send_all(To, Count - 1).

receive_all(0) -> ok;
receive_all(Count) -> receive {item, Count} -> receive_all(Count - 1) end.

all_done(Monitored) ->
    [receive {'DOWN', Monitor, process, Pid, normal} -> ok end || {Pid, Monitor} <- Monitored],
    ok.

%% Four processes look up a name that nobody has. Operation: one look-up, which
%% is a scheduling point with hardly any work in it.
points([Count]) ->
    Each = list_to_integer(Count) div 4,
    Lookers = [spawn_monitor(?MODULE, look, [Each, nobody]) || _ <- [1, 2, 3, 4]],
    all_done(Lookers).

look(0, _Name) -> ok;
look(Count, Name) -> undefined = whereis(Name), look(Count - 1, Name).

%% A run with nothing in it.
nothing() ->
    ok.

%% A process is spawned and answers once.
meet() ->
    Ref = make_ref(),
    Answerer = spawn(?MODULE, answer, [self()]),
    Answerer ! {self(), Ref},
    receive {Answerer, Ref} -> ok end.

%% Two answer, in either order.
meet_twice() ->
    [spawn(?MODULE, answer, [self()]) ! {self(), hello} || _ <- [1, 2]],
    [receive {_Answerer, hello} -> ok end || _ <- [1, 2]],
    ok.

answer(Asker) ->
    receive {Asker, Question} -> Asker ! {self(), Question} end.

%% Sleeps one after the other. Operation: one time limit that passes.
sleeps([Count]) ->
    sleep(list_to_integer(Count)).

sleep(0) -> ok;
sleep(Count) -> receive after 10 -> sleep(Count - 1) end.

%% Timers in batches of 100, all of which fire, in the order in which they are awaited. Operation: one timer.
timers([Count]) ->
    batches(list_to_integer(Count) div 100).

batches(0) ->
    ok;
batches(Count) ->
    start(100),
    await(100),
    batches(Count - 1).

start(0) -> ok;
start(Count) -> erlang:send_after(2000 - Count, self(), {due, Count}), start(Count - 1).

await(0) -> ok;
await(Count) -> receive {due, Count} -> await(Count - 1) end.

%% Many processes that wait, for a world to be forked.
crowd([Count]) ->
    [spawn(?MODULE, until_stop, []) || _ <- numbers(list_to_integer(Count), [])],
    receive stop -> ok end.

numbers(0, List) -> List;
numbers(N, List) -> numbers(N - 1, [N | List]).

until_stop() ->
    receive stop -> ok end.
