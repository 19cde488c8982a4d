%% Nothing is lost of a burst that comes while its receiver runs.
-module(burst).
-export([main/0, meter/1, display/0]).

main() ->
    Meter = spawn(?MODULE, meter, [self()]),
    Display = spawn(?MODULE, display, []),
    Display ! {show, 0},
    receive {Meter, first, First} -> ok end,
    receive {Meter, second, Second} -> ok end,
    receive {Meter, third, Third} -> ok end,
    [3, 4, 5] = [First, Second, Third],
    ok.

meter(To) ->
    To ! {self(), first, 3},
    To ! {self(), second, 4},
    To ! {self(), third, 5}.

display() ->
    receive {show, _Value} -> ok end.
