%% A process that is killed by its heap limit is mourned as any other.
%%
%% The analyst compares all trails that have come in at once; several at a time
%% are too much for it, and then its client does the work by itself.
-module(killed_by_limit).
-export([main/0, analyst/2, reporter/1]).

-define(LIMIT, #{size => 6000, kill => true, error_logger => false}).
-define(TRAIL, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]).

main() ->
    Options = [monitor, {max_heap_size, ?LIMIT}],
    {Analyst, Monitor} = spawn_opt(?MODULE, analyst, [self(), 3], Options),
    spawn(?MODULE, reporter, [Analyst]),
    spawn(?MODULE, reporter, [Analyst]),
    spawn(?MODULE, reporter, [Analyst]),
    receive
        {repeated, Count} when Count >= 45 -> ok;
        {'DOWN', Monitor, process, Analyst, killed} -> ok
    end.

reporter(Analyst) ->
    Analyst ! {trail, ?TRAIL}.

analyst(Client, Left) ->
    analyst(Client, Left, 0).

analyst(Client, 0, Count) ->
    Client ! {repeated, Count};
analyst(Client, Left, Count) ->
    receive
        {trail, Trail} ->
            {All, Rest} = drain(Trail, Left - 1),
            analyst(Client, Rest, Count + count_repeated(pairs(All, All), 0))
    end.

drain(Lines, Left) ->
    receive {trail, Trail} -> drain(Trail ++ Lines, Left - 1) after 0 -> {Lines, Left} end.

pairs([], _All) -> [];
pairs([Line | Rest], All) -> pairs_with(Line, All, pairs(Rest, All)).

pairs_with(_Line, [], Pairs) -> Pairs;
pairs_with(Line, [Other | Rest], Pairs) ->
    [{Line, Other} | pairs_with(Line, Rest, Pairs)].

count_repeated([], Count) -> Count;
count_repeated([{Line, Line} | Rest], Count) -> count_repeated(Rest, Count + 1);
count_repeated([_ | Rest], Count) -> count_repeated(Rest, Count).
