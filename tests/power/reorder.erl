%% Two cells are written one after the other by several processes, and read one
%% after the other by one that expects both or neither. Only the order in which
%% the reader comes between the first two kinds of write is wrong.
%% After the programs reorder_N of SCTBench.
-module(reorder).
-export([three/0, five/0, ten/0, fixed/0, setter/2, checker/3]).

three() -> run(2, apart).
five() -> run(4, apart).
ten() -> run(9, apart).
fixed() -> run(4, together).

run(Setters, How) ->
    Cells = ets:new(cells, [public]),
    ets:insert(Cells, [{a, 0}, {b, 0}]),
    [spawn_link(?MODULE, setter, [Cells, How]) || _ <- lists_of:upto(Setters)],
    spawn_link(?MODULE, checker, [self(), Cells, How]),
    receive
        {seen, 0, 0} -> ok;
        {seen, 1, -1} -> ok;
        {seen, A, B} -> error({half_written, A, B})
    end.

setter(Cells, apart) ->
    ets:insert(Cells, {a, 1}),
    ets:insert(Cells, {b, -1});
setter(Cells, together) ->
    ets:insert(Cells, {both, 1, -1}).

checker(Main, Cells, apart) ->
    [{a, A}] = ets:lookup(Cells, a),
    [{b, B}] = ets:lookup(Cells, b),
    Main ! {seen, A, B};
checker(Main, Cells, together) ->
    case ets:lookup(Cells, both) of
        [] -> Main ! {seen, 0, 0};
        [{both, A, B}] -> Main ! {seen, A, B}
    end.
