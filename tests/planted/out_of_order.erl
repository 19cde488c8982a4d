%% Messages are waited for in one order and come in another.
%%
%% Each wakes its receiver, and what was passed over is kept, down to the bytes of
%% a large binary.
-module(out_of_order).
-export([main/0, bride/1, groom/1]).

main() ->
    spawn(?MODULE, bride, [self()]),
    spawn(?MODULE, groom, [self()]),
    receive {bride, [white, Veil]} -> ok end,
    receive {groom, [black, Hat]} -> ok end,
    {veil, hat} = {Veil, Hat},
    receive Photo when is_binary(Photo) -> ok end,
    ok.

bride(Altar) ->
    Altar ! {bride, [white, veil]}.

groom(Altar) ->
    Altar ! {groom, [black, hat]},
    Altar ! photo(100).

photo(Bytes) ->
    <<7:Bytes/unit:8>>.
