%% Handles are numbers, and the lowest free one is given out: a write through a
%% handle that its owner's helper closed goes to whoever got the number next.
-module(handle_reuse).
-export([main/0, fixed/0, files/2, owner/3, closer/3, other/2]).

main() -> run(shared).
fixed() -> run(after_write).

run(How) ->
    Files = spawn(?MODULE, files, [#{}, #{}]),
    Handle = call(Files, {open, log}),
    Owner = spawn(?MODULE, owner, [self(), Files, Handle]),
    How =:= after_write andalso receive {Owner, written} -> ok end,
    spawn(?MODULE, closer, [self(), Files, Handle]),
    spawn(?MODULE, other, [self(), Files]),
    How =:= shared andalso receive {Owner, written} -> ok end,
    [receive done -> ok end || _ <- [1, 2]],
    [mine] = call(Files, {contents, precious}).

owner(Main, Files, Handle) ->
    call(Files, {write, Handle, line}),
    Main ! {self(), written}.

closer(Main, Files, Handle) ->
    call(Files, {close, Handle}),
    Main ! done.

other(Main, Files) ->
    Handle = call(Files, {open, precious}),
    call(Files, {write, Handle, mine}),
    Main ! done.

files(Open, Contents) ->
    receive
        {From, {open, Name}} ->
            Free = hd([N || N <- lists_of:upto(9), not maps:is_key(N, Open)]),
            From ! {self(), Free},
            files(Open#{Free => Name}, Contents);
        {From, {close, Handle}} ->
            From ! {self(), ok},
            files(maps:remove(Handle, Open), Contents);
        {From, {write, Handle, What}} ->
            From ! {self(), ok},
            case Open of
                #{Handle := Name} ->
                    files(Open, Contents#{Name => lines(Name, Contents) ++ [What]});
                _ -> files(Open, Contents)
            end;
        {From, {contents, Name}} ->
            From ! {self(), lines(Name, Contents)},
            files(Open, Contents)
    end.

lines(Name, Contents) ->
    case Contents of
        #{Name := Lines} -> Lines;
        _ -> []
    end.

call(Server, Request) ->
    Server ! {self(), Request},
    receive {Server, Answer} -> Answer end.
