%% What a process says before it ends comes before the news of its end.
%%
%% The result of a worker is in the mailbox when its DOWN and its EXIT come.
-module(last_words).
-export([main/0, worker/1, log/0]).

main() ->
    process_flag(trap_exit, true),
    {Worker, Monitor} = spawn_opt(?MODULE, worker, [self()], [link, monitor]),
    Log = spawn(?MODULE, log, []),
    Log ! started,
    receive
        {result, Worker, 42} -> ok;
        {'DOWN', Monitor, process, Worker, Reason} -> error({no_result, Reason});
        {'EXIT', Worker, Reason} -> error({no_result, Reason})
    end,
    receive {'EXIT', Worker, normal} -> ok end,
    receive {'DOWN', Monitor, process, Worker, normal} -> ok end.

worker(Parent) ->
    Parent ! {result, self(), 42}.

log() ->
    receive started -> ok end.
