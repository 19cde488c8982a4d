%% What OTP's `prim_file` has in C and takes several operations of the ring: each is a step of its own, between which
%% others act.
%%
%% Source: the documentation of `file`. A file may grow or shrink while it is read: what is read is what was there, up to
%% the first time that there was no more.
-module(warpbeam_file).

-export([open/2, read_file/1, indirect_read/3, open_number/1, make_pipe/1]).

%% Bytes that one operation reads at most.
-define(PIECE, 16#1000000).

%% The descriptor is there before the file is open, so that it belongs to somebody however this ends.
open(Path, Modes) ->
    Descriptor = warpbeam_native:descriptor(),
    case warpbeam_native:open(Descriptor, Path, Modes) of
        ok -> {ok, Descriptor};
        Error -> Error
    end.

read_file(Path) ->
    case open(Path, [read]) of
        {ok, Descriptor} ->
            Result = read_all(Descriptor),
            _ = prim_file:close_nif(Descriptor),
            Result;
        Error ->
            Error
    end.

read_all(Descriptor) ->
    case prim_file:read_handle_info_nif(Descriptor) of
        %% Files of `/proc` say that they are empty.
        {error, _} = Error -> Error;
        Info -> read_on(Descriptor, min(max(element(2, Info) + 1, 4096), ?PIECE), [])
    end.

read_on(Descriptor, Size, Read) ->
    case prim_file:read_nif(Descriptor, Size) of
        {ok, Bytes} when byte_size(Bytes) < Size -> {ok, whole([Bytes | Read])};
        {ok, Bytes} -> read_on(Descriptor, ?PIECE, [Bytes | Read]);
        eof -> {ok, whole(Read)};
        {error, _} = Error -> Error
    end.

whole([Bytes]) -> Bytes;
whole(Parts) -> iolist_to_binary(lists:reverse(Parts)).

%% Where `Offset` is, are the size and the place of what is read.
indirect_read(Descriptor, Offset, MaxSize) ->
    case prim_file:pread_nif(Descriptor, Offset, 8) of
        {ok, <<Size:32, _:32>>} when Size > MaxSize ->
            eof;
        {ok, <<Size:32, Place:32>>} ->
            case Size > 0 andalso prim_file:pread_nif(Descriptor, Place, Size) of
                {ok, Bytes} -> {ok, {Size, Place, Bytes}};
                {error, _} = Error -> Error;
                _ -> {ok, {Size, Place, eof}}
            end;
        {ok, _} ->
            eof;
        Other ->
            Other
    end.

%% Makes a named pipe, as the command `mkfifo` does, which OTP has no function for.
make_pipe(Name) ->
    warpbeam_native:make_pipe(prim_file:internal_name2native(Name)).

%% Opens once more what the number of a descriptor of the operating system's is open on.
open_number(Number) ->
    case open(<<"/dev/fd/", (integer_to_binary(Number))/binary, 0>>, [read, skip_type_check]) of
        {ok, Descriptor} -> {ok, Descriptor};
        {error, _} -> {error, ebadf}
    end.
