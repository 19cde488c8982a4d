%% What a process has put into its dictionary is there when it comes back to it.
%%
%% A cache remembers what it was told last, and is asked for it by others.
-module(kept_value).
-export([main/0, cache/0, refresher/1]).

main() ->
    Cache = spawn(?MODULE, cache, []),
    spawn(?MODULE, refresher, [Cache]),
    Ref = make_ref(),
    Cache ! {look, self(), Ref},
    receive
        {Ref, undefined} -> ok;
        {Ref, {price, 12, 50}} -> ok
    end.

cache() ->
    receive
        {look, From, Ref} ->
            From ! {Ref, get(price)},
            cache();
        {told, Units, Cents} ->
            put(price, {price, Units, Cents}),
            cache()
    end.

refresher(Cache) ->
    Cache ! {told, 12, 50}.
