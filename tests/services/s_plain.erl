%% A process of plain spawn/3 that crashes: the runtime reports it, not proc_lib.
-module(s_plain).
-export([main/0, badly/1]).

main() ->
    {Plain, Monitor} = spawn_monitor(?MODULE, badly, [thing]),
    receive {'DOWN', Monitor, process, Plain, Reason} -> ok end,
    %% The logger is asked by the runtime, and nobody can wait for it.
    timer:sleep(500),
    io:format("~p~n", [element(1, Reason)]).

badly(What) -> receive never -> ok after 0 -> erlang:error({bad, [What]}) end.
