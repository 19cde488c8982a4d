%% Files read and written, operations a second, the same in `erl` and here: `benches/README.md` says how.
%%
%% `write` appends pieces of 4 KiB, `read` reads pieces of 4 KiB anywhere in a file of 16 MiB, `whole` writes a file of 4 KiB, reads it
%% whole and deletes it. Each process has a file of its own. Written by `benches/peers/file_load.rs` again over `std::fs`.
-module(file_load).

-export([main/1]).

-define(PIECE, 4096).
-define(PIECES, 4096).

main([Directory, Kind, Processes, Operations]) ->
    Each = list_to_integer(Operations) div list_to_integer(Processes),
    Names = [Directory ++ "/bench" ++ integer_to_list(N) || N <- lists:seq(1, list_to_integer(Processes))],
    Me = self(),
    Pids = [spawn(fun() ->
        State = begun(Kind, Name),
        Me ! {self(), ready},
        receive go -> ok end,
        done = repeat(Kind, State, Each),
        Me ! {self(), done}
    end) || Name <- Names],
    [receive {Pid, ready} -> ok end || Pid <- Pids],
    Start = erlang:monotonic_time(microsecond),
    [Pid ! go || Pid <- Pids],
    [receive {Pid, done} -> ok end || Pid <- Pids],
    Time = erlang:monotonic_time(microsecond) - Start,
    [file:delete(Name, [raw]) || Name <- Names],
    erlang:display({list_to_atom(Kind), Each * length(Pids) * 1000000 div Time}).

begun("write", Name) ->
    {ok, Fd} = prim_file:open(Name, [write, raw, binary]),
    Fd;
begun("read", Name) ->
    ok = prim_file:write_file(Name, binary:copy(<<7>>, ?PIECE * ?PIECES)),
    {ok, Fd} = prim_file:open(Name, [read, raw, binary]),
    Fd;
begun("whole", Name) ->
    Name.

repeat(_, _, 0) ->
    done;
repeat("write", Fd, N) ->
    ok = prim_file:write(Fd, binary:copy(<<N>>, ?PIECE)),
    repeat("write", Fd, N - 1);
repeat("read", Fd, N) ->
    {ok, Bytes} = prim_file:pread(Fd, (N * 2654435761) rem ?PIECES * ?PIECE, ?PIECE),
    ?PIECE = byte_size(Bytes),
    repeat("read", Fd, N - 1);
repeat("whole", Name, N) ->
    ok = prim_file:write_file(Name, binary:copy(<<N>>, ?PIECE)),
    {ok, Bytes} = prim_file:read_file(Name),
    ?PIECE = byte_size(Bytes),
    ok = prim_file:delete(Name),
    repeat("whole", Name, N - 1).
