%% A worker is stopped and a new one takes its name; the new one is started when
%% the old one has been told to stop, not when it has stopped.
-module(restart).
-export([main/0, fixed/0, worker/1]).

main() -> run(told).
fixed() -> run(down).

run(How) ->
    Old = start(),
    Ref = monitor(process, Old),
    Old ! stop,
    case How of
        down -> receive {'DOWN', Ref, process, _, _} -> ok end;
        told -> receive stopping -> ok end
    end,
    New = start(),
    New ! {ping, self()},
    receive {New, pong} -> ok end.

start() ->
    Me = self(),
    Pid = spawn(?MODULE, worker, [Me]),
    receive {Pid, Started} -> ok = Started end,
    Pid.

worker(Main) ->
    try register(restart_worker, self()) of
        true -> Main ! {self(), ok}, loop(Main)
    catch error:badarg -> Main ! {self(), name_taken}
    end.

loop(Main) ->
    receive
        {ping, From} -> From ! {self(), pong}, loop(Main);
        stop ->
            Main ! stopping,
            cleanup()
    end.

cleanup() -> ok.
