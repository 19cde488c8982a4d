%% A watcher that dies of its heap limit while news is on its way to it.
%%
%% The watcher monitors the workers, reports their ends to the office, and looks
%% for lines that their last log trails have in common. It takes all trails that
%% have come in at once, and comparing them takes room that grows with the square
%% of their number. A max_heap_size limit is to keep it from eating the node.
%%
%% In production: when several workers fail together, which is when it matters,
%% the watcher is killed, and their DOWN messages die in its mailbox. Nobody is
%% told; everything that depends on the reports waits.
%%
%% The order that fails: several workers send their trails and exit before the
%% watcher is run again.
%%
%% heap_limit_watcher_fixed watches the watcher.
-module(heap_limit_watcher).
-export([main/0, watcher/1, worker/1]).

-define(LIMIT, #{size => 8000, kill => true, error_logger => false}).
-define(TRAIL, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]).

main() ->
    Watcher = spawn_opt(?MODULE, watcher, [self()], [{max_heap_size, ?LIMIT}]),
    Workers = start_workers(4, Watcher),
    await_reports(Workers).

start_workers(0, _Watcher) ->
    [];
start_workers(Count, Watcher) ->
    Worker = spawn(?MODULE, worker, [Watcher]),
    Watcher ! {watch, self(), Worker},
    receive {watching, Worker} -> ok end,
    [Worker | start_workers(Count - 1, Watcher)].

await_reports([]) ->
    ok;
await_reports([Worker | Rest]) ->
    receive {ended, Worker} -> await_reports(Rest) end.

worker(Watcher) ->
    Watcher ! {trail, ?TRAIL}.

watcher(Office) ->
    receive
        {watch, From, Worker} ->
            monitor(process, Worker),
            From ! {watching, Worker},
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
