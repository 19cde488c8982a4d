%% What every program of the suite shares: terms of every type by name, a function applied to all of them in
%% every way in which code can call it, and answers in a form that two runtimes can compare.
%%
%% Calls nothing but native functions, so that a program and this module are all that runs.
-module(suite_kit).
-compile([nowarn_nomatch]).
-export([sweep/6, table/2, attempt/1, attempt/2, answer/1, answer_alone/1, alone/0, serve/0, show/1, pool/1, id/1]).

id(X) -> X.

%% Terms of a size class by name: `all` for functions of one argument, `many` for two, `few` for three, `three`
%% for more. Names stand in the expected answers.
pool(all) -> pool(many) ++ more();
pool(many) -> pool(few) ++ [
    {i1, id(1)}, {m1, id(-1)}, {i255, id(255)}, {s_max, id(1 bsl 59 - 1)}, {b64, id(1 bsl 64)},
    {f0, id(0.0)}, {f25, id(2.5)}, {true, id(true)}, {a, id(a)},
    {str, id("abc")}, {iol, [id(<<"x">>), [$a | id(<<"b">>)]]}, {pair, {id(0), id(2)}},
    {flat, #{a => id(1), 2 => b}}, {bits, id(<<5:3>>)}, {utf8, id(<<"é€"/utf8>>)}, {export, fun lists:reverse/2}];
pool(few) -> pool(three) ++ [
    {i2, id(2)}, {huge, -(id(1) bsl 200)}, {imp, [1 | id(2)]}, {big_map, large_map()},
    {sub, sub_binary()}, {self, self()}, {closure, closure(id(7))}];
pool(three) -> [
    {i0, id(0)}, {atom, id(latin1)}, {nil, id([])}, {list, [id(1), 2, 3]}, {tup, {id(1), a}},
    {bin, id(<<1, 2, 3>>)}].

more() -> [
    {i3, id(3)}, {i97, id(97)}, {i300, id(300)}, {m300, id(-300)}, {s_min, -(id(1) bsl 59)},
    {b59, id(1 bsl 59)}, {mb59, -(id(1) bsl 59) - 1}, {mb64, -(id(1) bsl 64)}, {b63, id(1 bsl 63)},
    {mf0, id(-0.0)}, {f1, id(1.0)}, {mf775, id(-7.75)}, {f20, id(1.0e20)}, {fmax, id(1.7976931348623157e308)},
    {fmin, id(5.0e-324)}, {f1e15, id(123456789012345.67)},
    {false, id(false)}, {empty, id('')}, {node, id(nonode@nohost)}, {utf, id('é€😀')}, {latin, id('éß')},
    {native, id(native)}, {infinity, id(infinity)}, {module, id(suite_kit)},
    {num, id("12")}, {fnum, id("1.5")}, {uni, [id(8364), 233]}, {bad_char, [id(16#d800)]}, {props, [{a, id(1)}, {b, 2}]},
    {tups, [{id(1), a}, {2.0, b}, {2, c}]}, {atoms, [id(a), b, a]}, {bytes, [id(0), 255, 256]},
    {t0, id({})}, {t1, {id(a)}}, {t3, {id(1), 2.0, "x"}}, {date, {{id(2024), 2, 29}, {23, 59, 59}}},
    {m0, id(#{})}, {fkey, #{1.0 => id(1), 1 => 2}}, {b0, id(<<>>)}, {bnum, id(<<"12">>)}, {bfnum, id(<<"1.5">>)},
    {etf, id(<<131, 104, 2, 97, 1, 106>>)}, {bad_etf, id(<<131, 255>>)}, {latin_bin, id(<<233, 32>>)},
    {bits67, id(<<1, 2, 3, 4, 5, 6, 7, 8, 5:3>>)}, {long, long()}, {deep, [[[id(1)], 2], [3]]},
    {ref, make_ref()}, {iol_bits, [id(1), <<3:2>>]}].

large_map() -> maps:from_list([{I, {I}} || I <- seq(1, 40)]).

sub_binary() ->
    <<_:3, B:3/binary, _/bits>> = id(<<16#aa, 16#bb, 16#cc, 16#dd, 16#ee>>),
    B.

closure(N) -> fun(X) -> {X, N} end.

long() -> list_to_binary([seq(1, 100), seq(1, 100)]).

seq(A, B) when A > B -> [];
seq(A, B) -> [A | seq(A + 1, B)].

%% sweep(Mode, Name, Pool, Extras, Body, Others): Name = {M, F, Arity} on all combinations of terms of the pool and
%% of the extra ones for each position. Body is a fun that takes the list of arguments; each of Others is
%% {Way, Fun} with a fun of the arguments and of what Body gave, to be told where it differs.
sweep(Mode, Name, Pool, Extras, Body, Others) ->
    Lists = positions(element(3, Name), Pool, Extras, 1),
    Calls = combine(Lists),
    grouped(Calls, fun(Arguments) -> one(Mode, Name, Body, Others, Arguments) end).

positions(0, _, _, _) -> [];
positions(N, Pool, [], I) -> [Pool | positions(N - 1, Pool, [], I + 1)];
positions(N, Pool, [Extra | T], I) ->
    [Pool ++ extras(Extra, 1) | positions(N - 1, Pool, T, I + 1)].

extras([], _) -> [];
extras([H | T], I) -> [{{x, I}, H} | extras(T, I + 1)].

combine([]) -> [{[], []}];
combine([List | Lists]) ->
    Rest = combine(Lists),
    [{[Name | Names], [Term | Terms]} || {Name, Term} <- List, {Names, Terms} <- Rest].

%% Answers with the names of the arguments that give them; the commonest one, with how many.
grouped(Calls, F) -> grouped(Calls, F, #{}, []).

grouped([{Names, Arguments} | Calls], F, Map, Order) ->
    Answer = F(Arguments),
    case Map of
        #{Answer := Before} -> grouped(Calls, F, Map#{Answer := [Names | Before]}, Order);
        #{} -> grouped(Calls, F, Map#{Answer => [Names]}, [Answer | Order])
    end;
grouped([], _, Map, Order) ->
    Answers = lists:reverse(Order, []),
    Most = most(Answers, Map, none, 0),
    [case Answer of
         Most -> {Answer, length(map_get(Answer, Map))};
         _ -> {Answer, lists:reverse(map_get(Answer, Map), [])}
     end || Answer <- Answers].

most([], _, Most, _) -> Most;
most([Answer | T], Map, Most, N) ->
    case length(map_get(Answer, Map)) of
        More when More > N -> most(T, Map, Answer, More);
        _ -> most(T, Map, Most, N)
    end.

%% An effect happens once, in a process of its own that outlives the exit signals it causes.
one({process, Mode}, {M, F, _}, Body, [], Arguments) ->
    {Pid, Ref} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        Own = own(Arguments),
        exit({done, shown(Mode, raw(fun() -> Body(Own) end), {M, F, Own})})
    end),
    receive
        {'DOWN', Ref, process, Pid, {done, Answer}} -> Answer;
        {'DOWN', Ref, process, Pid, Reason} -> {down, show(Reason)}
    end;
one(Mode, {M, F, _}, Body, Others, Arguments) ->
    Raw = raw(fun() -> Body(Arguments) end),
    First = shown(Mode, Raw, {M, F, Arguments}),
    Ways = [{apply, fun(As, _) -> apply(M, F, As) end} | Others],
    Differ = [{Way, Other} || {Way, Fun} <- Ways,
        Other <- [case Way of
            guard -> raw(fun() -> Fun(Arguments, value(Raw)) end);
            _ -> shown(Mode, raw(fun() -> Fun(Arguments, value(Raw)) end), {M, F, Arguments})
        end],
        differs(Way, Mode, Raw, First, Other)],
    case Differ of
        [] -> First;
        _ -> {First, Differ}
    end.

own([H | T]) when is_pid(H) -> [self() | own(T)];
own([H | T]) -> [H | own(T)];
own([]) -> [].

%% A guard says `same` where the body's value is equal to its own, and `other` where it or the body fails.
differs(guard, _, {ok, _}, _, Other) -> Other =/= {ok, same};
differs(guard, _, _, _, Other) -> Other =/= {ok, other};
%% A test says `yes` for `true` alone.
differs(test, _, {ok, true}, _, Other) -> Other =/= {ok, yes};
differs(test, _, _, _, Other) -> Other =/= {ok, no};
differs(_, _, _, First, Other) -> First =/= Other.

value({ok, V}) -> V;
value(_) -> '$none'.

raw(F) ->
    try F() of
        V -> {ok, V}
    catch
        Class:Reason:Stack -> {Class, Reason, Stack}
    end.

shown(Mode, {ok, V}, _) -> {ok, value(Mode, V)};
shown(_, {Class, Reason, Stack}, Call) -> {Class, reason(Reason, Call), top(Stack, Call)}.

%% A reason with the arguments of the call in it by their positions.
reason(Reason, none) -> show(Reason);
reason(Reason, {_, _, Arguments}) -> reason(Reason, Arguments, 1, 2).

reason(Reason, Arguments, I, Depth) ->
    case position(Reason, Arguments, I) of
        none when is_tuple(Reason), Depth > 0 ->
            list_to_tuple([reason(E, Arguments, I, Depth - 1) || E <- tuple_to_list(Reason)]);
        none -> show(Reason);
        At -> {argument, At}
    end.

%% Atoms are short enough.
position(X, _, _) when is_atom(X) -> none;
position(X, [X | _], I) -> I;
position(X, [_ | T], I) -> position(X, T, I + 1);
position(_, [], _) -> none.

value(exact, V) -> show(V);
value(near, V) when is_float(V) -> float_to_binary(V, [{scientific, 11}]);
value(near, V) -> show(V);
value(bytes, V) -> show(iolist_to_binary(V));
value(any, _) -> '$any';
value(type, V) -> type(V);
value(sorted, V) when is_list(V) -> show(sort(V));
value(sorted, V) -> show(V).

%% The function at the top of a trace, and what the trace knows of the error. `{called, Arity}` is the function
%% called, with its arguments.
top([{M, F, Arguments, Where} | _], {M, F, Arguments}) -> {called, length(Arguments), info(Where)};
top([{M, F, Given, Where} | _], {_, _, Arguments}) when is_list(Given) ->
    {M, F, given(Given, Arguments), info(Where)};
top([{M, F, Given, Where} | _], _) when is_list(Given) -> {M, F, show(Given), info(Where)};
top([{M, F, Arity, Where} | _], _) -> {M, name(F), Arity, info(Where)};
top(Other, _) -> show(Other).

given([A | T], Arguments) -> [reason(A, Arguments, 1, 0) | given(T, Arguments)];
given(T, _) -> show(T).

%% Names of local funs carry a number that the compiler chooses.
name(F) ->
    case atom_to_list(F) of
        [$- | _] -> 'fun';
        _ -> F
    end.

%% Which segment of a binary was wrong is not said by both.
info([{error_info, #{function := format_bs_fail}} | _]) -> none;
info([{error_info, Info} | _]) -> show(Info);
info([_ | T]) -> info(T);
info(_) -> none.

type(V) when is_integer(V) -> '$integer';
type(V) when is_float(V) -> '$float';
type(V) when is_bitstring(V) -> '$bits';
type([]) -> '$list';
type(V) when is_list(V) -> '$list';
type(V) when is_map(V) -> '$map';
type({}) -> {};
type(V) when is_tuple(V) -> list_to_tuple([type(E) || E <- tuple_to_list(V)]);
type(V) -> show(V).

%% A term without what no two runtimes have in common: identities, the order of large maps; and with sums for
%% what is long.
show(X) when is_pid(X) -> '$pid';
show(X) when is_reference(X) -> '$ref';
show(X) when is_port(X) -> '$port';
show(X) when is_function(X) ->
    case erlang:fun_info(X, type) of
        {_, external} -> X;
        _ -> '$fun'
    end;
show(X) when is_float(X), X == 0 ->
    case <<X/float>> of
        <<0:64>> -> X;
        _ -> '$minus_zero'
    end;
show(X) when is_bitstring(X), bit_size(X) > 320 -> {'$bits', bit_size(X), erlang:phash2(X)};
show([_ | _] = L) ->
    case improper_length(L, 0) of
        N when N > 60 ->
            Shown = show_list(L),
            {'$list', N, erlang:phash2(Shown)};
        _ -> show_list(L)
    end;
show({}) -> {};
show(X) when is_tuple(X), tuple_size(X) > 60 -> {'$tuple', show(tuple_to_list(X))};
show(X) when is_tuple(X) -> list_to_tuple(show_list(tuple_to_list(X)));
show(X) when is_map(X), map_size(X) > 32 -> {'$map', show(sort(maps_to_list(X)))};
show(X) when is_map(X) -> show_map(sort(maps:keys(X)), X, #{});
show(X) when is_integer(X), abs(X) > 1 bsl 200 ->
    {'$integer', X rem 1000000007, byte_size(integer_to_binary(X))};
show(X) -> X.

improper_length([_ | T], N) -> improper_length(T, N + 1);
improper_length(_, N) -> N.

show_list([H | T]) -> [show(H) | show_list(T)];
show_list(X) -> show(X).

maps_to_list(M) -> [{K, map_get(K, M)} || K <- maps:keys(M)].

show_map([K | Ks], M, Shown) -> show_map(Ks, M, Shown#{show(K) => show(map_get(K, M))});
show_map([], _, Shown) -> Shown.

sort([]) -> [];
sort([X]) -> [X];
sort(L) ->
    {A, B} = halve(L, [], []),
    merge(sort(A), sort(B)).

halve([X, Y | T], A, B) -> halve(T, [X | A], [Y | B]);
halve([X], A, B) -> {[X | A], B};
halve([], A, B) -> {A, B}.

merge([], B) -> B;
merge(A, []) -> A;
merge([A | As], [B | Bs]) ->
    %% Numbers that are equal but not the same: integers first, as keys of maps are sorted.
    case A < B orelse (A == B andalso is_integer(A)) of
        true -> [A | merge(As, [B | Bs])];
        false -> [B | merge([A | As], Bs)]
    end.

%% table(Funs, Pool): each of {Name, Fun} with a fun of one argument, on all terms of a pool, grouped by answer.
table(Funs, Pool) ->
    [{Name, grouped([{N, T} || {N, T} <- Pool], fun(T) -> attempt(F, T) end)} || {Name, F} <- Funs].

%% What a call comes to.
attempt(F) -> shown(exact, raw(F), none).
attempt(F, X) -> shown(exact, raw(fun() -> F(X) end), none).

%% Of a call {M, F, Arguments} as bytes, the value or exception with the top of its trace, as bytes again. An
%% argument {'$fun', M, F, A} stands for an external fun.
answer(Bytes) ->
    {M, F, Given} = binary_to_term(Bytes),
    Arguments = [argument(A) || A <- Given],
    Answer = case raw(fun() -> apply(M, F, Arguments) end) of
        {ok, V} -> {ok, V};
        {Class, Reason, Stack} -> {Class, Reason, top(Stack, {M, F, Arguments})}
    end,
    term_to_binary(Answer, [{minor_version, 2}]).

%% The same where nothing of OTP's kernel runs.
answer_alone(Bytes) ->
    alone(),
    answer(Bytes).

%% Where there is no process `init`, one that knows of no flags.
alone() ->
    case whereis(init) of
        undefined -> register(init, spawn(fun init/0));
        _ -> true
    end.

init() ->
    receive
        {From, get_arguments} -> From ! {init, []};
        {From, {get_argument, _}} -> From ! {init, error}
    end,
    init().

argument({'$fun', M, F, A}) -> erlang:make_fun(M, F, A);
argument(A) -> A.

%% Answers calls that come on standard input, each with its length before it in four bytes, until it ends. No
%% bytes are the answer where a call takes too much time or memory.
serve() ->
    Port = open_port({fd, 0, 1}, [binary, {packet, 4}, eof]),
    serve(Port).

serve(Port) ->
    receive
        {Port, {data, Bytes}} ->
            port_command(Port, limited(Bytes)),
            serve(Port);
        {Port, eof} -> halt(0)
    end.

limited(Bytes) ->
    Max = #{size => 4000000, kill => true, error_logger => false},
    {Pid, Ref} = spawn_opt(fun() -> exit({answer, answer(Bytes)}) end, [monitor, {max_heap_size, Max}]),
    receive
        {'DOWN', Ref, process, Pid, {answer, Answer}} -> Answer;
        {'DOWN', Ref, process, Pid, _} -> <<>>
    after 5000 ->
        exit(Pid, kill),
        receive {'DOWN', Ref, process, Pid, _} -> <<>> end
    end.
