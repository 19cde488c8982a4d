%% The corrected twin of lock_cycle: one order for all locks.
%%
%% Pids are ordered, as all terms are. Each transfer locks the lower account
%% first. A transfer waits only for accounts higher than those it holds, so
%% following who waits for whom leads ever higher and never back: no circle.
-module(lock_cycle_fixed).
-export([main/0, account/2, transfer/3]).

main() ->
    A = spawn(?MODULE, account, [a, 100]),
    B = spawn(?MODULE, account, [b, 100]),
    C = spawn(?MODULE, account, [c, 100]),
    Accounts = [A, B, C],
    First = start_transfer(A, B),
    [a, b, c] = ask_all(Accounts, name),
    Second = start_transfer(B, C),
    [a, b, c] = ask_all(Accounts, name),
    Third = start_transfer(C, A),
    await(First),
    await(Second),
    await(Third),
    [100, 100, 100] = ask_all(Accounts, balance),
    ok.

start_transfer(From, To) ->
    {_Pid, Monitor} = spawn_opt(?MODULE, transfer, [From, To, 10], [monitor]),
    Monitor.

await(Monitor) ->
    receive {'DOWN', Monitor, process, _, normal} -> ok end.

ask_all([], _Field) -> [];
ask_all([Account | Rest], Field) ->
    Answer = call(Account, Field),
    [Answer | ask_all(Rest, Field)].

transfer(From, To, Amount) ->
    lock_both(From, To),
    From ! {unlock, self(), -Amount},
    To ! {unlock, self(), Amount}.

lock_both(One, Other) when One > Other ->
    lock_both(Other, One);
lock_both(Lower, Higher) ->
    locked = call(Lower, lock),
    locked = call(Higher, lock).

account(Name, Balance) ->
    receive
        {call, Clerk, Ref, name} ->
            Clerk ! {Ref, Name},
            account(Name, Balance);
        {call, Clerk, Ref, balance} ->
            Clerk ! {Ref, Balance},
            account(Name, Balance);
        {call, Clerk, Ref, lock} ->
            Clerk ! {Ref, locked},
            receive {unlock, Clerk, Change} -> account(Name, Balance + Change) end
    end.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
