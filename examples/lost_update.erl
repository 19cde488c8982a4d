%% A lost update: two clients read, compute and write through one server.
%%
%% The account process handles one message at a time, yet it offers only `get'
%% and `set'. Whoever wants to add money reads the balance, adds, and writes
%% the sum back: three steps, between which another client's deposit can fall
%% and be overwritten.
%%
%% In production: the books are short by one deposit, no log shows an error.
%%
%% The order that fails: both clients `get' the same balance before either of
%% them has `set' the new one.
%%
%% lost_update_fixed sends the deposit itself to the account.
-module(lost_update).
-export([main/0, account/1, salary_run/2]).

main() ->
    Fields = #{owner => ada, currency => eur, limit => 500, balance => 100},
    Account = spawn(?MODULE, account, [Fields]),
    spawn(?MODULE, salary_run, [Account, self()]),
    ada = get_field(Account, owner),
    500 = get_field(Account, limit),
    eur = get_field(Account, currency),
    deposit(Account, 30),
    receive salaries_paid -> ok end,
    case get_field(Account, balance) of
        1130 -> ok;
        Wrong -> error({money_lost, {balance, Wrong}})
    end.

salary_run(Account, Office) ->
    deposit(Account, 1000),
    Office ! salaries_paid.

deposit(Account, Amount) ->
    Balance = get_field(Account, balance),
    call(Account, {set, balance, Balance + Amount}).

get_field(Account, Field) ->
    call(Account, {get, Field}).

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.

account(Fields) ->
    receive
        {call, From, Ref, {get, Field}} ->
            From ! {Ref, maps:get(Field, Fields)},
            account(Fields);
        {call, From, Ref, {set, Field, Value}} ->
            From ! {Ref, ok},
            account(maps:put(Field, Value, Fields))
    end.
