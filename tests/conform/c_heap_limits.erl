%% Processes that pass their max_heap_size by a stack, by collecting, or hardly, and one that does not.
-module(c_heap_limits).
-export([main/0]).

main() ->
    [{recursion, ended(fun recursion/0, limit(100000))},
     {returned, ended(fun() -> exit(deep(100000)) end, limit(10000000))},
     {no_kill, ended(fun() -> exit(deep(20000)) end, {max_heap_size, limit(10000, false)})},
     {collected, ended(fun collected/0, limit(0))},
     {lowered, ended(fun lowered/0, limit(0))},
     {binaries, ended(fun binaries/0, limit(5000))}].

limit(Words) -> {max_heap_size, limit(Words, true)}.

limit(Words, Kill) -> #{size => Words, kill => Kill, error_logger => false}.

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

recursion() -> exit(deep(10000000)).

deep(0) -> 0;
deep(N) -> 1 + deep(N - 1).

collected() ->
    put(kept, pairs(600)),
    garbage_collect(),
    process_flag(max_heap_size, limit(1000, true)),
    garbage_collect(),
    exit(not_killed).

lowered() ->
    put(kept, pairs(60)),
    garbage_collect(),
    process_flag(max_heap_size, limit(5000, true)),
    [garbage() || _ <- pairs(20)],
    exit(length(get(kept))).

garbage() -> length(pairs(20)).

binaries() ->
    put(kept, pairs(60)),
    Binary = binary:copy(<<"x">>, 1000),
    exit([begin garbage(), byte_size(binary:copy(Binary)) end || _ <- pairs(4)]).

pairs(0) -> [];
pairs(N) -> [{N, N} | pairs(N - 1)].
