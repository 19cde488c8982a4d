%% Files in memory: OTP's `ram_file` over the port that stands in for its driver. The expected output is what `erl` 25 prints.
-module(f_ram).

-export([main/1]).

main([_]) ->
    [say(Modes, session(Modes)) || Modes <- [[read], [write], [read, write], [read, binary], [write, binary], [read, write, binary], []]],
    say(opening, [file:open(Data, [ram | Modes]) || {Data, Modes} <- [{["a", <<"b">>], []}, {foo, []}, {"x", [append]}]]),
    copies(),
    as_a_port(),
    far_places().

%% What each function gives, whether the file may be read and written or not.
session(Modes) ->
    {ok, F} = file:open("hello\nbig world\nx", [ram | Modes]),
    reads(F) ++ writes(F) ++ places(F) ++ ends(F).

reads(F) ->
    [file:read(F, 3), file:read(F, 0), file:pread(F, 6, 3), file:position(F, cur), file:position(F, {eof, -2}),
     file:read(F, 5), file:read(F, 1), file:pread(F, [{0, 4}, {100, 2}, {2, 0}]), file:pread(F, 100, 4),
     file:pread(F, -1, 4), file:pread(F, 0, 0), file:read(F, -1)].

writes(F) ->
    [file:position(F, {bof, 4}), file:write(F, "OO"), file:write(F, [<<"a">>, $b]), file:position(F, cur),
     file:position(F, {eof, 4}), file:write(F, "!"), file:pread(F, 0, 100), file:position(F, 5), file:truncate(F),
     ram_file:get_file(F), ram_file:get_size(F), file:pwrite(F, 8, "zz"), file:pwrite(F, [{0, "A"}, {1, <<"B">>}]),
     file:pwrite(F, -1, "q"), catch file:write(F, foo), file:position(F, 30), file:truncate(F), ram_file:get_file(F)].

places(F) ->
    [file:position(F, {bof, -1}), file:position(F, {cur, -100}), file:position(F, foo), file:position(F, eof),
     file:position(F, bof), file:sync(F), file:datasync(F), file:advise(F, 0, 0, normal), file:advise(F, 0, 0, foo),
     file:allocate(F, 0, 10), catch file:read_file_info(F)].

ends(F) ->
    [file:close(F), catch file:read(F, 1), catch file:close(F)].

copies() ->
    {ok, A} = file:open(<<"some bytes here">>, [ram, read, binary]),
    {ok, B} = file:open(<<>>, [ram, read, write, binary]),
    say(copies, [file:copy(A, B), ram_file:get_file(B), ram_file:ipread_s32bu_p32bu(B, 0, 10)]).

as_a_port() ->
    {ok, F} = file:open(<<"x">>, [ram, read, binary]),
    Port = element(3, F),
    say(port, [is_port(Port), erlang:port_info(Port, connected) =:= {connected, self()}, erlang:port_info(Port, name),
               erlang:port_info(Port, links) =:= {links, [self()]}]),
    Port ! {self(), {command, <<37>>}},
    say(asked, receive {Port, Answer} -> Answer end),
    Port ! {self(), close},
    say(told, receive {Port, Closed} -> Closed end),
    {Pid, Ref} = spawn_monitor(fun() -> {ok, G} = file:open("x", [ram]), exit(element(3, G)) end),
    Of = receive {'DOWN', Ref, process, Pid, Ended} -> Ended end,
    say(its_owner_ended, catch port_command(Of, <<37>>)),
    {ok, H} = file:open("x", [ram]),
    say(closed_as_a_port, [port_close(element(3, H)), file:read(H, 1)]).

far_places() ->
    {ok, F} = file:open("x", [ram, read, write]),
    say(far, [file:pread(F, 1 bsl 40, 1), file:position(F, 1 bsl 31), file:pwrite(F, 20, <<"far">>), ram_file:get_file(F)]).

say(What, {'EXIT', {Reason, _}}) -> io:format("~p: raised ~p~n", [What, Reason]);
say(What, Results) when is_list(Results) ->
    io:format("~p:~n", [What]),
    lists:foreach(fun(Result) -> io:format("  ~0p~n", [masked(Result)]) end, Results);
say(What, Result) -> io:format("~p: ~0p~n", [What, masked(Result)]).

masked(Port) when is_port(Port) -> port;
masked({'EXIT', {Reason, _}}) -> {raised, Reason};
masked(Tuple) when is_tuple(Tuple) -> list_to_tuple([masked(E) || E <- tuple_to_list(Tuple)]);
masked(Other) -> Other.
