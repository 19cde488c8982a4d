%% Spawn first, monitor later.
%%
%% A backup is started, then monitored, and its exit reason tells whether it went
%% well. A backup that is done before the monitor is set has left no reason
%% behind: the DOWN says `noproc', which is not `normal'.
%%
%% In production: the quickest backups, those with nothing to do, are reported
%% as failed, and only on machines with a core to spare.
%%
%% The order that fails: the backup is spawned, runs and exits; then it is
%% monitored.
%%
%% late_monitor_fixed spawns and monitors in one step.
-module(late_monitor).
-export([main/0, backup/2]).

main() ->
    normal = run_backup([]),
    normal = run_backup([letters, photos]),
    ok.

run_backup(Folders) ->
    Backup = spawn(?MODULE, backup, [self(), Folders]),
    Monitor = monitor(process, Backup),
    count_copies(Folders),
    receive {'DOWN', Monitor, process, Backup, Reason} -> Reason end.

count_copies([]) -> ok;
count_copies([Folder | Rest]) ->
    receive {copied, Folder} -> count_copies(Rest) end.

backup(_Owner, []) -> ok;
backup(Owner, [Folder | Rest]) ->
    Owner ! {copied, Folder},
    backup(Owner, Rest).
