%% Construction and matching of binaries: every type of segment with sizes, units, signs and orders, with sizes that
%% are literals and variables.
-module(bits).
-export([programs/0]).

programs() ->
    [{"bits_" ++ Name, source("bits_" ++ Name, Pool, Texts)} || {Name, Pool, Texts} <- build() ++ match()].

source(Name, Pool, Texts) ->
    Funs = lists:zip(lists:seq(1, length(Texts)), Texts),
    ["%% Made by the generator.\n-module(", Name, ").\n-export([main/0]).\n\nmain() ->\n    suite_kit:table([",
     lists:join(",\n        ", [io_lib:format("{~w, fun f~w/1}", [I, I]) || {I, _} <- Funs]), "], ", Pool, ").\n\n",
     [[string:replace(lists:flatten(Text), "f(", io_lib:format("f~w(", [I]), all), "\n"] || {I, Text} <- Funs]].

all() -> "suite_kit:pool(all)".

%% Without sizes for which there would be memory to look for.
small() -> "[{N, T} || {N, T} <- suite_kit:pool(all), not (is_integer(T) andalso T > 1000)]".

%% Runs of bits at several places in their bytes.
runs() ->
    "[{N, B} || {N, B} <- suite_kit:pool(all), is_bitstring(B)] ++ [{{ones, N}, <<-1:N>>} || N <- [1, 8, 31, 60, 64, 65, 200]] ++\n"
    "        [{{from, N}, begin <<_:N, B/bits>> = suite_kit:id(<<16#f0e1d2c3b4a5968778695a4b3c2d1e0f:128, \"text\">>), B end} || N <- [0, 1, 4, 7, 8, 60]]".

sizes() -> [0, 1, 7, 8, 9, 16, 24, 32, 33, 59, 60, 61, 64, 65, 128].

flags() -> ["", "/little", "/signed", "/little-signed", "/native"].

build() ->
    Integers = [[["f(X) -> <<X:", integer_to_list(S), F, ">>."] || S <- sizes()] || F <- flags()],
    [{"make_integer_" ++ integer_to_list(I), all(), Texts} || {I, Texts} <- lists:zip(lists:seq(1, length(Integers)), Integers)] ++
    [{"make_unaligned", all(), [["f(X) -> <<5:3, X:", integer_to_list(S), ", 1:1>>."] || S <- sizes()]},
     {"make_float", all(), [["f(X) -> <<X:", S, "/float", F, ">>."] || S <- ["16", "32", "64"], F <- ["", "-little", "-native"]] ++
        ["f(X) -> <<1:1, X/float>>."]},
     {"make_binary", all(), ["f(X) -> <<X/binary>>.", "f(X) -> <<X/bits>>.", "f(X) -> <<X:2/binary>>.", "f(X) -> <<X:0/binary>>.",
        "f(X) -> <<X:5/bits>>.", "f(X) -> <<1:1, X/bits>>.", "f(X) -> <<1:1, X/binary, 2:7>>.", "f(X) -> <<X/binary-unit:16>>.",
        "f(X) -> <<X/bits, X/bits>>.", "f(X) -> <<X:2/binary-unit:4>>.", "f(X) -> B = <<X/bits, 1>>, <<B/bits, 2, X/bits>>."]},
     {"make_utf", all(), ["f(X) -> <<X/utf8>>.", "f(X) -> <<X/utf16>>.", "f(X) -> <<X/utf16-little>>.", "f(X) -> <<X/utf32>>.",
        "f(X) -> <<X/utf32-little>>.", "f(X) -> <<1:1, X/utf8>>.", "f(X) -> <<\"é€😀\"/utf8, X/utf8>>."]},
     {"make_sized", small(), ["f(X) -> <<1:X>>.", "f(X) -> <<-1:X/little>>." , "f(X) -> <<7:X/unit:8>>.", "f(X) -> <<1.5:X/float>>.",
        "f(X) -> B = suite_kit:id(<<1, 2, 3, 4>>), <<B:X/binary>>.", "f(X) -> B = suite_kit:id(<<1, 2, 3, 4>>), <<B:X/bits>>."]},
     {"make_mixed", all(), ["f(X) -> <<X, X:16, X/little-signed>>.", "f(X) -> <<\"head\", X, \"tail\">>.", "f(X) -> << <<X>> || _ <- [1, 2, 3] >>.",
        "f(X) -> << <<X:3>> || _ <- \"abc\" >>.", "f(X) -> << <<B>> || <<B>> <= X, B > 1 >>.", "f(X) -> [B || <<B:3>> <= X]."]}].

