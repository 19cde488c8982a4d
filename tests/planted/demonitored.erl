%% After demonitor with flush no DOWN comes any more.
%%
%% A converter that has answered is put away by the janitor. Of its end the
%% service does not want to hear once it has the picture.
-module(demonitored).
-export([main/0, janitor/1, converter/1]).

main() ->
    Janitor = spawn(?MODULE, janitor, [1]),
    Small = spawn(?MODULE, converter, [Janitor]),
    Large = spawn(?MODULE, converter, [Janitor]),
    {thumbnail, cat} = convert(Small, cat),
    {thumbnail, whale} = convert(Large, whale),
    ok.

convert(Converter, Picture) ->
    Monitor = monitor(process, Converter),
    Converter ! {convert, self(), Monitor, Picture},
    receive
        {Monitor, Thumbnail} ->
            demonitor(Monitor, [flush]),
            Thumbnail;
        {'DOWN', _, process, Gone, Reason} ->
            error({converter_died, Gone, Reason})
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

janitor(0) ->
    ok;
janitor(Surplus) ->
    receive
        {idle, Converter} ->
            Converter ! stop,
            janitor(Surplus - 1)
    end.
