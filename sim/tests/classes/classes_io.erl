%% Small programs over files and sockets, without services, whose classes of runs are counted by trying all schedules.
-module(classes_io).
-compile([export_all, nowarn_export_all]).

%% Runs both, and gives what they come to.
both(One, Other) ->
    Me = self(),
    Go = fun(Fun) -> spawn(fun() -> Me ! {self(), Fun()} end) end,
    [receive {Pid, Value} -> Value end || Pid <- [Go(One), Go(Other)]].

both(One, Other, Third) ->
    both(One, fun() -> both(Other, Third) end).

path(Name) -> <<"/tmp/", Name, 0>>.
open(Name, Modes) -> {ok, Fd} = prim_file:open_nif(path(Name), Modes), Fd.
file(Name) -> Fd = open(Name, [read, write]), ok = prim_file:write_nif(Fd, [<<"..">>]), Fd.
read(Fd) -> prim_file:pread_nif(Fd, 0, 4).
write(Fd, Bytes) -> prim_file:pwrite_nif(Fd, 0, [Bytes]).

%% Two files have nothing in common: 1.
apart() ->
    {A, B} = {file($a), file($b)},
    both(fun() -> write(A, <<"a">>) end, fun() -> write(B, <<"b">>) end),
    {read(A), read(B)}.
%% Reading at a place changes nothing: 1.
readers() ->
    A = file($a),
    both(fun() -> read(A) end, fun() -> read(A) end).
%% Two openings of one file: 2.
writers() ->
    {A, Again} = {file($a), open($a, [read, write])},
    both(fun() -> write(A, <<"a">>) end, fun() -> write(Again, <<"b">>) end),
    read(A).
read_write() ->
    A = file($a),
    both(fun() -> read(A) end, fun() -> write(A, <<"a">>) end).
%% One position for two.
position() ->
    A = file($a),
    {ok, 0} = prim_file:seek_nif(A, bof, 0),
    both(fun() -> prim_file:read_nif(A, 1) end, fun() -> prim_file:read_nif(A, 1) end).
%% Who opens first gets the lower number.
opens() ->
    both(fun() -> element(1, prim_file:open_nif(path($a), [write])) end,
         fun() -> element(1, prim_file:open_nif(path($b), [write])) end).
exclusive() ->
    Open = fun() -> element(2, prim_file:open_nif(path($a), [write, exclusive])) =:= eexist end,
    both(Open, Open).
%% Looking at a directory is no matter of what is in the files.
stat_write() ->
    A = file($a),
    both(fun() -> prim_file:list_dir_nif(<<"/tmp", 0>>) end, fun() -> write(A, <<"a">>) end).
stat_remove() ->
    _ = file($a),
    both(fun() -> element(1, prim_file:read_info_nif(path($a), 1)) end, fun() -> prim_file:del_file_nif(path($a)) end).
rename_open() ->
    _ = file($a),
    both(fun() -> prim_file:rename_nif(path($a), path($b)) end, fun() -> element(1, prim_file:open_nif(path($b), [read])) end).
%% Closing a descriptor against an operation that has ended or was not begun.
close_seek() ->
    A = file($a),
    both(fun() -> receive after 0 -> ok end, prim_file:close_nif(A) end, fun() -> ok end),
    prim_file:seek_nif(A, bof, 0).
close_apart() ->
    {A, B} = {file($a), file($b)},
    both(fun() -> prim_file:close_nif(A) end, fun() -> read(B) end).
close_twice() ->
    A = file($a),
    both(fun() -> prim_file:close_nif(A) end, fun() -> prim_file:close_nif(A) end).
%% The owner ends while somebody else begins.
owner_ends() ->
    Me = self(),
    {Owner, Monitor} = spawn_monitor(fun() -> Me ! file($a), receive stop -> ok end end),
    receive Fd -> Fd end,
    Owner ! stop,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    read(Fd).

pipe(Name) -> made(Name), open(Name, [read, write]).
made(Name) -> ok = warpbeam_native:make_pipe(path(Name)).
%% Both ends of a pipe, and one of them once more.
pipe(Name, Modes) -> {pipe(Name), open(Name, Modes)}.
take(Fd, N) -> prim_file:read_nif(Fd, N).
put_in(Fd, Bytes) -> prim_file:write_nif(Fd, [Bytes]).

