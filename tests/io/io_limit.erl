%% Files that may grow no more: what was answered `ok` is there, where it belongs, and the write that did not go through says so.
-module(io_limit).

-export([main/1]).

-define(SIZE, 3000).

main([Directory]) ->
    [fill(Directory ++ "/" ++ Name, Modes)
     || {Name, Modes} <- [{"raw", [raw, write]}, {"server", [write]}, {"append", [raw, append]}]],
    erlang:display(done).

fill(Path, Modes) ->
    {ok, Fd} = file:open(Path, Modes),
    {Written, {error, efbig}} = write(Fd, 0),
    _ = file:close(Fd),
    {ok, Content} = file:read_file(Path),
    Whole = << <<(piece(Number))/binary>> || Number <- lists:seq(1, Written) >>,
    Rest = byte_size(Content) - byte_size(Whole),
    true = Rest >= 0 andalso Rest < ?SIZE,
    Content = <<Whole/binary, (binary:part(piece(Written + 1), 0, Rest))/binary>>.

write(Fd, Written) ->
    case file:write(Fd, piece(Written + 1)) of
        ok -> write(Fd, Written + 1);
        Error -> {Written, Error}
    end.

piece(Number) -> binary:copy(<<Number:24>>, ?SIZE div 3).
