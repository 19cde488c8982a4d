%% A parser over binaries: JSON read and written.
-module(c_alg_json).
-include("conform.hrl").

main() -> [{T, c(fun() -> parse(T) end)} || T <- texts()] ++ [{round, [T || T <- texts(), V <- [c(fun() -> parse(T) end)], not is_tuple(V), parse(iolist_to_binary(write(V))) =/= V]}, {large, scope(fun() -> V = [#{<<"id">> => I, <<"name">> => integer_to_binary(I), <<"ok">> => I rem 2 =:= 0, <<"xs">> => seq(1, I rem 5)} || I <- seq(1, 300)], B = iolist_to_binary(write(V)), {byte_size(B), parse(B) =:= V} end)}, {deep, scope(fun() -> B = iolist_to_binary([binary:copy(<<"[">>, 2000), binary:copy(<<"]">>, 2000)]), iolist_to_binary(write(parse(B))) =:= B end)}].
texts() -> [<<"null">>, <<" [1, 2.5, -3e2, true, false, null] ">>, <<"{\"a\": {\"b\": []}, \"c\": \"x\\ny\"}">>, <<"\"\\u00e5\\u4e16 \\\"q\\\" \\\\ \\/\"">>, <<"\"åäö\""/utf8>>, <<"[]">>, <<"{}">>, <<"0">>, <<"-0.5E-3">>, <<"12345678901234567890">>, <<"">>, <<"[1,">>, <<"{\"a\" 1}">>, <<"tru">>, <<"[1] x">>, <<"\"abc">>, <<"01a">>, <<"[1 2]">>, <<"{1:2}">>].
parse(B) -> {V, R} = value(ws(B)), <<>> = ws(R), V.
ws(<<C, R/binary>>) when C =:= $\s; C =:= $\n; C =:= $\t; C =:= $\r -> ws(R);
ws(B) -> B.
value(<<"null", R/binary>>) -> {null, R};
value(<<"true", R/binary>>) -> {true, R};
value(<<"false", R/binary>>) -> {false, R};
value(<<$", R/binary>>) -> string(R, <<>>);
value(<<$[, R/binary>>) -> case ws(R) of <<$], T/binary>> -> {[], T}; T -> array(T, []) end;
value(<<${, R/binary>>) -> case ws(R) of <<$}, T/binary>> -> {#{}, T}; T -> object(T, #{}) end;
value(<<C, _/binary>> = B) when C =:= $-; C >= $0, C =< $9 -> number(B);
value(B) -> throw({unexpected, B}).
array(B, Acc) -> {V, R} = value(ws(B)), case ws(R) of <<$,, T/binary>> -> array(T, [V | Acc]); <<$], T/binary>> -> {lists:reverse([V | Acc], []), T}; T -> throw({array, T}) end.
object(B, M) -> case ws(B) of <<$", R/binary>> -> {K, R1} = string(R, <<>>), case ws(R1) of <<$:, R2/binary>> -> {V, R3} = value(ws(R2)), case ws(R3) of <<$,, T/binary>> -> object(T, M#{K => V}); <<$}, T/binary>> -> {M#{K => V}, T}; T -> throw({object, T}) end; T -> throw({colon, T}) end; T -> throw({key, T}) end.
string(<<$", R/binary>>, A) -> {A, R};
string(<<"\\u", H:4/binary, R/binary>>, A) -> C = binary_to_integer(H, 16), string(R, <<A/binary, C/utf8>>);
string(<<$\\, C, R/binary>>, A) -> string(R, <<A/binary, (esc(C))>>);
string(<<C/utf8, R/binary>>, A) -> string(R, <<A/binary, C/utf8>>);
string(B, _) -> throw({string, B}).
esc($n) -> $\n;
esc($t) -> $\t;
esc(C) -> C.
number(B) -> N = len(B, 0), <<T:N/binary, R/binary>> = B, {to_number(T), R}.
len(<<C, R/binary>>, N) when C >= $0, C =< $9; C =:= $-; C =:= $+; C =:= $.; C =:= $e; C =:= $E -> len(R, N + 1);
len(_, N) -> N.
to_number(T) -> case binary:match(T, [<<".">>, <<"e">>, <<"E">>]) of nomatch -> binary_to_integer(T); _ -> case binary:match(T, <<".">>) of nomatch -> [A, B] = binary:split(T, [<<"e">>, <<"E">>]), binary_to_float(<<A/binary, ".0e", B/binary>>); _ -> binary_to_float(T) end end.
write(null) -> "null";
write(true) -> "true";
write(false) -> "false";
write(N) when is_integer(N) -> integer_to_list(N);
write(F) when is_float(F) -> float_to_list(F, [short]);
write(B) when is_binary(B) -> [$", << <<(case C of $" -> <<"\\\"">>; $\\ -> <<"\\\\">>; $\n -> <<"\\n">>; _ -> <<C/utf8>> end)/binary>> || <<C/utf8>> <= B >>, $"];
write([]) -> "[]";
write([H | T]) -> [$[, write(H), [[$,, write(X)] || X <- T], $]];
write(M) when is_map(M) -> [${, join([[write(K), $:, write(map_get(K, M))] || K <- sort(maps:keys(M))]), $}].
join([]) -> [];
join([H | T]) -> [H | [[$,, X] || X <- T]].
