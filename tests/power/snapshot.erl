%% Money moves between accounts while an auditor asks one after the other.
%% `fixed` closes the accounts first.
-module(snapshot).
-export([main/0, fixed/0, account/1, mover/2, auditor/3]).

main() -> run(open).
fixed() -> run(closed).

run(How) ->
    Accounts = [spawn(?MODULE, account, [100]) || _ <- [1, 2, 3]],
    Mover = spawn(?MODULE, mover, [self(), Accounts]),
    [100, 100, 100] = [call(B, usual) || B <- Accounts],
    How =:= closed andalso receive {Mover, moved} -> ok end,
    spawn(?MODULE, auditor, [self(), Accounts, How]),
    receive {sum, Sum} -> 300 = Sum end.

mover(Main, [A, _B, C]) ->
    call(C, {add, -10}),
    call(A, {add, 10}),
    Main ! {self(), moved}.

auditor(Main, Accounts, _) ->
    Main ! {sum, lists_of:sum([call(A, balance) || A <- Accounts])}.

account(Balance) ->
    receive
        {From, {add, N}} -> From ! {self(), ok}, account(Balance + N);
        {From, usual} -> From ! {self(), 100}, account(Balance);
        {From, balance} -> From ! {self(), Balance}, account(Balance)
    end.

call(Server, Request) ->
    Server ! {self(), Request},
    receive {Server, Answer} -> Answer end.
