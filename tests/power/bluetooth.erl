%% A driver is stopped while a request begins: the request has seen that the
%% driver runs, and counts itself only after the stopper saw nobody inside.
%% After the Bluetooth driver model (KISS, Qadeer and Wu).
-module(bluetooth).
-export([main/0, fixed/0, request/2, stopper/1]).

main() -> run(look_first).
fixed() -> run(count_first).

run(How) ->
    Driver = erts_internal:atomics_new(3, 1),
    atomics:put(Driver, 1, 1),
    All = [spawn_monitor(?MODULE, request, [How, Driver]), spawn_monitor(?MODULE, stopper, [Driver]),
           spawn_monitor(?MODULE, request, [How, Driver])],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- All],
    ok.

%% 1: pending requests and one for the driver itself, 2: stopping, 3: stopped.
request(look_first, Driver) ->
    case atomics:get(Driver, 2) of
        1 -> ok;
        0 ->
            atomics:add(Driver, 1, 1),
            work(Driver),
            leave(Driver)
    end;
request(count_first, Driver) ->
    atomics:add(Driver, 1, 1),
    case atomics:get(Driver, 2) of
        1 -> ok;
        0 -> work(Driver)
    end,
    leave(Driver).

work(Driver) -> 0 = atomics:get(Driver, 3).

leave(Driver) ->
    case atomics:add_get(Driver, 1, -1) of
        0 -> atomics:put(Driver, 3, 1);
        _ -> ok
    end.

stopper(Driver) ->
    atomics:put(Driver, 2, 1),
    leave(Driver).
