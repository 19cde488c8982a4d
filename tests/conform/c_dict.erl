%% The process dictionary.
-module(c_dict).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()].

cases() ->
    [{put, fun() -> {put(a, 1), put(a, 2), get(a), get(b)} end}, {erase, fun() -> put(a, 1), {erase(a), erase(a), get(a)} end}, {get_all, fun() -> put(a, 1), put(b, 2), sort(get()) end}, {erase_all, fun() -> put(a, 1), put(b, 2), {sort(erase()), get()} end},
     {keys, fun() -> put(a, 1), put("k", 2), sort(get_keys()) end}, {keys_of_value, fun() -> put(a, 1), put(b, 2), put(c, 1), sort(get_keys(1)) end}, {keys_exact, fun() -> put(a, 1), put(b, 1.0), {get_keys(1), get_keys(1.0)} end}, {any_key, fun() -> [put(K, {v, K}) || K <- ks()], [get(K) || K <- ks()] end},
     {exact_keys, fun() -> put(1, int), put(1.0, float), {get(1), get(1.0), length(get())} end}, {undefined_value, fun() -> {put(a, undefined), get(a), put(a, x), erase(nothing)} end}, {many, fun() -> [put({k, I}, I * I) || I <- seq(1, 2000)], {length(get()), sum([get({k, I}) || I <- seq(1, 2000)]), sum([erase({k, I}) || I <- seq(1, 2000), I rem 2 =:= 0]), length(get())} end},
     {survives_collection, fun() -> put(l, seq(1, 100)), put(b, binary:copy(<<"x">>, 500)), _ = [seq(1, 1000) || _ <- seq(1, 20)], garbage_collect(), {length(get(l)), byte_size(get(b))} end}, {info, fun() -> put(a, 1), process_info(self(), dictionary) end}, {info_item, fun() -> P = other(), {dictionary, D} = process_info(P, dictionary), P ! stop, D end},
     {own, fun() -> put(a, mine), Me = self(), spawn(fun() -> Me ! {theirs, get(a)} end), receive X -> {X, get(a)} end end}, {counter, fun() -> put(n, 0), count(10000), get(n) end}, {large_values, fun() -> put(x, seq(1, 50000)), put(x, [0 | get(x)]), {length(get(x)), hd(get(x))} end}, {in_catch, fun() -> put(a, 1), catch begin put(a, 2), error(x) end, get(a) end}].

other() -> Me = self(), P = spawn(fun() -> put(their, [value]), Me ! ready, receive stop -> ok end end), receive ready -> P end.
ks() -> [a, 1, 1.5, "s", <<"b">>, {t}, [], {}, #{}, #{a => 1}, 1 bsl 70, <<1:3>>, fun ?MODULE:main/0].
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
count(0) -> ok;
count(N) -> put(n, get(n) + 1), count(N - 1).
