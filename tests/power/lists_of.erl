%% What the programs here need of lists, so that they run where no OTP is installed.
-module(lists_of).
-export([upto/1, zip/2, sort/1, usort/1, sum/1, append/1, greatest/1, nthtail/2, keytake/2, keydelete/2]).

upto(N) -> upto(N, []).

upto(0, Got) -> Got;
upto(N, Got) -> upto(N - 1, [N | Got]).

zip([A | As], [B | Bs]) -> [{A, B} | zip(As, Bs)];
zip([], []) -> [].

sort(List) -> sort(List, []).

sort([], Sorted) -> Sorted;
sort([X | Rest], Sorted) -> sort(Rest, insert(X, Sorted)).

insert(X, [Y | Rest]) when Y < X -> [Y | insert(X, Rest)];
insert(X, Rest) -> [X | Rest].

usort(List) -> unique(sort(List)).

unique([X, X | Rest]) -> unique([X | Rest]);
unique([X | Rest]) -> [X | unique(Rest)];
unique([]) -> [].

sum([]) -> 0;
sum([N | Rest]) -> N + sum(Rest).

append([]) -> [];
append([List | Rest]) -> List ++ append(Rest).

greatest(List) -> last(sort(List)).

last([X]) -> X;
last([_ | Rest]) -> last(Rest).

nthtail(0, List) -> List;
nthtail(N, [_ | Rest]) -> nthtail(N - 1, Rest).

keytake(Key, [Tuple | Rest]) when element(1, Tuple) =:= Key -> {Tuple, Rest};
keytake(Key, [Tuple | Rest]) ->
    case keytake(Key, Rest) of
        none -> none;
        {Found, Others} -> {Found, [Tuple | Others]}
    end;
keytake(_, []) -> none.

keydelete(Key, List) ->
    case keytake(Key, List) of
        none -> List;
        {_, Rest} -> Rest
    end.
