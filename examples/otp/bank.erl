%% A lost update over a gen_server: each client reads the balance, then writes what it makes of it.
%%
%% Needs OTP's stdlib and kernel. The check at the end fails if a deposit is lost. Twin: bank_fixed.erl.
-module(bank).
-behaviour(gen_server).
-export([main/0]).
-export([init/1, handle_call/3, handle_cast/2]).

main() ->
    {ok, _} = gen_server:start_link({local, bank}, ?MODULE, 0, []),
    Clients = [spawn_monitor(fun() -> deposit(Amount) end) || Amount <- [10, 100]],
    [receive {'DOWN', Ref, process, Pid, normal} -> ok end || {Pid, Ref} <- Clients],
    case gen_server:call(bank, balance) of
        110 -> io:format("110, as it should be~n");
        Balance -> exit({deposit_lost, Balance})
    end.

deposit(Amount) ->
    Balance = gen_server:call(bank, balance),
    ok = gen_server:call(bank, {set, Balance + Amount}).

init(Balance) -> {ok, Balance}.

handle_call(balance, _From, Balance) -> {reply, Balance, Balance};
handle_call({set, Balance}, _From, _) -> {reply, ok, Balance}.

handle_cast(_, Balance) -> {noreply, Balance}.
