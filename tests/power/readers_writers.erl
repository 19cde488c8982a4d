%% Readers count themselves in a table, the first locks writers out and the last
%% lets them in. The count is read and written in two steps, so that two readers
%% can both be the first, or both not the last.
-module(readers_writers).
-export([main/0, fixed/0, door/0, reader/3, writer/3]).

main() -> run(steps).
fixed() -> run(atomic).

run(How) ->
    Data = ets:new(data, [public]),
    ets:insert(Data, [{readers, 0}, {text, 0}]),
    Door = spawn(?MODULE, door, []),
    Start = fun(F) -> spawn_monitor(?MODULE, F, [How, Data, Door]) end,
    All = [Start(reader), Start(reader), Start(writer)],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- All],
    ok.

count(steps, Data, By) ->
    N = ets:lookup_element(Data, readers, 2) + By,
    ets:insert(Data, {readers, N}),
    N;
count(atomic, Data, By) ->
    ets:update_counter(Data, readers, By).

reader(How, Data, Door) ->
    case count(How, Data, 1) of
        1 -> ask(Door, close_to_writers);
        _ -> ask(Door, is_closed)
    end,
    One = ets:lookup_element(Data, text, 2),
    Two = ets:lookup_element(Data, text, 2),
    case count(How, Data, -1) of
        0 -> Door ! open;
        _ -> ok
    end,
    One = Two.

writer(_How, Data, Door) ->
    ask(Door, close),
    ets:insert(Data, {text, 1}),
    Door ! open.

ask(Door, What) -> Door ! {What, self()}, receive {Door, yes} -> ok end.

door() ->
    receive
        {close, Who} -> Who ! {self(), yes}, receive open -> door() end;
        {close_to_writers, Who} -> Who ! {self(), yes}, reading()
    end.

reading() ->
    receive
        {is_closed, Who} -> Who ! {self(), yes}, reading();
        open -> door()
    end.
