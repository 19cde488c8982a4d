%% Runs of instructions that the loader makes one: fields of a binary that fail
%% part way, at every length and alignment, and scans of a mailbox that last
%% longer than a slice.
-module(c_runs).
-include("conform.hrl").

main() ->
    [{Name, p(F)} || {Name, F} <- cases()].

cases() ->
    [{fields, fun() -> [fields(Bin) || Bin <- prefixes(id(<<1, 254, 3, 4, 5, 6, 7, 8, 9, 10, 11>>))] end},
     {unaligned, fun() -> [unaligned(Bin) || Bin <- prefixes(id(<<250, 254, 133, 4, 165, 6, 7, 8, 199, 10, 11>>))] end},
     {wide, fun() -> [wide(Bin) || Bin <- prefixes(id(binary:copy(<<255, 129, 7>>, 8)))] end},
     {units, fun() -> [units(Bin) || Bin <- [<<>>, <<1:7>>, <<1, 2>>, <<1, 2, 3:4>>, <<1, 2, 3, 4>>]] end},
     {restarts, fun() -> sum(id(binary:copy(<<1, 2, 3, 4>>, 300)), 0) end},
     {odd_end, fun() -> sum(id(<<1, 2, 3, 4, 5, 6, 7>>), 0) end},
     {no_binary, fun() -> [fields(T) || T <- id([a, 1, [], {1}])] end},
     {scan_atom, fun() -> put_many(9000), self() ! wanted, receive wanted -> rest() end end},
     {scan_tuple, fun() -> put_many(9000), self() ! {a, b, c}, receive {a, X, c} -> {X, rest()} end end},
     {scan_one_slot, fun() -> put_many(3), self() ! {x}, receive {x} -> rest() end end},
     {scan_none, fun() -> put_many(5000), R = receive wanted -> found after 0 -> none end, {R, rest()} end},
     {scan_late, fun() -> put_many(5000), Me = self(),
                          spawn(fun() -> Me ! late end), receive late -> rest() end end}].

fields(<<A:8, B:8/signed, C:16/little, Rest/binary>>) -> {four, A, B, C, Rest};
fields(<<A:8, B:16/signed-little>>) -> {three, A, B};
fields(<<A:8, B/bitstring>>) -> {one, A, B};
fields(Other) -> {other, Other}.

unaligned(<<A:3, B:5/signed, C:13, D:11/little, E:12/signed-little, Rest/bitstring>>) -> {A, B, C, D, E, Rest};
unaligned(<<A:3, B:21/signed, C:2, Rest/bitstring>>) -> {A, B, C, Rest};
unaligned(Other) -> Other.

wide(<<A:59, B:59/signed, C:58/little, Rest/bitstring>>) -> {A, B, C, Rest};
wide(<<A:1, B:59/signed-little, C:60, Rest/bitstring>>) -> {A, B, C, Rest};
wide(<<A:4, B:56/signed-little, Rest/bitstring>>) -> {A, B, Rest};
wide(Other) -> Other.

units(<<A:4, B:4, Rest/binary>>) -> {bytes, A, B, Rest};
units(<<A:4, Rest/bitstring>>) -> {bits, A, Rest};
units(_) -> none.

sum(<<A:8, B:24/little, Rest/binary>>, Sum) -> sum(Rest, Sum + A + B);
sum(<<>>, Sum) -> Sum;
sum(Rest, Sum) -> {Sum, Rest}.

prefixes(Bin) -> [binary:part(Bin, 0, N) || N <- seq(0, byte_size(Bin))].

put_many(0) -> ok;
put_many(N) when N rem 3 =:= 0 -> self() ! {other, N}, put_many(N - 1);
put_many(N) when N rem 3 =:= 1 -> self() ! N, put_many(N - 1);
put_many(N) -> self() ! {N, b, c}, put_many(N - 1).

%% How many messages are left, and whether they are in order.
rest() -> rest(0, none).

rest(Count, Last) ->
    receive
        M when Last =:= none; M =/= Last -> rest(Count + 1, M)
    after 0 -> Count
    end.
