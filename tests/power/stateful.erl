%% Two processes change two cells under one lock, by operations that do not
%% commute, and one order is wrong. After stateful01_bad of SCTBench.
-module(stateful).
-export([main/0, fixed/0, adder/2, doubler/3]).

main() -> run(any).
fixed() -> run(ordered).

run(How) ->
    Cells = ets:new(cells, [public]),
    ets:insert(Cells, [{a, 10}, {b, 10}]),
    One = spawn_monitor(?MODULE, adder, [Cells, self()]),
    How =:= ordered andalso receive added -> ok end,
    Two = spawn_monitor(?MODULE, doubler, [Cells, self(), How]),
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- [One, Two]],
    case {ets:lookup_element(Cells, a, 2), ets:lookup_element(Cells, b, 2)} of
        {20, 20} when How =:= any -> error(lost_order);
        {A, B} when A > 20, B > 20 -> ok;
        Mixed when How =:= any -> {mixed, Mixed}
    end.

adder(Cells, Main) ->
    ets:update_counter(Cells, a, 5),
    ets:update_counter(Cells, b, 5),
    Main ! added.

doubler(Cells, _Main, _) ->
    [ets:insert(Cells, {K, 2 * V}) || {K, V} <- [{K, ets:lookup_element(Cells, K, 2)} || K <- [a, b]]].
