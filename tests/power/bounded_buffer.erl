%% A buffer of one place, as a monitor with one queue of waiting processes, of
%% which a change wakes only the first: it can be one that has nothing to do.
%% `fixed` wakes all.
-module(bounded_buffer).
-export([main/0, fixed/0, buffer/3, producer/2, consumer/2]).

main() -> run(first).
fixed() -> run(all).

run(Wakes) ->
    Buffer = spawn(?MODULE, buffer, [empty, [], Wakes]),
    Start = fun(F, Arg) -> spawn_monitor(?MODULE, F, [Buffer, Arg]) end,
    All = [Start(producer, 1), Start(consumer, 1), Start(producer, 1), Start(consumer, 1),
           Start(producer, 1), Start(consumer, 1)],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- All],
    ok.

producer(_, 0) -> ok;
producer(Buffer, N) -> try_until(Buffer, {put, N}), producer(Buffer, N - 1).

consumer(_, 0) -> ok;
consumer(Buffer, N) -> try_until(Buffer, get), consumer(Buffer, N - 1).

try_until(Buffer, What) ->
    Buffer ! {What, self()},
    receive
        {Buffer, done} -> ok;
        {Buffer, wait} -> receive {Buffer, wake} -> try_until(Buffer, What) end
    end.

buffer(State, Waiting, Wakes) ->
    receive
        {{put, X}, Who} when State =:= empty ->
            Who ! {self(), done},
            buffer({full, X}, wake(Waiting, Wakes), Wakes);
        {get, Who} when State =/= empty ->
            Who ! {self(), done},
            buffer(empty, wake(Waiting, Wakes), Wakes);
        {_, Who} ->
            Who ! {self(), wait},
            buffer(State, Waiting ++ [Who], Wakes)
    end.

wake([], _) -> [];
wake([Who | Rest], first) -> Who ! {self(), wake}, Rest;
wake(All, all) -> [Who ! {self(), wake} || Who <- All], [].
