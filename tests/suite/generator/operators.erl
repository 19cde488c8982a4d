%% Operators with literal operands on either side, comparisons that choose a branch, and selections: the shapes of
%% code that have instructions of their own, on terms of every type.
-module(operators).
-export([programs/0]).

programs() ->
    [{"op_" ++ Name, source("op_" ++ Name, Funs)} || {Name, Funs} <- arithmetic() ++ comparisons() ++ selections()].

source(Name, Funs) ->
    ["%% Made by the generator.\n-module(", Name, ").\n-export([main/0]).\n\nmain() ->\n    suite_kit:table([",
     lists:join(",\n        ", [io_lib:format("{~w, fun f~w/1}", [I, I]) || {I, _} <- Funs]),
     "], suite_kit:pool(all)).\n\n",
     [[string:replace(Text, "f(", io_lib:format("f~w(", [I]), all), "\n"] || {I, Text} <- Funs]].

numbered(Texts) -> lists:zip(lists:seq(1, length(Texts)), [unicode:characters_to_list(T) || T <- Texts]).

numbers() -> ["0", "1", "-1", "7", "255", "576460752303423487", "-576460752303423488", "576460752303423488", "(1 bsl 70)", "1.5"].

arithmetic() ->
    Operators = [{"plus", "+"}, {"minus", "-"}, {"times", "*"}, {"over", "/"}, {"idiv", "div"}, {"irem", "rem"},
                 {"band", "band"}, {"bor", "bor"}, {"bxor", "bxor"}, {"bsl", "bsl"}, {"bsr", "bsr"}],
    [{Name, numbered(lists:append([[both(Op, N), guard(Op, N)] || N <- operands(Op)]))} || {Name, Op} <- Operators].

operands(Op) when Op =:= "bsl"; Op =:= "bsr" -> ["0", "1", "-1", "7", "59", "60", "64", "65", "1.5"];
operands(_) -> numbers().

%% The literal to the right; to the left of a shift it would be what is shifted by anything.
both("bsl", N) -> ["f(X) -> {X bsl ", N, "}."];
both(Op, N) -> ["f(X) -> {try X ", Op, " ", N, " catch C:R -> {C, R} end, try ", N, " ", Op, " X catch C:R -> {C, R} end}."].

guard(Op, N) -> ["f(X) when X ", Op, " ", N, " > 3 -> more; f(X) when is_integer(X) -> integer; f(X) when X > ", N, " -> X; f(_) -> none."].

comparisons() ->
    Operators = [{"lt", "<"}, {"le", "=<"}, {"gt", ">"}, {"ge", ">="}, {"eq", "=="}, {"ne", "/="}, {"exact_eq", "=:="}, {"exact_ne", "=/="}],
    Terms = numbers() ++ ["a", "[]", "{}", "\"abc\"", "[1|2]", "{1,a}", "<<1,2,3>>", "<<5:3>>", "#{}", "#{a=>1,2=>b}", "0.0"],
    [{Name, numbered(lists:append([[["f(X) -> {X ", Op, " ", T, ", if ", T, " ", Op, " X -> yes; true -> no end}."]] || T <- Terms]))}
     || {Name, Op} <- Operators].

