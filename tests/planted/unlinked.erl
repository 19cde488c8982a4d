%% After unlink, and a look into the mailbox, no EXIT comes any more.
-module(unlinked).
-export([main/0, worker/1, server/0]).

main() ->
    process_flag(trap_exit, true),
    Server = spawn(?MODULE, server, []),
    Worker = spawn_link(?MODULE, worker, [self()]),
    unlink(Worker),
    receive {'EXIT', Worker, _} -> ok after 0 -> ok end,
    receive {hello, Worker} -> ok end,
    Server ! {ask, self()},
    receive
        {Server, answer} -> ok;
        {'EXIT', Worker, Reason} -> error({exit_after_unlink, Reason})
    end.

worker(Parent) ->
    Parent ! {hello, self()},
    exit(clumsy).

server() ->
    receive {ask, From} -> From ! {self(), answer} end.
