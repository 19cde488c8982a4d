%% The corrected twin of lost_update: the server does the arithmetic.
%%
%% Clients say what they want (`add 30'), not what the result should be. The
%% account reads and writes its balance while it handles one message, so no
%% other deposit can come between.
-module(lost_update_fixed).
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
    call(Account, {add, balance, Amount}).

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
        {call, From, Ref, {add, Field, Amount}} ->
            Sum = maps:get(Field, Fields) + Amount,
            From ! {Ref, ok},
            account(maps:put(Field, Sum, Fields))
    end.
