%% A link that was removed and made again counts.
%%
%% What is still under way of the old one is not taken for the new one's.
-module(linked_again).
-export([main/0, worker/0, server/0]).

main() ->
    process_flag(trap_exit, true),
    Worker = spawn_link(?MODULE, worker, []),
    Server = spawn(?MODULE, server, []),
    unlink(Worker),
    Server ! {ask, self()},
    receive {Server, answer} -> ok end,
    link(Worker),
    Worker ! stop,
    receive {'EXIT', Worker, normal} -> ok end.

worker() ->
    receive stop -> ok end.

server() ->
    receive {ask, From} -> From ! {self(), answer} end.
