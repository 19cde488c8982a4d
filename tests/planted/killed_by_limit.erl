%% A process that is killed by its heap limit is mourned as any other.
%%
%% The analyst compares all trails that have come in at once; two at a time are
%% too much for it, and then its client does without.
-module(killed_by_limit).
-export([main/0, analyst/2, reporter/2]).

-define(LIMIT, #{size => 3000, kill => true, error_logger => false}).
-define(TRAIL, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]).

main() ->
    Options = [monitor, {max_heap_size, ?LIMIT}],
    {Analyst, Monitor} = spawn_opt(?MODULE, analyst, [self(), 3], Options),
    spawn(?MODULE, reporter, [Analyst, 3]),
    receive
        {repeated, 45} -> ok;
        {'DOWN', Monitor, process, Analyst, killed} -> ok
    end.

%% Sends one trail, and leaves the others to the next reporter.
reporter(_Analyst, 0) ->
    ok;
reporter(Analyst, Left) ->
    Analyst ! {trail, ?TRAIL},
    spawn(?MODULE, reporter, [Analyst, Left - 1]).

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
