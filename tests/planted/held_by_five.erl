%% A process that several hold runs no code before the last of them has let go.
-module(held_by_five).
-export([main/0, server/0, inspector/1]).

main() ->
    Server = spawn(?MODULE, server, []),
    Inspectors = [spawn_monitor(?MODULE, inspector, [Server]) || _ <- [1, 2, 3, 4, 5]],
    [receive {'DOWN', Monitor, process, Inspector, Reason} -> normal = Reason end
        || {Inspector, Monitor} <- Inspectors],
    ok.

server() ->
    receive {ask, From} -> From ! {self(), answer}, server() end.

inspector(Server) ->
    true = erlang:suspend_process(Server),
    Server ! {ask, self()},
    receive {Server, answer} -> error(answered_while_held) after 0 -> ok end,
    true = erlang:resume_process(Server),
    receive {Server, answer} -> ok end.
