#!/usr/bin/env escript
%% Runs the tables of this directory on the installed OTP.
%%
%%   escript otp.escript FILE...          says where OTP answers otherwise; exit status 1 if it does
%%   escript otp.escript --write FILE...  writes OTP's answers into the tables
%%
%% A table has sections, each begun by a line `== title`, each with fresh processes A, B and C and a process
%% D that has ended. A line `A: call -> answer` has that process evaluate the call; `src/process/tests/tables.rs`
%% says the rest.
-mode(compile).

main(["--write" | Files]) -> lists:foreach(fun write/1, Files);
main(Files) ->
    Wrong = lists:sum([check(F) || F <- Files]),
    Wrong =:= 0 orelse halt(1).

check(File) ->
    Before = lines(File),
    After = run(Before),
    Differ = [{N, B, A} || {N, B, A} <- lists:zip3(lists:seq(1, length(Before)), Before, After), B =/= A],
    [io:format("~ts:~w: the table has~n  ~ts~nand OTP answers~n  ~ts~n", [File, N, B, A]) || {N, B, A} <- Differ],
    length(Differ).

write(File) ->
    ok = file:write_file(File, unicode:characters_to_binary([[L, $\n] || L <- run(lines(File))])).

lines(File) ->
    {ok, Bytes} = file:read_file(File),
    string:split(string:trim(unicode:characters_to_list(Bytes), trailing, "\n"), "\n", all).

run(Lines) -> run(Lines, none).

run([], World) -> stop(World), [];
run(["== " ++ _ = Line | Rest], World) -> stop(World), [Line | run(Rest, start())];
run([Line | Rest], World) ->
    case {Line, string:split(Line, " ->")} of
        {"", _} -> [Line | run(Rest, World)];
        {"#" ++ _, _} -> [Line | run(Rest, World)];
        {_, [Call | _]} ->
            {Actor, Text} = actor(Call),
            {Answer, World1} = evaluate(Actor, Text, World),
            [Call ++ " -> " ++ Answer | run(Rest, World1)]
    end.

actor([Name, $:, $\s | Text]) when Name >= $A, Name =< $C -> {list_to_atom([Name]), Text};
actor(Text) -> {'A', Text}.

%% Bindings of a section: variable to term.
start() ->
    D = spawn(fun() -> ok end),
    World = [{Name, spawn(fun actor_loop/0)} || Name <- ['A', 'B', 'C']] ++ [{'D', D}],
    timer:sleep(5),
    World.

stop(none) -> ok;
stop(World) -> [exit(P, kill) || {_, P} <- World, is_pid(P), P =/= self()], timer:sleep(2).

actor_loop() ->
    receive
        {evaluate, From, Exprs, Bindings} ->
            Answer =
                try erl_eval:exprs(Exprs, Bindings, {value, fun(Name, Args) -> apply(erlang, Name, Args) end}) of
                    {value, V, B} -> {value, V, B}
                catch
                    Class:Reason:Stack -> {Class, Reason, cause(Stack)}
                end,
            From ! {answer, self(), Answer},
            actor_loop()
    end.

cause([{_, _, _, [{error_info, #{cause := Cause}} | _]} | _]) -> Cause;
cause([{M, F, A, [_ | Info]} | _]) when is_list(Info) -> cause([{M, F, A, Info}]);
cause(_) -> none.

evaluate(Actor, Text, World) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    Pid = proplists:get_value(Actor, World),
    Pid ! {evaluate, self(), Exprs, World},
    Answer = await(Pid, 100),
    timer:sleep(4),
    case Answer of
        {value, V, Bindings} -> {show(V, Bindings), Bindings};
        {Class, Reason, none} -> {lists:concat([Class, ":", show(Reason, World)]), World};
        {Class, Reason, Cause} -> {lists:concat([Class, ":", show(Reason, World), " (", Cause, ")"]), World};
        gone -> {"gone", World};
        waits -> {"waits", World}
    end.

await(Pid, 0) ->
    case is_process_alive(Pid) of true -> waits; false -> gone end;
await(Pid, Left) ->
    receive
        {answer, Pid, Answer} -> Answer
    after 5 ->
        case is_process_alive(Pid) of
            false -> receive {answer, Pid, Answer} -> Answer after 5 -> gone end;
            true -> await(Pid, Left - 1)
        end
    end.

%% Pids and references by the variable that holds them, otherwise as PID and REF.
show(Term, Bindings) ->
    Named = [{text(V), atom_to_list(Name)} || {Name, V} <- lists:reverse(lists:keysort(1, Bindings)), is_pid(V) orelse is_reference(V)],
    Text = lists:foldl(
        fun({From, To}, T) -> string:replace(T, From, To, all) end, text(Term), Named
    ),
    Pids = re:replace(unicode:characters_to_binary(Text), "<[0-9]+\\.[0-9]+\\.[0-9]+>", "PID", [global, {return, binary}]),
    Refs = re:replace(Pids, "#RefPID|#Ref<[0-9.]+>", "REF", [global, {return, binary}]),
    Funs = re:replace(Refs, "#Fun<[^>]*>", "FUN", [global, {return, binary}]),
    unicode:characters_to_list(Funs).

text(Term) -> lists:flatten(io_lib:format("~tw", [Term])).
