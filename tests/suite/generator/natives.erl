%% One program for each native function of `natives.spec`: the function on terms of every type, called in the
%% middle of a body, as its tail, by `apply`, and in guards where it may stand there.
-module(natives).
-export([programs/1]).

%% Programs as {Name, Source}.
programs(Spec) ->
    {ok, Text} = file:read_file(Spec),
    Programs = lists:foldl(fun row/2, [], rows(unicode:characters_to_list(Text))),
    lists:reverse(Programs).

rows(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    split(Tokens, []).

split([], []) -> [];
split([{dot, _} = Dot | T], Row) ->
    {ok, [Expression]} = erl_parse:parse_exprs(lists:reverse(Row, [Dot])),
    [Expression | split(T, [])];
split([Token | T], Row) -> split(T, [Token | Row]).

row({tuple, _, [M, F, A, Class, Mode, Extras]}, Programs) ->
    [Module, Function, Arity, C] = [erl_parse:normalise(X) || X <- [M, F, A, Class]],
    Name = lists:flatten(io_lib:format("n_~s_~s_~w", [Module, plain(Function), Arity])),
    Text = lists:flatten(erl_pp:expr(Extras)),
    {Without, Compared} = case erl_parse:normalise(Mode) of
        {without, Names, Of} -> {Names, Of};
        {only, Of} -> {all, Of};
        plain -> {[self, ref, closure, export, big_map], exact};
        Of -> {[], Of}
    end,
    Source = source(Name, {Module, Function, Arity}, C, {Compared, Without}, Text),
    [{Name, Source} | Programs].

%% A function's name as part of a file's.
plain(F) ->
    case [C || C <- atom_to_list(F), C >= $a andalso C =< $z orelse C =:= $_ orelse C >= $0 andalso C =< $9] of
        [] -> operator(F);
        Name -> Name
    end.

operator(F) ->
    Names = #{'!' => "send", '*' => "times", '+' => "plus", '-' => "minus", '/' => "over", '/=' => "ne", '<' => "lt",
              '=/=' => "exact_ne", '=:=' => "exact_eq", '=<' => "le", '==' => "eq", '>' => "gt", '>=' => "ge",
              '++' => "append", '--' => "subtract"},
    "op_" ++ maps:get(F, Names).

source(Name, {M, F, A} = MFA, Class, {Mode, Without}, Extras) ->
    Variables = variables(A),
    Call = io_lib:format("~w:~w(~s)", [M, F, lists:join(", ", Variables)]),
    Arguments = lists:join(", ", Variables),
    %% In a guard is_record wants a literal; max and min may stand there since OTP 26.
    Guards = Class =:= guard andalso not lists:member(F, [is_record, max, min]),
    Test = Guards andalso boolean(F),
    Others = case Mode of
        {process, _} -> [];
        _ -> ["{tail, fun([", Arguments, "], _) -> tail(", Arguments, ") end}",
              [[", {guard, fun([", Arguments, "], V) -> guard(", lists:join(", ", Variables ++ ["V"]), ") end}"] || Guards],
              [[", {test, fun([", Arguments, "], _) -> test(", Arguments, ") end}"] || Test]]
    end,
    Tail = case Mode of
        {process, _} -> [];
        _ -> ["tail(", Arguments, ") -> ", Call, ".\n"]
    end,
    ["%% Made by the generator from natives.spec.\n"
     "-module(", Name, ").\n-export([main/0]).\n-compile([nowarn_deprecated_function, nowarn_removed, {no_auto_import, []}]).\n\n"
     "main() ->\n    suite_kit:sweep(", io_lib:format("~p, ~p", [Mode, MFA]), ", ", without(Without, pool(A, Mode)), ",\n        ", Extras,
     ",\n        fun([", Arguments, "]) -> body(", Arguments, ") end,\n        [", Others, "]).\n\n",
     "body(", Arguments, ") ->\n    Value = ", Call, ",\n    suite_kit:id(Value).\n",
     Tail,
     [["guard(", lists:join(", ", Variables ++ ["V"]), ") when ", Call, " =:= V -> same;\nguard(",
       lists:join(", ", ["_" || _ <- Variables] ++ ["_"]), ") -> other.\n"] || Guards],
     [["test(", Arguments, ") when ", Call, " -> yes;\ntest(", lists:join(", ", ["_" || _ <- Variables]), ") -> no.\n"]
      || Test]].

variables(A) -> [[$A, $0 + I] || I <- lists:seq(1, A)].

boolean(F) ->
    lists:prefix("is_", atom_to_list(F)) orelse
        lists:member(F, ['<', '>', '=<', '>=', '==', '/=', '=:=', '=/=', 'and', 'or', 'xor', 'not']).

without(all, _) -> "[]";
without([], Pool) -> Pool;
without(Names, Pool) ->
    io_lib:format("[Named || {N, _} = Named <- ~s, not lists:member(N, ~w)]", [Pool, Names]).

%% The more arguments the fewer terms for each; fewer still where each call starts a process.
pool(A, {process, _}) when A > 1 -> pool(A + 1, exact);
pool(A, _) when A =< 1 -> "suite_kit:pool(all)";
pool(2, _) -> "suite_kit:pool(many)";
pool(3, _) -> "suite_kit:pool(few)";
pool(_, _) -> "suite_kit:pool(three)".
