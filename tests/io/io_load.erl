%% Three processes append to a file each, and say so when what they wrote is on the disk, until somebody kills the runtime.
-module(io_load).

-export([main/1]).

main([Directory]) ->
    Writers = [spawn_monitor(fun() -> write(Directory, Name) end) || Name <- [a, b, c]],
    [receive {'DOWN', Monitor, process, _, Reason} -> erlang:display(Reason) end || {_, Monitor} <- Writers].

write(Directory, Name) ->
    {ok, Fd} = file:open(Directory ++ "/" ++ atom_to_list(Name), [append, raw]),
    acknowledge(Fd, Name, 1).

acknowledge(Fd, Name, Number) ->
    ok = file:write(Fd, [integer_to_binary(Number), $\n]),
    ok = file:datasync(Fd),
    erlang:display({Name, Number}),
    acknowledge(Fd, Name, Number + 1).
