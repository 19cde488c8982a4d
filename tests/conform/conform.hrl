%% What every conformance program shares: running one case, and making its
%% result comparable between runtimes. A result never holds the identity of a
%% process, reference or fun: san/1 replaces each by an atom.
-compile([nowarn_unused_function, nowarn_nomatch, nowarn_failed,
          nowarn_unused_vars, nowarn_unused_term, nowarn_removed,
          nowarn_deprecated_function,
          nowarn_shadow_vars]).
-export([main/0, id/1]).

%% Exported and called by its full name so that the compiler can assume nothing
%% about what comes back.
id(X) -> X.

%% A block whose variables are its own.
scope(F) -> F().

%% The value of a case, or {Class, Reason}.
c(F) ->
    try F() of
        V -> san(V)
    catch
        Class:Reason -> {Class, san(Reason)}
    end.

%% As c/1, with the top N functions of the stack trace.
c(N, F) ->
    try F() of
        V -> san(V)
    catch
        Class:Reason:Stack -> {Class, san(Reason), top(N, Stack)}
    end.

%% As c/2, with lines.
cl(N, F) ->
    try F() of
        V -> san(V)
    catch
        Class:Reason:Stack -> {Class, san(Reason), top_lines(N, Stack)}
    end.

%% Whether a failed +, -, * or / has an entry of its own depends on how its operands
%% were compiled (a literal operand has none), so they are left out.
-define(ARITH(F), (F =:= '+' orelse F =:= '-' orelse F =:= '*' orelse F =:= '/')).

top(0, _) -> [];
top(_, []) -> [];
top(N, [{erlang, F, A, _} | T]) when is_list(A), ?ARITH(F) -> top(N, T);
top(N, [{M, F, A, _} | T]) -> [{M, name(F), san(A)} | top(N - 1, T)].

top_lines(0, _) -> [];
top_lines(_, []) -> [];
top_lines(N, [{erlang, F, A, _} | T]) when is_list(A), ?ARITH(F) -> top_lines(N, T);
top_lines(N, [{M, F, A, L} | T]) ->
    [{M, name(F), san(A), file_and_line(L)} | top_lines(N - 1, T)].

file_and_line([{file, File}, {line, Line} | _]) -> {list_to_atom(File), Line};
file_and_line([_ | T]) -> file_and_line(T);
file_and_line([]) -> none.

%% Names of local funs carry a number that the compiler chooses.
name(F) ->
    case atom_to_list(F) of
        [$- | T] -> {in, list_to_atom(to_slash(T))};
        _ -> F
    end.

to_slash([$/ | _]) -> [];
to_slash([C | T]) -> [C | to_slash(T)];
to_slash([]) -> [].

san(X) when is_pid(X) -> '$pid';
san(X) when is_reference(X) -> '$ref';
san(X) when is_port(X) -> '$port';
san(X) when is_function(X) -> '$fun';
san([H | T]) -> [san(H) | san(T)];
san(X) when is_tuple(X) -> list_to_tuple(san(tuple_to_list(X)));
san(X) when is_map(X) -> san_map(maps:keys(X), X, #{});
san(X) -> X.

san_map([K | T], M, Acc) -> san_map(T, M, Acc#{san(K) => san(map_get(K, M))});
san_map([], _, Acc) -> Acc.

%% map(F, L), seq(A, B) and a stable merge sort: the library's own are Erlang code.
map(F, [H | T]) -> [F(H) | map(F, T)];
map(_, []) -> [].

seq(A, B) when A > B -> [];
seq(A, B) -> seq_down(A, B, []).
seq_down(A, A, Acc) -> [A | Acc];
seq_down(A, B, Acc) -> seq_down(A, B - 1, [B | Acc]).

sort(L) -> sort(fun(A, B) -> A =< B end, L).
sort(_, []) -> [];
sort(_, [X]) -> [X];
sort(F, L) ->
    {A, B} = halve(L, [], []),
    merge(F, sort(F, A), sort(F, B)).

%% The first and second half in order, so that the sort is stable.
halve(L, _, _) -> split_at(length(L) div 2, L, []).
split_at(0, L, Acc) -> {lists:reverse(Acc, []), L};
split_at(N, [H | T], Acc) -> split_at(N - 1, T, [H | Acc]).

merge(F, A, B) -> merge(F, A, B, []).
merge(_, [], B, Acc) -> lists:reverse(Acc, B);
merge(_, A, [], Acc) -> lists:reverse(Acc, A);
merge(F, [A | As], [B | Bs], Acc) ->
    case F(A, B) of
        true -> merge(F, As, [B | Bs], [A | Acc]);
        false -> merge(F, [A | As], Bs, [B | Acc])
    end.

%% Run a case in a process of its own; the result is what it returns, or
%% {down, Reason}.
p(F) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({done, c(F)}) end),
    receive
        {'DOWN', Ref, process, Pid, {done, V}} -> V;
        {'DOWN', Ref, process, Pid, R} -> {down, san(R)}
    end.

%% The reason with which a process ends; noproc if it may already have.
reason(Pid) ->
    Ref = monitor(process, Pid),
    receive {'DOWN', Ref, process, _, R} -> san(R) end.

%% Wait until a process has ended.
gone(Pid) -> reason(Pid), ok.

%% Wait until the mailbox holds N messages, taking none.
queued(N) ->
    case process_info(self(), message_queue_len) of
        {_, Len} when Len >= N -> ok;
        _ -> receive after 1 -> queued(N) end
    end.

%% All messages in the mailbox, in order.
drain() ->
    receive M -> [san(M) | drain()] after 0 -> [] end.
