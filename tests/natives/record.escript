#!/usr/bin/env escript
%%! +fnu
%% Writes the right sides of a table of calls, each line `Call ==> Answer`, as this Erlang answers.

-mode(compile).

main(Files) ->
    lists:foreach(fun record/1, Files).

record(File) ->
    {ok, Bytes} = file:read_file(File),
    Lines = string:split(string:trim(unicode:characters_to_list(Bytes), trailing, "\n"), "\n", all),
    ok = file:write_file(File, unicode:characters_to_binary([[line(L), $\n] || L <- Lines])).

line("") -> "";
line("#" ++ _ = Comment) -> Comment;
line(Line) ->
    [Call | _] = string:split(Line, " ==> "),
    [Call, " ==> ", answer(Call)].

answer(Call) ->
    {ok, Tokens, _} = erl_scan:string(Call ++ "."),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    try erl_eval:exprs(Expressions, [], {value, fun generate/2}) of
        {value, Value, _} -> io_lib:format("~tw", [Value])
    catch
        Class:Reason -> io_lib:format("~w:~tw", [Class, Reason])
    end.

generate(seq, [A, B]) -> lists:seq(A, B);
generate(dup, [N, Term]) -> lists:duplicate(N, Term);
generate(squares, [N]) -> maps:from_list([{I, I * I} || I <- lists:seq(1, N)]);
generate(closure, [Term]) -> fun(_) -> Term end;
generate(self, []) -> self().
