%% Locks taken in a circle (the dining philosophers, at a bank).
%%
%% A transfer locks the account it takes money from, then the account it puts
%% money into. Three transfers, from a to b, from b to c and from c to a, can
%% each hold one account and wait for the next.
%%
%% In production: three accounts are stuck until somebody restarts the node; the
%% transfers that touch them pile up behind.
%%
%% The order that fails: each transfer is granted its first lock before any of
%% them asks for its second.
%%
%% lock_cycle_fixed locks the lower account first, whichever way the money goes.
-module(lock_cycle).
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
    locked = call(From, lock),
    locked = call(To, lock),
    From ! {unlock, self(), -Amount},
    To ! {unlock, self(), Amount}.

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
