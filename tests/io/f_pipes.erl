-module(f_pipes).
-export([main/1]).

%% Named pipes through `file`, as it is documented.
main([Place]) ->
    Path = filename:join(Place, "pipe"),
    show(make(Path)),
    {ok, Info} = file:read_file_info(Path),
    show({element(2, Info), element(3, Info)}),
    show([file:open(Path, [write, exclusive, raw]), file:make_dir(Path), file:del_dir(Path), file:list_dir(Path)]),
    ok = file:delete(Path),
    %% Each with a pipe of its own: an end may stay open a little after its close, where the kernel is late.
    Scenes = [
        fun(P) -> meet(P, [reader, writer]) end,
        fun(P) -> meet(P, [writer, reader]) end,
        fun pieces/1, fun broken/1, fun lost/1, fun two_writers/1, fun long/1, fun nowhere/1, fun lines/1, fun whole/1,
        fun nameless/1
    ],
    lists:foreach(fun({Number, Scene}) -> scene(Place, Number, Scene) end, lists:enumerate(Scenes)).

scene(Place, Number, Scene) ->
    Path = filename:join(Place, "pipe" ++ integer_to_list(Number)),
    ok = make(Path),
    Scene(Path),
    file:delete(Path).

show(Term) -> io:format("~0p~n", [Term]).

make(Path) ->
    try warpbeam_file:make_pipe(Path)
    catch error:undef -> list_to_atom(string:trim("ok" ++ os:cmd("mkfifo " ++ Path)))
    end.

%% A process that opens an end, and does what it is told.
end_of(Path, Modes) ->
    spawn_monitor(fun() ->
        {ok, File} = file:open(Path, [raw, binary | Modes]),
        serve(File)
    end).

serve(File) ->
    receive
        {close, From} ->
            From ! {self(), file:close(File)};
        {Do, From} ->
            From ! {self(), Do(File)},
            serve(File)
    end.

ask({Pid, _}, Do) -> Pid ! {Do, self()}.

answer({Pid, Ref}) ->
    receive
        {Pid, Answer} -> Answer;
        {'DOWN', Ref, process, Pid, Reason} -> {down, Reason}
    end.

call(End, Do) ->
    ask(End, Do),
    answer(End).

close({_, Ref} = End) ->
    Answer = call(End, close),
    receive {'DOWN', Ref, _, _, _} -> Answer end.

read(N) -> fun(File) -> file:read(File, N) end.
write(Bytes) -> fun(File) -> file:write(File, Bytes) end.

ends(Path) -> {end_of(Path, [read]), end_of(Path, [write])}.

meet(Path, Order) ->
    Opened = [{Which, end_of(Path, [case Which of reader -> read; writer -> write end])} || Which <- Order],
    {_, Reader} = lists:keyfind(reader, 1, Opened),
    {_, Writer} = lists:keyfind(writer, 1, Opened),
    ask(Reader, read(5)),
    show([call(Writer, write(<<"hello">>)), answer(Reader)]),
    show([close(Writer), call(Reader, read(5)), close(Reader)]).

%% A read goes on until it has what it wants or there is no more.
pieces(Path) ->
    {Reader, Writer} = ends(Path),
    ask(Reader, read(10)),
    show([call(Writer, write(Bytes)) || Bytes <- ["one", [], ["t", [$w | <<"o">>]]]]),
    show([close(Writer), answer(Reader), call(Reader, read(10)), close(Reader)]).

broken(Path) ->
    {Reader, Writer} = ends(Path),
    show([call(Writer, write(<<"lost">>)), close(Reader), call(Writer, write(<<"more">>)), close(Writer)]).

%% What nobody has read goes with the last end.
lost(Path) ->
    {Reader, Writer} = ends(Path),
    show([call(Writer, write(<<"lost">>)), close(Reader), close(Writer)]),
    {Second, Other} = ends(Path),
    show([close(Other), call(Second, read(5)), close(Second)]).

%% The end is there when the last of them has closed.
two_writers(Path) ->
    {Reader, One} = ends(Path),
    Other = end_of(Path, [write]),
    show([call(One, write(<<"a">>)), call(Other, write(<<"b">>)), close(One)]),
    ask(Reader, read(9)),
    show([call(Other, write(<<"c">>)), close(Other), answer(Reader), close(Reader)]).

long(Path) ->
    {Reader, Writer} = ends(Path),
    Bytes = binary:copy(<<"0123456789abcdef">>, 20000),
    ask(Writer, write(Bytes)),
    {ok, First} = call(Reader, read(100001)),
    {ok, Second} = call(Reader, read(byte_size(Bytes) - 100001)),
    show([answer(Writer), <<First/binary, Second/binary>> =:= Bytes]),
    show([close(Writer), call(Reader, read(1)), close(Reader)]).

%% What needs a place in a file.
nowhere(Path) ->
    {Reader, Writer} = ends(Path),
    Calls = [
        fun(File) -> file:pread(File, 0, 1) end,
        fun(File) -> file:pwrite(File, 0, <<"x">>) end,
        fun(File) -> file:position(File, 0) end,
        fun(File) -> file:position(File, {eof, -1}) end,
        fun(File) -> file:truncate(File) end,
        fun(File) -> file:sync(File) end,
        fun(File) -> file:datasync(File) end,
        fun(File) -> file:advise(File, 0, 1, normal) end,
        fun(File) -> file:allocate(File, 0, 1) end
    ],
    show([call(Reader, Do) || Do <- Calls]),
    show([call(Writer, Do) || Do <- Calls]),
    show([call(Reader, write(<<"x">>)), call(Writer, read(1))]),
    show([close(Reader), close(Writer)]).

%% Through the process that stands for a file.
lines(Path) ->
    Writer = end_of(Path, [write]),
    {ok, File} = file:open(Path, [read, binary]),
    show(call(Writer, write(<<"first\nsecond\nrest">>))),
    show([close(Writer), io:get_line(File, ""), io:get_line(File, ""), io:get_line(File, ""), io:get_line(File, "")]),
    show(file:close(File)).

whole(Path) ->
    Other = end_of(Path, [write]),
    ask(Other, write(<<"all of it">>)),
    Whole = spawn_monitor(fun() -> exit(file:read_file(Path)) end),
    ok = answer(Other),
    ok = close(Other),
    show(answer(Whole)).

nameless(Path) ->
    {Reader, Writer} = ends(Path),
    show(call(Writer, write(<<"still">>))),
    show([file:delete(Path), file:open(Path, [read, raw]), close(Writer), call(Reader, read(9)), close(Reader)]).