match() ->
    Integers = [[["f(<<X:", integer_to_list(S), F, ", T/bits>>) -> {X, T}; f(_) -> no."] || S <- sizes()] || F <- flags()],
    [{"get_integer_" ++ integer_to_list(I), runs(), Texts} || {I, Texts} <- lists:zip(lists:seq(1, length(Integers)), Integers)] ++
    [{"get_float", runs(), [["f(<<X:", S, "/float", F, ", T/bits>>) -> {X, T}; f(_) -> no."] || S <- ["16", "32", "64"], F <- ["", "-little", "-native"]]},
     {"get_binary", runs(), ["f(<<X:2/binary, T/bits>>) -> {X, T}; f(_) -> no.", "f(<<X/binary>>) -> X; f(_) -> no.", "f(<<X:3, T/binary>>) -> {X, T}; f(_) -> no.",
        "f(<<X:5/bits, Y:9/bits, T/bits>>) -> {X, Y, T}; f(_) -> no.", "f(<<X/binary-unit:16>>) -> X; f(_) -> no.",
        "f(<<_, X/binary-unit:24>>) -> X; f(<<_:3, X/bits>>) -> X; f(_) -> no."]},
     {"get_utf", runs(), [["f(<<X/", U, ", T/bits>>) -> {X, T}; f(_) -> no."] || U <- ["utf8", "utf16", "utf16-little", "utf32", "utf32-little"]] ++
        [["f(<<_/", U, ", T/bits>>) -> T; f(_) -> no."] || U <- ["utf8", "utf16", "utf32"]] ++ ["f(<<1:1, X/utf8, T/bits>>) -> {X, T}; f(_) -> no."]},
     {"get_sized", runs(), ["f(<<S, X:S, T/bits>>) -> {X, T}; f(_) -> no.", "f(<<S:4, X:S/binary, T/bits>>) -> {X, T}; f(_) -> no.",
        "f(<<S:3, X:S/bits, T/bits>>) -> {X, T}; f(_) -> no.", "f(<<S:2, _:S/unit:3, T/bits>>) -> T; f(_) -> no.",
        "f(<<S:6, X:S/signed-little, T/bits>>) -> {X, T}; f(_) -> no.", "f(<<S, X:(S rem 64), T/bits>>) -> {X, T}; f(_) -> no.", "f(B) -> S = bit_size(B) div 2, <<X:S/bits, Y/bits>> = B, {X, Y}."]},
     {"get_sizes_of_all", all(), ["f(X) -> B = suite_kit:id(<<1, 2, 3, 4, 5, 6, 7, 8>>), case B of <<V:X, T/bits>> -> {V, T}; _ -> no end.",
        "f(X) -> B = suite_kit:id(<<1, 2, 3, 4, 5, 6, 7, 8>>), case B of <<V:X/binary, T/bits>> -> {V, T}; _ -> no end.",
        "f(X) -> B = suite_kit:id(<<63, 128, 0, 0, 5, 6, 7, 8>>), case B of <<V:X/float, T/bits>> -> {V, T}; _ -> no end.",
        "f(X) -> B = suite_kit:id(<<1, 2, 3, 4, 5, 6, 7, 8>>), case B of <<_:X, T/bits>> -> T; _ -> no end."]},
     {"get_values", runs(), ["f(<<1, 2, T/bits>>) -> T; f(<<\"he\", T/bits>>) -> {he, T}; f(<<5:3>>) -> five; f(<<0:1, T/bits>>) -> {zero, T}; f(_) -> no.",
        "f(<<-1:8/signed, T/bits>>) -> T; f(<<16#f0e1:16, T/bits>>) -> {start, T}; f(<<16#e1f0:16/little, _/bits>>) -> little; f(_) -> no.",
        "f(<<\"é\"/utf8, T/bits>>) -> T; f(<<1.0:32/float, T/bits>>) -> T; f(<<>>) -> empty; f(_) -> no."]}].
