%% Who links to and monitors a process that may have ended is told, and once.
-module(told_once).
-export([main/0, worker/1]).

main() ->
    process_flag(trap_exit, true),
    Worker = spawn(?MODULE, worker, [self()]),
    link(Worker),
    Monitor = monitor(process, Worker),
    receive {hello, Worker} -> ok end,
    receive {'EXIT', Worker, _} -> ok end,
    receive {'DOWN', Monitor, process, Worker, _} -> ok end,
    receive Second -> error({told_twice, Second}) after 0 -> ok end.

worker(Parent) ->
    Parent ! {hello, self()}.