%% Two pipes have nothing in common: 1.
pipes_apart() ->
    {A, B} = {pipe($a), pipe($b)},
    both(fun() -> put_in(A, <<"a">>) end, fun() -> put_in(B, <<"b">>) end).
%% A read waits for what is written, or finds it.
pipe_flow() ->
    {A, From} = pipe($a, [read]),
    both(fun() -> take(From, 1) end, fun() -> put_in(A, <<"a">>) end).
pipe_writes() ->
    {A, To} = pipe($a, [write]),
    both(fun() -> put_in(A, <<"a">>) end, fun() -> put_in(To, <<"b">>) end),
    take(A, 2).
pipe_reads() ->
    {A, From} = pipe($a, [read]),
    ok = put_in(A, <<"ab">>),
    both(fun() -> take(A, 1) end, fun() -> take(From, 1) end).
%% One byte for two.
pipe_read_or_end() ->
    {A, From} = pipe($a, [read]),
    ok = put_in(A, <<"a">>),
    both(fun() -> take(From, 1) end, fun() -> take(From, 1) end, fun() -> prim_file:close_nif(A) end).
%% Each waits for the other.
pipe_opens() ->
    made($a),
    both(fun() -> element(1, prim_file:open_nif(path($a), [read])) end,
         fun() -> element(1, prim_file:open_nif(path($a), [write])) end).
%% Whether there is more to come.
pipe_end() ->
    {A, From} = pipe($a, [read]),
    both(fun() -> take(From, 1) end, fun() -> prim_file:close_nif(A) end).
%% Whether there is somebody who writes, by now.
pipe_again() ->
    {A, From} = pipe($a, [read]),
    ok = prim_file:close_nif(A),
    both(fun() -> take(From, 1) end, fun() -> To = open($a, [write]), put_in(To, <<"a">>) end).
%% Whether anybody reads.
pipe_broken() ->
    {A, To} = pipe($a, [write]),
    both(fun() -> put_in(To, <<"a">>) end, fun() -> prim_file:close_nif(A) end).
%% A name goes, or what opens it comes before.
pipe_removed() ->
    A = pipe($a),
    {A, both(fun() -> element(1, prim_file:open_nif(path($a), [write])) end, fun() -> prim_file:del_file_nif(path($a)) end)}.

socket() -> Fd = warpbeam_native:descriptor(), ok = warpbeam_native:socket(Fd, inet, stream), Fd.
listener() ->
    Fd = socket(),
    ok = warpbeam_native:bind(Fd, {{127, 0, 0, 1}, 0}),
    ok = warpbeam_native:listen(Fd, 5),
    {ok, Address} = warpbeam_native:socket_name(Fd, own),
    {Fd, Address}.
answer(Ref) when is_reference(Ref) -> receive {warpbeam_io, Ref, Answer} -> Answer end;
answer(Error) -> Error.
pair() ->
    {Listener, Address} = listener(),
    {One, Other} = {socket(), warpbeam_native:descriptor()},
    Accept = warpbeam_native:begin_accept(Listener, Other),
    ok = answer(warpbeam_native:begin_connect(One, Address)),
    ok = answer(Accept),
    {One, Other}.

%% A stream between two: what is received is what was sent.
stream() ->
    {One, Other} = pair(),
    both(fun() -> warpbeam_native:try_send(One, <<"a">>) end, fun() -> answer(warpbeam_native:begin_receive(Other, 4)) end).
streams() ->
    {One, Other} = pair(),
    both(fun() -> warpbeam_native:try_send(One, <<"a">>) end, fun() -> warpbeam_native:try_send(Other, <<"b">>) end).
two_sends() ->
    {One, Other} = pair(),
    both(fun() -> warpbeam_native:try_send(One, <<"a">>) end, fun() -> warpbeam_native:try_send(One, <<"b">>) end),
    answer(warpbeam_native:begin_receive(Other, 4)).
listen_connect() ->
    {Fd, One} = {socket(), socket()},
    ok = warpbeam_native:bind(Fd, {{127, 0, 0, 1}, 0}),
    {ok, Address} = warpbeam_native:socket_name(Fd, own),
    both(fun() -> warpbeam_native:listen(Fd, 5) end, fun() -> answer(warpbeam_native:begin_connect(One, Address)) end).
same_port() ->
    {{_, Address}, One, Other} = {listener(), socket(), socket()},
    both(fun() -> warpbeam_native:bind(One, Address) end, fun() -> warpbeam_native:bind(Other, {{127, 0, 0, 1}, 0}) end).
