%% Who holds a process lets go of it when it ends.
%%
%% The inspector suspends the server for a moment. It is killed by its office,
%% maybe within that moment; the server answers all the same.
-module(let_go).
-export([main/0, server/0, inspector/1]).

main() ->
    Server = spawn(?MODULE, server, []),
    Inspector = spawn(?MODULE, inspector, [Server]),
    Monitor = monitor(process, Inspector),
    receive {'DOWN', Monitor, process, Inspector, normal} -> ok after 0 -> exit(Inspector, kill) end,
    Server ! {ask, self()},
    receive {Server, answer} -> ok end.

server() ->
    receive {ask, From} -> From ! {self(), answer} end.

inspector(Server) ->
    true = erlang:suspend_process(Server),
    true = erlang:resume_process(Server),
    ok.
