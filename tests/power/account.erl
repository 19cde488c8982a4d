%% Deposits and withdrawals that read the balance and write it in two steps.
%% After account_bad of SCTBench.
-module(account).
-export([main/0, fixed/0, clerk/4]).

main() -> run(steps).
fixed() -> run(atomic).

run(How) ->
    Bank = ets:new(bank, [public]),
    ets:insert(Bank, {balance, 100}),
    [spawn(?MODULE, clerk, [How, self(), Bank, By]) || By <- [50, -30]],
    [receive done -> ok end || _ <- [1, 2]],
    120 = ets:lookup_element(Bank, balance, 2).

clerk(steps, Main, Bank, By) ->
    Balance = ets:lookup_element(Bank, balance, 2),
    ets:insert(Bank, {balance, Balance + By}),
    Main ! done;
clerk(atomic, Main, Bank, By) ->
    ets:update_counter(Bank, balance, By),
    Main ! done.
