%% The corrected twin of demonitor_no_flush: demonitor(Ref, [flush]).
%%
%% `flush' also takes a DOWN of this monitor out of the mailbox, if it has
%% arrived already. After it nothing of the old watch is left that a later
%% receive could mistake for news about another process.
-module(demonitor_no_flush_fixed).
-export([main/0, janitor/1, converter/1]).

main() ->
    Janitor = spawn(?MODULE, janitor, [1]),
    Small = spawn(?MODULE, converter, [Janitor]),
    Large = spawn(?MODULE, converter, [Janitor]),
    {ok, {thumbnail, cat}} = convert(Small, cat),
    {ok, {thumbnail, whale}} = convert(Large, whale),
    ok.

convert(Converter, Picture) ->
    Monitor = monitor(process, Converter),
    Converter ! {convert, self(), Monitor, Picture},
    receive
        {Monitor, Thumbnail} ->
            demonitor(Monitor, [flush]),
            {ok, Thumbnail};
        {'DOWN', _, process, _, Reason} ->
            {error, {converter_died, Reason}}
    end.

converter(Janitor) ->
    receive
        {convert, From, Tag, Picture} ->
            From ! {Tag, {thumbnail, Picture}},
            Janitor ! {idle, self()},
            converter(Janitor);
        stop ->
            ok
    end.

%% Puts away as many idle converters as it has been told to.
janitor(0) ->
    ok;
janitor(Surplus) ->
    receive
        {idle, Converter} ->
            Converter ! stop,
            janitor(Surplus - 1)
    end.
