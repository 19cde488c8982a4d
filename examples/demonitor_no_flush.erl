%% demonitor/1 without `flush'.
%%
%% A thumbnail service asks a converter, watches it meanwhile, and stops
%% watching when the answer is there. demonitor(Ref) only promises that no DOWN
%% is delivered from now on: one that is in the mailbox already stays there, and
%% the next caller that waits for "some DOWN" takes it for its own.
%%
%% In production: a healthy converter is reported dead, now and then, whenever
%% an idle one is put away just after it has answered.
%%
%% The order that fails: the converter answers and reports itself idle, the
%% janitor stops it, its DOWN arrives, and only then does the service demonitor.
%%
%% demonitor_no_flush_fixed removes the DOWN together with the monitor.
-module(demonitor_no_flush).
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
            demonitor(Monitor),
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
