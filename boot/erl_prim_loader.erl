%% Files of the applications that are on the code path, read as code is read: each once, the same in every run.
%%
%% Source: the documentation of `erl_prim_loader`. Other files are not there.
-module(erl_prim_loader).

-export([
    get_file/1, read_file/1, list_dir/1, read_file_info/1, read_link_info/1, get_path/0, set_path/1, get_cwd/0
]).

get_file(File) ->
    case warpbeam_native:read_file(text(File)) of
        error -> error;
        Bytes -> {ok, Bytes, text(File)}
    end.

%% As OTP 27 asks.
read_file(File) ->
    case get_file(File) of
        error -> error;
        {ok, Bytes, _} -> {ok, Bytes}
    end.

list_dir(Directory) ->
    case warpbeam_native:list_dir(text(Directory)) of
        error -> error;
        Names -> {ok, Names}
    end.

read_file_info(File) ->
    case warpbeam_native:read_file(text(File)) of
        error ->
            case list_dir(File) of
                error -> error;
                {ok, _} -> {ok, information(0, directory)}
            end;
        Bytes ->
            {ok, information(byte_size(Bytes), regular)}
    end.

read_link_info(File) ->
    read_file_info(File).

%% The record `file_info`. Times and owners are nobody's business here.
information(Size, Type) ->
    Time = {{1970, 1, 1}, {0, 0, 0}},
    {file_info, Size, Type, read, Time, Time, Time, 8#444, 1, 0, 0, 0, 0, 0}.

get_path() ->
    {ok, warpbeam_native:code_path()}.

set_path(_Path) ->
    ok.

get_cwd() ->
    error.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) when is_binary(Name) -> unicode:characters_to_list(Name);
text(Name) -> lists:flatten(Name).
