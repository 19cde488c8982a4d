%% Calls of OTP's libraries that need more than one function, for the live campaign.
-module(suite_stdlib).
-export([main/0, rand/2, eval/1, dict/2, gb_trees/2, gb_sets/2, queue/1, array/2, sets/2, sofs/1, random_words/1]).

%% Nothing of OTP's libraries where they are not on the path.
main() -> calls_for_the_live_campaign.

rand(Seed, N) ->
    State = rand:seed_s(exsss, Seed),
    draw(N, State).

draw(0, State) -> [rand:uniform_s(State) =:= rand:uniform_s(State)];
draw(N, State) ->
    {A, S1} = rand:uniform_s(1000, State),
    {B, S2} = rand:uniform_s(S1),
    {C, S3} = rand:normal_s(S2),
    [{A, B, C} | draw(N - 1, S3)].

%% A text made of known words, so that it often means something.
random_words(Numbers) ->
    Words = {"1", "2", "X", "[", "]", "{", "}", "+", "*", "=", ",", "a", "case", "of", "end", "->", ";", "(", ")", "|", "fun", "<<", ">>"},
    eval(lists:append([[element(N rem tuple_size(Words) + 1, Words), " "] || N <- Numbers])).

eval(Text) ->
    case erl_scan:string(lists:flatten([Text, "."])) of
        {ok, Tokens, _} ->
            case erl_parse:parse_exprs(Tokens) of
                {ok, Expressions} -> {value, V, _} = erl_eval:exprs(Expressions, erl_eval:new_bindings()), {V, Expressions};
                Other -> Other
            end;
        Other -> Other
    end.

dict(Pairs, Key) ->
    D = dict:from_list(Pairs),
    E = dict:store(Key, new, D),
    {lists:sort(dict:to_list(E)), dict:find(Key, D), dict:size(E), lists:sort(dict:fetch_keys(dict:erase(Key, E)))}.

gb_trees(Pairs, Key) ->
    T = lists:foldl(fun({K, V}, A) -> gb_trees:enter(K, V, A) end, gb_trees:empty(), Pairs),
    {gb_trees:to_list(T), gb_trees:lookup(Key, T), gb_trees:balance(gb_trees:delete_any(Key, T)), gb_trees:take_smallest(T)}.

gb_sets(A, B) ->
    {S, T} = {gb_sets:from_list(A), gb_sets:from_list(B)},
    [gb_sets:to_list(X) || X <- [gb_sets:union(S, T), gb_sets:intersection(S, T), gb_sets:subtract(S, T)]] ++ [gb_sets:is_subset(S, T)].

queue(L) ->
    Q = lists:foldl(fun queue:in/2, queue:new(), L),
    {queue:out(Q), queue:out_r(Q), queue:to_list(queue:reverse(Q)), queue:len(Q), queue:split(1, Q)}.

array(L, N) ->
    A = array:from_list(L, none),
    B = array:set(N, here, A),
    {array:to_list(B), array:sparse_to_orddict(array:resize(N, B)), array:get(N + 1, B), array:foldr(fun(I, V, Acc) -> [{I, V} | Acc] end, [], A)}.

sets(A, B) ->
    {S, T} = {sets:from_list(A), sets:from_list(B, [{version, 2}])},
    U = sets:from_list(B),
    [lists:sort(sets:to_list(X)) || X <- [sets:union(S, U), sets:intersection(S, U), sets:subtract(S, U), T]].

sofs(Pairs) ->
    R = sofs:relation(Pairs),
    {sofs:to_external(sofs:relation_to_family(R)), sofs:to_external(sofs:converse(R)), sofs:to_external(sofs:domain(R))}.
