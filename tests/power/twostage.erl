%% A value is made in two stages, each under a lock of its own; a reader that
%% takes the locks one after the other sees the first stage without the second.
%% After the programs twostage_N of SCTBench.
-module(twostage).
-export([main/0, many/0, fixed/0, lock/0, writer/4, reader/4]).

main() -> run(1, 1, two).
many() -> run(4, 4, two).
fixed() -> run(2, 2, one).

run(Writers, Readers, How) ->
    Data = ets:new(data, [public]),
    ets:insert(Data, [{first, 0}, {second, 0}]),
    A = spawn(?MODULE, lock, []),
    B = case How of two -> spawn(?MODULE, lock, []); one -> none end,
    Each = fun(F) -> spawn_monitor(?MODULE, F, [How, Data, A, B]) end,
    All = [Each(writer) || _ <- lists_of:upto(Writers)] ++ [Each(reader) || _ <- lists_of:upto(Readers)],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- All],
    ok.

writer(two, Data, A, B) ->
    take(A), ets:insert(Data, {first, 1}), give(A),
    take(B), ets:insert(Data, {second, 2}), give(B);
writer(one, Data, A, _) ->
    take(A), ets:insert(Data, {first, 1}), ets:insert(Data, {second, 2}), give(A).

reader(How, Data, A, B) ->
    take(A),
    First = ets:lookup_element(Data, first, 2),
    case How of two -> give(A), take(B); one -> ok end,
    Second = ets:lookup_element(Data, second, 2),
    case How of two -> give(B); one -> give(A) end,
    case {First, Second} of
        {0, _} -> ok;
        {1, 2} -> ok
    end.

lock() ->
    receive {take, Who} -> Who ! {taken, self()}, held(Who) end.

held(Who) ->
    receive {give, Who} -> lock() end.

take(Lock) -> Lock ! {take, self()}, receive {taken, Lock} -> ok end.
give(Lock) -> Lock ! {give, self()}.
