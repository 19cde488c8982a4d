%% Hashes of OTP's `crypto`, whole and in pieces, keyed ones, keys from passwords, and what can be said of random bytes.
-module(l_crypto).
-export([main/0]).
-compile([{nowarn_deprecated_function, [{crypto, rand_uniform, 2}]}]).

-define(HASHES, [md5, sha, sha224, sha256, sha384, sha512, sha3_224, sha3_256, sha3_384, sha3_512]).

main() ->
    Texts = [<<>>, <<"abc">>, binary:copy(<<"0123456789">>, 1000), [<<"a">>, "list", [$!]]],
    [say({Hash, [hex(crypto:hash(Hash, Text)) || Text <- Texts], crypto:hash_info(Hash)}) || Hash <- ?HASHES],
    [say({Hash, hex(in_pieces(Hash)), in_pieces(Hash) =:= crypto:hash(Hash, pieces())}) || Hash <- ?HASHES],
    Keys = [<<>>, <<"key">>, binary:copy(<<"k">>, 200)],
    [say({Hash, [hex(crypto:mac(hmac, Hash, Key, "message")) || Key <- Keys]}) || Hash <- ?HASHES],
    [say(hex(keyed_in_pieces(Hash, <<"key">>)) =:= hex(crypto:mac(hmac, Hash, <<"key">>, pieces()))) || Hash <- ?HASHES],
    say(crypto:macN(hmac, sha256, <<"key">>, <<"message">>, 7)),
    [say(hex(crypto:pbkdf2_hmac(Hash, <<"password">>, <<"salt">>, 100, Bytes))) || Hash <- [sha, sha256, sha512], Bytes <- [1, 32, 100]],
    say([crypto:exor(<<1, 2, 3>>, [255, 2, 0]), crypto:hash_equals(<<"ab">>, <<"ab">>), crypto:hash_equals(<<"ab">>, <<"ac">>)]),
    say([crypto:mod_pow(2, 100, 97), crypto:mod_pow(3, 1 bsl 200, 1 bsl 127 - 1), crypto:bytes_to_integer(<<1, 0>>)]),
    random(),
    wrong().

random() ->
    say([byte_size(crypto:strong_rand_bytes(N)) || N <- [0, 1, 7, 8, 9, 1000]]),
    say(crypto:strong_rand_bytes(20) =:= crypto:strong_rand_bytes(20)),
    say(lists:all(fun(N) -> N >= 5 andalso N < 9 end, [crypto:rand_uniform(5, 9) || _ <- lists:seq(1, 200)])),
    say(lists:usort([crypto:rand_uniform(5, 9) || _ <- lists:seq(1, 400)])),
    say(lists:usort([rand:uniform_s(3, crypto:rand_seed_s()) > 3 || _ <- [1, 2]])),
    State = crypto:rand_seed_alg(crypto),
    say(is_tuple(State) andalso lists:all(fun(_) -> N = rand:uniform(10), N >= 1 andalso N =< 10 end, lists:seq(1, 100))),
    say(crypto:rand_seed(<<"a seed">>)).

wrong() ->
    [say(raised(Call)) || Call <- [
        fun() -> crypto:hash(none, "a") end,
        fun() -> crypto:hash(sha, none) end,
        fun() -> crypto:hash_init(none) end,
        fun() -> crypto:hash_update(none, "a") end,
        fun() -> crypto:hash_final(<<"no context">>) end,
        fun() -> crypto:mac(none, sha, "a", "b") end,
        fun() -> crypto:mac(hmac, none, "a", "b") end,
        fun() -> crypto:mac_init(hmac, none, "a") end,
        fun() -> crypto:mac_update(none, "a") end,
        fun() -> crypto:mac_final(none) end,
        fun() -> crypto:pbkdf2_hmac(none, <<"a">>, <<"b">>, 1, 1) end,
        fun() -> crypto:pbkdf2_hmac(sha, <<"a">>, <<"b">>, 0, 1) end,
        fun() -> crypto:pbkdf2_hmac(sha, <<"a">>, <<"b">>, 1, 0) end,
        fun() -> crypto:pbkdf2_hmac(sha, "a", <<"b">>, 1, 1) end,
        fun() -> crypto:pbkdf2_hmac(sha, <<"a">>, "b", 1, 1) end,
        fun() -> crypto:exor(<<"a">>, <<"bc">>) end,
        fun() -> crypto:hash_equals(<<"a">>, <<"bc">>) end,
        fun() -> crypto:strong_rand_bytes(-1) end,
        fun() -> crypto:rand_uniform(5, 5) end,
        fun() -> crypto:mod_pow(1, 2, 0) end
    ]].

raised(Call) ->
    try Call() of
        Value -> {value, Value}
    catch
        Class:Reason:Trace ->
            [{Module, Function, Arguments, About} | _] = Trace,
            {Class, Reason, Module, Function, Arguments, proplists:get_value(error_info, About)}
    end.

pieces() -> [binary:copy(<<N>>, N) || N <- lists:seq(1, 100)].

in_pieces(Hash) ->
    crypto:hash_final(lists:foldl(fun(Piece, Context) -> crypto:hash_update(Context, Piece) end, crypto:hash_init(Hash), pieces())).

keyed_in_pieces(Hash, Key) ->
    crypto:mac_final(lists:foldl(fun(Piece, Context) -> crypto:mac_update(Context, Piece) end, crypto:mac_init(hmac, Hash, Key), pieces())).

hex(Bytes) -> binary:encode_hex(Bytes).

say(What) -> io:format("~p~n", [What]).
