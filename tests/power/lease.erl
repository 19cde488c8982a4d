%% A lease ends by a timer of its server; its holder has looked that it still has it,
%% and writes when the next holder has read. `fixed` has the store check the lease.
-module(lease).
-export([main/0, fixed/0, server/4, holder/2]).

main() -> run(trusting).
fixed() -> run(fenced).

run(How) ->
    Server = spawn(?MODULE, server, [How, 0, 0, []]),
    Holders = [spawn_monitor(?MODULE, holder, [Server, self()]) || _ <- [1, 2]],
    Written = [receive {written, H, Yes} -> Yes end || {H, _} <- Holders],
    Server ! {self(), count},
    receive {Server, N} -> N = length([yes || true <- Written]) end.

holder(Server, Main) ->
    Lease = call(Server, take),
    N = call(Server, count),
    Main ! {written, self(), call(Server, {put, Lease, N + 1})}.

%% One lease at a time; those who ask meanwhile wait.
server(How, N, Lease, Waiting) ->
    receive
        {From, take} when Lease rem 2 =:= 0 ->
            From ! {self(), Lease + 1},
            erlang:send_after(80, self(), {expired, Lease + 1}),
            server(How, N, Lease + 1, Waiting);
        {From, take} -> server(How, N, Lease, Waiting ++ [From]);
        {From, count} -> From ! {self(), N}, server(How, N, Lease, Waiting);
        {From, {put, Old, _}} when How =:= fenced, Old =/= Lease ->
            From ! {self(), false},
            server(How, N, Lease, Waiting);
        {From, {put, Lease, New}} -> From ! {self(), true}, next(How, New, Lease + 1, Waiting);
        {From, {put, _, New}} -> From ! {self(), true}, server(How, New, Lease, Waiting);
        {expired, Lease} -> next(How, N, Lease + 1, Waiting);
        {expired, _} -> server(How, N, Lease, Waiting)
    end.

next(How, N, Lease, []) -> server(How, N, Lease, []);
next(How, N, Lease, [Who | Rest]) ->
    self() ! {Who, take},
    server(How, N, Lease, Rest).

call(Server, Request) ->
    Server ! {self(), Request},
    receive {Server, Answer} -> Answer end.
