%% Processes that pass their max_heap_size or do not. Those that pass it by their stack are not here: erl 25 crashes.
-module(c_heap_limits).
-export([main/0]).

main() ->
    [{returned, ended(fun() -> exit(deep(100000)) end, limit(10000000))},
     {collected, ended(fun collected/0, limit(0))},
     {lowered, ended(fun lowered/0, limit(0))},
     {binaries, ended(fun binaries/0, limit(5000))}].

limit(Words) -> {max_heap_size, words(Words)}.

words(Words) -> #{size => Words, kill => true, error_logger => false}.

ended(Fun, Option) ->
    {_, Monitor} = spawn_opt(Fun, [monitor, Option]),
    receive
        {'DOWN', Monitor, process, _, Reason} -> {Reason, told()}
    end.

told() ->
    receive
        {told, What} -> [What | told()]
    after 0 -> []
    end.

deep(0) -> 0;
deep(N) -> 1 + deep(N - 1).

collected() ->
    put(kept, pairs(600)),
    garbage_collect(),
    process_flag(max_heap_size, words(1000)),
    garbage_collect(),
    exit(not_killed).

lowered() ->
    put(kept, pairs(60)),
    garbage_collect(),
    process_flag(max_heap_size, words(5000)),
    [garbage() || _ <- pairs(20)],
    exit(length(get(kept))).

garbage() -> length(pairs(20)).

binaries() ->
    put(kept, pairs(60)),
    Binary = binary:copy(<<"x">>, 1000),
    exit([begin garbage(), byte_size(binary:copy(Binary)) end || _ <- pairs(4)]).

pairs(0) -> [];
pairs(N) -> [{N, N} | pairs(N - 1)].
