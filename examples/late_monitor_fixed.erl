%% The corrected twin of late_monitor: spawn_opt with `monitor'.
%%
%% The process is created with the monitor in place; there is no time at which it
%% runs unwatched, and the DOWN carries the true reason.
-module(late_monitor_fixed).
-export([main/0, backup/2]).

main() ->
    normal = run_backup([]),
    normal = run_backup([letters, photos]),
    ok.

run_backup(Folders) ->
    {Backup, Monitor} = spawn_opt(?MODULE, backup, [self(), Folders], [monitor]),
    count_copies(Folders),
    receive {'DOWN', Monitor, process, Backup, Reason} -> Reason end.

count_copies([]) -> ok;
count_copies([Folder | Rest]) ->
    receive {copied, Folder} -> count_copies(Rest) end.

backup(_Owner, []) -> ok;
backup(Owner, [Folder | Rest]) ->
    Owner ! {copied, Folder},
    backup(Owner, Rest).
