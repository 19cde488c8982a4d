%% The corrected twin of lock_no_monitor: the lock is freed when its holder ends.
%%
%% The server monitors each holder from before the grant until the release. The
%% holder's end, whatever the reason and however early, gives the lock back. A
%% holder that is killed just after its `release' was sent does no harm either:
%% `flush' removes the DOWN that may have come meanwhile.
-module(lock_no_monitor_fixed).
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
            Monitor = monitor(process, Holder),
            Holder ! {Ref, granted},
            receive
                {release, Holder} -> demonitor(Monitor, [flush]);
                {'DOWN', Monitor, process, Holder, _Reason} -> lost
            end,
            lock()
    end.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
