%% An alias for one reply lets one reply in.
%%
%% Two replicas are asked, the second by way of a proxy. Whichever answers later
%% finds the alias gone.
-module(first_reply).
-export([main/0, replica/0, proxy/1]).

main() ->
    Near = spawn(?MODULE, replica, []),
    Far = spawn(?MODULE, replica, []),
    Proxy = spawn(?MODULE, proxy, [Far]),
    Alias = alias([reply]),
    Near ! {ask, Alias, 6},
    Proxy ! {ask, Alias, 6},
    receive {product, 42} -> ok end,
    receive Second -> error({second_reply, Second}) after 0 -> ok end.

replica() ->
    receive {ask, Alias, Number} -> Alias ! {product, Number * 7} end.

proxy(To) ->
    receive Request -> To ! Request end.