selections() ->
    [{"select", numbered([
        "f(X) -> case X of a -> 1; true -> 2; false -> 3; latin1 -> 4; 'é€😀' -> 5; _ -> other end.",
        "f(X) -> case X of 0 -> z; 1 -> o; 2 -> t; 3 -> h; 97 -> a; 255 -> b; _ -> other end.",
        "f(X) -> case X of 576460752303423488 -> b59; 18446744073709551616 -> b64; -576460752303423489 -> mb; 9223372036854775808 -> b63; _ -> other end.",
        "f(X) -> case X of 0.0 -> zero; 1.0 -> one; 2.5 -> two; 1.0e20 -> big; _ -> other end.",
        "f(X) -> case X of 0 -> i; 0.0 -> f; a -> a; [] -> nil; {} -> t; <<>> -> b; \"abc\" -> s; _ -> other end.",
        "f(X) -> case X of {} -> 0; {A} -> {1, A}; {A, B} -> {2, A, B}; {_, _, C} -> {3, C}; _ -> other end.",
        "f(X) -> case X of {a} -> a; {1, A} -> A; {0, N} -> {n, N}; {1, F, S} -> {F, S}; _ -> other end.",
        "f(X) -> case X of [A, B | T] -> {A, B, T}; [A | T] -> {A, T}; [] -> nil; _ -> other end.",
        "f([1 | T]) -> {one, T}; f([A, 2 | _]) -> {two, A}; f(\"abc\" ++ _) -> abc; f([[_ | _] | T]) -> {nested, T}."
        ])},
     {"types", numbered([["f(X) when ", T, "(X) -> yes; f(_) -> no."] || T <-
        ["is_atom", "is_binary", "is_bitstring", "is_boolean", "is_float", "is_function", "is_integer", "is_list", "is_map",
         "is_number", "is_pid", "is_port", "is_reference", "is_tuple"]] ++
        ["f(X) when is_function(X, 1) -> one; f(X) when is_function(X, 2) -> two; f(_) -> no.",
         "f(X) when is_record(X, a, 1) -> record; f(X) when is_record(X, b, 2) -> never; f(_) -> no.",
         "f(X) when is_list(X), hd(X) > 1 -> more; f(X) when tl(X) =:= [] -> one; f(X) when length(X) > 2 -> long; f(_) -> no.",
         "f(X) when tuple_size(X) > 1, element(2, X) > 1 -> yes; f(X) when element(1, X) =:= a -> a; f(_) -> no.",
         "f(X) when is_atom(X) and (X > b) -> late; f(X) when is_atom(X) orelse is_integer(X) -> early; f(X) when not is_list(X) -> other; f(_) -> list.",
         "f(X) when map_size(X) > 1 -> map; f(X) when byte_size(X) > 3 -> bytes; f(X) when bit_size(X) rem 8 =:= 3 -> bits; f(_) -> no."])},
     {"maps", numbered([
        "f(X) -> X#{a => 1}.", "f(X) -> X#{a := 1}.", "f(X) -> X#{1 => one, 1.0 => float, \"s\" => s}.",
        "f(X) -> X#{a := 1, 2 := two}.", "f(X) -> X#{a => X, {t} => 2, <<1>> => 3}.",
        "f(#{a := A}) -> A.", "f(#{1 := A, 1.0 := B}) -> {A, B}; f(#{2 := A}) -> A; f(#{}) -> map; f(_) -> none.",
        "f(#{a := 1, 2 := B}) -> B; f(X) when is_map_key(a, X) -> has; f(X) when map_get(2, X) =:= b -> two; f(_) -> none.",
        "f(X) -> #{X => 1, a => 2, 1 => 3}.", "f(X) -> M = #{a => X}, N = M#{a := [X], b => M}, {M, N}.",
        "f(X) -> case #{b => 1, X => 2} of #{X := V} -> V end.", "f(X) -> maps:get(X, #{a => 1, 1 => 2, [] => 3})."])},
     {"floats", numbered([
        "f(X) when is_float(X) -> {X + 1.0, X * 2.0 - X, X / 4.0, -X}; f(X) -> X.",
        "f(X) -> X * 2.0 + 1.0.", "f(X) -> Y = float(X), Y * Y - 1.0.", "f(X) when is_number(X) -> X / 3; f(X) -> X.",
        "f(X) -> case catch X / 0 of {'EXIT', {R, _}} -> R; V -> V end.", "f(X) when is_float(X), X * 1.0e300 > 1.0 -> large; f(_) -> no.",
        "f(X) when is_integer(X) -> {X * 1.0, X / 7, X - 0.5}; f(_) -> no.", "f(X) -> {trunc(X), round(X), floor(X), ceil(X)}."])},
     {"raises", numbered([
        "f(X) -> A = suite_kit:id(X), 1 = A.", "f(X) -> case X of nothing -> 1 end.", "f(X) -> if X =:= nothing -> 1 end.",
        "f(nothing) -> 1.", "f(X) -> try X of nothing -> 1 after suite_kit:id(1) end.", "f(X) -> X(1).", "f(X) -> X(1, 2).",
        "f(X) -> X:main(1).", "f(X) -> erlang:X(1).", "f(X) -> apply(X, [1]).", "f(X) -> apply(erlang, hd, X).", "f(X) -> error(X).",
        "f(X) -> throw(X).", "f(X) -> exit(X).", "f(X) -> catch error(X), catch throw(X).", "f(X) -> X#{a := 1}, ok.", "f(X) -> hd(X).",
        "f(X) -> try error(X) catch error:R when is_atom(R) -> {atom, R} end.",
        "f(X) -> try throw(X) catch R -> {thrown, R} after suite_kit:id(2) end.",
        "f(X) -> try exit(X) catch exit:R:S -> {R, is_list(S)} end.", "f(X) -> [Y || Y <- X].", "f(X) -> [Y || {Y, _} <- X, is_atom(Y)].",
        "f(X) -> << <<Y>> || <<Y>> <= X >>.", "f(X) -> << <<(Y + 1)>> || Y <- X >>.", "f(X) -> X and true.", "f(X) -> X andalso yes.",
        "f(X) -> not X.", "f(X) -> X ! x.", "f(X) -> fun(Y) -> {X, Y} end(X).", "f(X) -> (catch X + 1) =:= 2.",
        "f(X) -> try X + 1 catch C:R -> erlang:raise(C, {again, R}, []) end.", "f(X) -> {ok, Y} = {ok, X}, [Z | _] = Y, Z."])}].
