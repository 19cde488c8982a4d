%% The corrected twin of heap_limit_watcher: the watcher is watched.
%%
%% The limit still kills it when many trails pile up, and what was in its mailbox
%% is still lost. But the office monitors the watcher, so it learns of its end,
%% starts a new one and has it watch all workers that no report has come from.
%% The end of a worker that is gone by then is not lost: to monitor a process that
%% does not exist gives a DOWN with `noproc'.
%%
%% (A real service would also take fewer trails at a time, so that the limit is
%% seldom reached. That alone would make the bug rare, not impossible.)
-module(heap_limit_watcher_fixed).
-export([main/0, watcher/1, worker/1]).

-define(LIMIT, #{size => 8000, kill => true, error_logger => false}).
-define(TRAIL, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]).

main() ->
    {Pid, _} = Watcher = start_watcher(),
    Workers = start_workers(4, Pid),
    await_reports(Workers, Watcher).

start_watcher() ->
    spawn_opt(?MODULE, watcher, [self()], [monitor, {max_heap_size, ?LIMIT}]).

start_workers(0, _Watcher) ->
    [];
start_workers(Count, Watcher) ->
    Worker = spawn(?MODULE, worker, [Watcher]),
    Watcher ! {watch, Worker},
    [Worker | start_workers(Count - 1, Watcher)].

await_reports([], _Watcher) ->
    ok;
await_reports([Worker | Rest] = Workers, {Pid, Monitor} = Watcher) ->
    receive
        {ended, Worker} ->
            await_reports(Rest, Watcher);
        {'DOWN', Monitor, process, Pid, _Reason} ->
            {NewPid, _} = NewWatcher = start_watcher(),
            watch(Workers, NewPid),
            await_reports(Workers, NewWatcher)
    end.

watch([], _Watcher) ->
    ok;
watch([Worker | Rest], Watcher) ->
    Watcher ! {watch, Worker},
    watch(Rest, Watcher).

worker(Watcher) ->
    Watcher ! {trail, ?TRAIL}.

watcher(Office) ->
    receive
        {watch, Worker} ->
            monitor(process, Worker),
            watcher(Office);
        {trail, Trail} ->
            Lines = drain(Trail),
            count_repeated(pairs(Lines, Lines), 0),
            watcher(Office);
        {'DOWN', _, process, Worker, _Reason} ->
            Office ! {ended, Worker},
            watcher(Office)
    end.

drain(Lines) ->
    receive {trail, Trail} -> drain(Trail ++ Lines) after 0 -> Lines end.

pairs([], _All) -> [];
pairs([Line | Rest], All) -> pairs_with(Line, All, pairs(Rest, All)).

pairs_with(_Line, [], Pairs) -> Pairs;
pairs_with(Line, [Other | Rest], Pairs) ->
    [{Line, Other} | pairs_with(Line, Rest, Pairs)].

count_repeated([], Count) -> Count;
count_repeated([{Line, Line} | Rest], Count) -> count_repeated(Rest, Count + 1);
count_repeated([_ | Rest], Count) -> count_repeated(Rest, Count).
