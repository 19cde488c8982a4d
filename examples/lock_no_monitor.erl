%% A lock server that does not watch who holds its lock.
%%
%% The export takes the lock, writes two pages, and gives the lock back. A
%% deadline kills exports that take too long. If it strikes while the export
%% holds the lock, nobody gives it back, and whoever asks next waits for ever.
%%
%% In production: one slow night all exports stand still, with nothing in the
%% log but the kill of the first one.
%%
%% The order that fails: the export is granted the lock; the deadline's time is
%% over and it kills the export before that has sent `release'.
%%
%% lock_no_monitor_fixed has the lock server monitor the holder.
-module(lock_no_monitor).
-export([main/0, lock/0, disk/1, export/2, deadline/2]).

main() ->
    Lock = spawn(?MODULE, lock, []),
    Disk = spawn(?MODULE, disk, [0]),
    {Export, Monitor} = spawn_opt(?MODULE, export, [Lock, Disk], [monitor]),
    spawn(?MODULE, deadline, [Export, 20]),
    receive {'DOWN', Monitor, process, Export, _Reason} -> ok end,
    export(Lock, Disk).

export(Lock, Disk) ->
    granted = call(Lock, acquire),
    written = call(Disk, write_page),
    written = call(Disk, write_page),
    Lock ! {release, self()},
    ok.

deadline(Process, TimeMs) ->
    receive after TimeMs -> exit(Process, kill) end.

disk(Pages) ->
    receive
        {call, From, Ref, write_page} ->
            From ! {Ref, written},
            disk(Pages + 1)
    end.

lock() ->
    receive
        {call, Holder, Ref, acquire} ->
            Holder ! {Ref, granted},
            receive {release, Holder} -> lock() end
    end.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
