%% The corrected twin of bank.erl: the server adds, so that no deposit can come between a read and a write.
-module(bank_fixed).
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
    ok = gen_server:call(bank, {add, Amount}).

init(Balance) -> {ok, Balance}.

handle_call(balance, _From, Balance) -> {reply, Balance, Balance};
handle_call({add, Amount}, _From, Balance) -> {reply, ok, Balance + Amount}.

handle_cast(_, Balance) -> {noreply, Balance}.
