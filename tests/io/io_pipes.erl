-module(io_pipes).
-export([main/1, whole/1, alone/1, mixed/1, unread/1]).

%% Named pipes between processes. What `main/1` and `whole/1` assert holds under every schedule; the others have bugs.
main([Place]) ->
    %% A pipe for each: an end may stay open a little after its close, where the kernel is late.
    [begin Path = made(Place, Name), Scene(Path), ok = file:delete(Path) end
     || {Name, Scene} <- [{"one", fun abandoned/1}, {"two", fun collected/1}, {"three", fun whole_at/1}]],
    io:format("done~n").

made(Place) -> made(Place, "pipe").

made(Place, Name) ->
    Path = filename:join(Place, Name),
    ok = warpbeam_file:make_pipe(Path),
    Path.

opened(Path, Modes) ->
    {ok, File} = file:open(Path, [raw, binary | Modes]),
    File.

%% Who waits for the other end and is killed leaves nothing behind.
abandoned(Path) ->
    {Pid, Ref} = spawn_monitor(fun() -> opened(Path, [read]) end),
    exit(Pid, kill),
    receive {'DOWN', Ref, process, Pid, _} -> ok end,
    Self = self(),
    spawn_link(fun() ->
        File = opened(Path, [read]),
        Self ! open,
        {ok, <<"to somebody">>} = file:read(File, 99),
        Self ! read
    end),
    File = opened(Path, [write]),
    receive open -> ok end,
    ok = file:write(File, <<"to somebody">>),
    ok = file:close(File),
    receive read -> ok end.

%% A file is not closed under a read that somebody waits for, though nothing refers to it but that.
collected(Path) ->
    Self = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        File = opened(Path, [read]),
        Self ! open,
        exit(file:read(File, 4))
    end),
    File = opened(Path, [write]),
    receive open -> ok end,
    garbage_collect(Pid),
    garbage_collect(Pid),
    ok = file:write(File, <<"data">>),
    ok = file:close(File),
    receive {'DOWN', Ref, process, Pid, Reason} -> {ok, <<"data">>} = Reason end.

%% Short writes are not mixed.
whole([Place]) ->
    whole_at(made(Place)).

whole_at(Path) ->
    %% Both ends, so that nobody waits here, and there is always somebody who reads.
    File = opened(Path, [read, write]),
    _ = [spawn_link(fun() -> writes(Path, Bytes) end) || Bytes <- ["aaa", "bbb"]],
    {ok, Read} = file:read(File, 6),
    true = lists:member(Read, [<<"aaabbb">>, <<"bbbaaa">>]),
    ok = file:close(File).

writes(Path, Bytes) ->
    File = opened(Path, [write]),
    ok = file:write(File, Bytes).

%% Nobody opens the other end.
alone([Place]) ->
    opened(made(Place), [read]).

%% Long writes are mixed.
mixed([Place]) ->
    Path = made(Place),
    File = opened(Path, [read, write]),
    _ = [spawn_link(fun() -> writes(Path, lists:duplicate(70000, Byte)) end) || Byte <- "ab"],
    {ok, Read} = file:read(File, 140000),
    true = lists:member(binary:first(Read), "ab"),
    true = binary:part(Read, 0, 70000) =:= binary:copy(<<(binary:first(Read))>>, 70000).

%% The reader is gone when it has what it wanted.
unread([Place]) ->
    Path = made(Place),
    spawn_link(fun() -> {ok, <<"one">>} = file:read(opened(Path, [read]), 3) end),
    File = opened(Path, [write]),
    ok = file:write(File, <<"one">>),
    ok = file:write(File, <<"two">>).
