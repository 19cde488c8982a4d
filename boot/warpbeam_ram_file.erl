%% A file in memory: the process of a port that does what OTP's `ram_file` asks of its driver, which is written in C.
%%
%% Invariant: a command has one answer, a message to the owner, before who has sent it goes on. Source: the commands and answers of OTP's
%% `ram_file`, the documentation of `file`, and what `erl` answers.
-module(warpbeam_ram_file).

-export([start/2]).

-record(ram, {owner, binary, mode = 0, position = 0, bytes = <<>>}).

-define(READ, 1).
-define(WRITE, 2).
-define(OK, 0).
-define(ERROR, 1).
-define(DATA, 2).
-define(NUMBER, 3).

start(Owner, Options) ->
    process_flag(trap_exit, true),
    ets:insert(warpbeam_port, {self(), undefined}),
    loop(#ram{owner = Owner, binary = lists:member(binary, Options)}).

loop(#ram{owner = Owner} = F) ->
    receive
        {warpbeam_call, _, close} -> finish(normal);
        {warpbeam_call, From, {command, Command}} ->
            {Answer, New} = asked(Command, F),
            Owner ! {self(), {data, Answer}},
            warpbeam_port:reply(From, sent),
            loop(New);
        {warpbeam_call, From, {connect, Pid}} ->
            link(Pid),
            warpbeam_port:reply(From, true),
            loop(F#ram{owner = Pid});
        {warpbeam_call, From, info} ->
            Info = [{name, "ram_file_drv"}, {links, warpbeam_native:links()}, {id, 0}, {connected, Owner},
                    {input, 0}, {output, 0}, {os_pid, undefined}],
            warpbeam_port:reply(From, Info),
            loop(F);
        {warpbeam_call, From, flush} ->
            warpbeam_port:reply(From, ok),
            loop(F);
        {warpbeam_call, From, _} ->
            warpbeam_port:reply(From, {error, einval}),
            loop(F);
        {Owner, {command, Data}} ->
            {Answer, New} = asked(iolist_to_binary(Data), F),
            Owner ! {self(), {data, Answer}},
            loop(New);
        {Owner, close} ->
            Owner ! {self(), closed},
            finish(normal);
        {Owner, {connect, Pid}} when is_pid(Pid) ->
            link(Pid),
            Owner ! {self(), connected},
            loop(F#ram{owner = Pid});
        {'EXIT', Owner, Reason} ->
            finish(Reason);
        {'EXIT', _, Reason} when Reason =/= normal ->
            finish(Reason);
        _ ->
            loop(F)
    end.

finish(Reason) ->
    ets:delete(warpbeam_port, self()),
    exit(Reason).

%% Commands, by their numbers in OTP's `ram_file`.

asked(<<1, Mode:32, Bytes/binary>>, F) ->
    {number(0), F#ram{mode = Mode, bytes = Bytes}};
asked(<<2, Size:32/signed>>, F) ->
    read(F#ram.position, Size, true, F);
asked(<<17, At:32/signed, Size:32/signed>>, F) ->
    read(At, Size, false, F);
asked(<<3, Offset:32/signed, Whence:32>>, F) ->
    seek(Offset + origin(Whence, F), F);
asked(<<4, Data/binary>>, F) ->
    write(F#ram.position, Data, true, F);
asked(<<18, At:32/signed, Data/binary>>, F) ->
    write(At, Data, false, F);
asked(<<14>>, #ram{mode = Mode} = F) when Mode band ?WRITE =:= 0 ->
    {failed("eacces"), F};
asked(<<14>>, #ram{position = Position, bytes = Bytes} = F) ->
    {[?OK], F#ram{bytes = first(Bytes, Position)}};
asked(<<Sync>>, F) when Sync =:= 9; Sync =:= 19 ->
    {[?OK], F};
asked(<<30>>, F) ->
    {data(F#ram.bytes, F), F};
asked(<<37>>, F) ->
    {number(byte_size(F#ram.bytes)), F};
asked(<<38, _:64, _:64, Advice:32>>, F) ->
    {if Advice =< 5 -> [?OK]; true -> failed("einval") end, F};
asked(<<39, _/binary>>, F) ->
    {[?OK], F};
asked(_, F) ->
    {failed("einval"), F}.

origin(0, _) -> 0;
origin(1, F) -> F#ram.position;
origin(2, F) -> byte_size(F#ram.bytes).

seek(To, F) when To < 0 -> {failed("einval"), F};
seek(To, F) -> {number(To), F#ram{position = To}}.

read(At, Size, _, F) when At < 0; Size < 0 ->
    {failed("einval"), F};
read(_, _, _, #ram{mode = Mode} = F) when Mode band ?READ =:= 0 ->
    {failed("ebadf"), F};
read(At, Size, Moves, #ram{bytes = Bytes} = F) ->
    Count = max(0, min(Size, byte_size(Bytes) - At)),
    Part = if Count =:= 0 -> <<>>; true -> binary:part(Bytes, At, Count) end,
    {data(Part, F), moved(Moves, At + Count, F)}.

write(At, _, _, F) when At < 0 ->
    {failed("einval"), F};
write(_, _, _, #ram{mode = Mode} = F) when Mode band ?WRITE =:= 0 ->
    {failed("ebadf"), F};
write(At, Data, Moves, #ram{bytes = Bytes} = F) ->
    End = At + byte_size(Data),
    Rest = if byte_size(Bytes) > End -> binary:part(Bytes, End, byte_size(Bytes) - End); true -> <<>> end,
    New = <<(first(Bytes, At))/binary, Data/binary, Rest/binary>>,
    {number(byte_size(Data)), moved(Moves, End, F#ram{bytes = New})}.

moved(true, Position, F) -> F#ram{position = Position};
moved(false, _, F) -> F.

%% The first bytes, with zeros where there are not so many.
first(Bytes, Count) when Count =< byte_size(Bytes) -> binary:part(Bytes, 0, Count);
first(Bytes, Count) -> <<Bytes/binary, 0:(8 * (Count - byte_size(Bytes)))>>.

number(N) -> [?NUMBER | binary_to_list(<<N:32>>)].

failed(Reason) -> [?ERROR | Reason].

data(Bytes, #ram{binary = IsBinary}) ->
    Header = [?DATA | binary_to_list(<<(byte_size(Bytes)):32>>)],
    if IsBinary -> Header ++ Bytes; true -> Header ++ binary_to_list(Bytes) end.
