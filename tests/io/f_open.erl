%% Open files through OTP's `file`, in each kind of mode: what each call gives, a line each. The expected output is what `erl` 25
%% prints.
-module(f_open).

-export([main/1]).

-include_lib("kernel/include/file.hrl").

main([Directory]) ->
    ok = file:set_cwd(Directory),
    ok = file:write_file("a", "one\ntwo\r\nthree\n\nfour"),
    [scan(Modes) || Modes <- modes()],
    [writes(Modes) || Modes <- write_modes()],
    lists:foreach(fun show/1, opening() ++ owners() ++ odds()),
    show({delete, fun() -> [file:delete(N) || N <- ["a", "w", "n"]] end}),
    show({left, fun() -> file:list_dir(".") end}).

show({Name, Call}) ->
    Result = try Call() catch Class:Reason -> {Class, Reason} end,
    io:format("~0p: ~0tp~n", [Name, Result]).

modes() ->
    [Raw ++ Binary ++ Ahead || Raw <- [[], [raw]], Binary <- [[], [binary]], Ahead <- [[], [read_ahead], [{read_ahead, 3}]]].

%% Reads in many ways from one descriptor.
scan(Modes) ->
    {ok, Fd} = file:open("a", [read | Modes]),
    Steps = [
        {read, fun() -> file:read(Fd, 2) end},
        {line, fun() -> file:read_line(Fd) end},
        {line, fun() -> file:read_line(Fd) end},
        {where, fun() -> file:position(Fd, cur) end},
        {pread, fun() -> file:pread(Fd, 1, 5) end},
        {pread_none, fun() -> {file:pread(Fd, 1, 0), file:pread(Fd, [{0, 0}, {0, 1}])} end},
        {preads, fun() -> file:pread(Fd, [{0, 2}, {4, 3}, {100, 1}, {17, 100}]) end},
        {where, fun() -> file:position(Fd, cur) end},
        {back, fun() -> file:position(Fd, {cur, -3}) end},
        {read, fun() -> file:read(Fd, 4) end},
        {to_end, fun() -> file:position(Fd, {eof, -5}) end},
        {line, fun() -> file:read_line(Fd) end},
        {line, fun() -> file:read_line(Fd) end},
        {line, fun() -> file:read_line(Fd) end},
        {read, fun() -> file:read(Fd, 0) end},
        {read, fun() -> file:read(Fd, 1) end},
        {pread_end, fun() -> file:pread(Fd, 100, 1) end},
        {to_start, fun() -> file:position(Fd, bof) end},
        {all, fun() -> file:read(Fd, 1000) end},
        {too_far_back, fun() -> file:position(Fd, -1) end},
        {past_end, fun() -> file:position(Fd, 1000) end},
        {read, fun() -> file:read(Fd, 1) end},
        {bad_place, fun() -> file:position(Fd, foo) end},
        {bad_count, fun() -> file:read(Fd, -1) end},
        {bad_count, fun() -> file:read(Fd, foo) end},
        {write, fun() -> file:write(Fd, "x") end},
        {truncate, fun() -> file:truncate(Fd) end},
        {advise, fun() -> file:advise(Fd, 0, 10, sequential) end},
        {bad_advice, fun() -> file:advise(Fd, 0, 10, foo) end},
        {info, fun() -> {ok, I} = file:read_file_info(Fd), I#file_info.size end},
        {close, fun() -> file:close(Fd) end},
        {closed_read, fun() -> file:read(Fd, 1) end},
        {closed, fun() -> file:close(Fd) end}
    ],
    [show({{Modes, Name}, Call}) || {Name, Call} <- Steps].

write_modes() ->
    [Access ++ Raw ++ Delayed ||
        Access <- [[write], [append], [read, write], [write, exclusive], [write, sync]],
        Raw <- [[], [raw]],
        Delayed <- [[], [delayed_write], [{delayed_write, 4, 100}]]].

%% Writes in many ways to one descriptor.
writes(Modes) ->
    case lists:member(exclusive, Modes) of
        true -> _ = file:delete("w");
        false -> ok = file:write_file("w", "0123456789")
    end,
    {ok, Fd} = file:open("w", [binary | Modes]),
    Steps = [
        {write, fun() -> file:write(Fd, "ab") end},
        {write, fun() -> file:write(Fd, [<<"cd">>, $e, "fgh"]) end},
        {where, fun() -> file:position(Fd, cur) end},
        {pwrite, fun() -> file:pwrite(Fd, 1, "BCD") end},
        {where, fun() -> file:position(Fd, cur) end},
        {pwrites, fun() -> file:pwrite(Fd, [{0, "A"}, {20, <<"far">>}]) end},
        {nothing, fun() -> file:write(Fd, []) end},
        {read, fun() -> file:position(Fd, 0), file:read(Fd, 3) end},
        {write, fun() -> file:write(Fd, "---") end},
        {datasync, fun() -> file:datasync(Fd) end},
        {sync, fun() -> file:sync(Fd) end},
        {cut, fun() -> file:position(Fd, 15), file:truncate(Fd) end},
        {allocate, fun() -> file:allocate(Fd, 0, 20) end},
        {bad_data, fun() -> file:write(Fd, [foo]) end},
        {bad_place, fun() -> file:pwrite(Fd, -1, "x") end},
        {bad_places, fun() -> file:pwrite(Fd, [{0, "a"}, {-1, "x"}]) end},
        {close, fun() -> file:close(Fd) end},
        {content, fun() -> file:read_file("w") end}
    ],
    [show({{Modes, Name}, Call}) || {Name, Call} <- Steps].

opening() ->
    [
        {none, fun() -> file:open("none", [read]) end},
        {none, fun() -> file:open("none", [read, raw]) end},
        {directory, fun() -> file:open(".", [read]) end},
        {directory, fun() -> file:open(".", [read, raw]) end},
        {directory, fun() -> file:open(".", [write]) end},
        {as_directory, fun() -> {ok, Fd} = file:open(".", [read, directory]), file:close(Fd) end},
        {exclusive, fun() -> file:open("a", [write, exclusive]) end},
        {exclusive, fun() -> file:open("a", [write, exclusive, raw]) end},
        {bad_mode, fun() -> file:open("a", foo) end},
        {bad_name, fun() -> file:open({}, [read]) end},
        {under_file, fun() -> file:open("a/b", [read]) end},
        {mode_atom, fun() -> {ok, Fd} = file:open("a", read), file:close(Fd) end},
        {default, fun() -> {ok, Fd} = file:open("a", []), {file:write(Fd, "x"), file:close(Fd)} end},
        {path, fun() -> {ok, Fd, Name} = file:path_open(["none", "."], "a", [read]), {file:close(Fd), Name} end},
        {path_none, fun() -> file:path_open(["none", "."], "none", [read]) end},
        {new, fun() -> {ok, Fd} = file:open("n", [write, read, binary]), ok = file:write(Fd, "new"), file:close(Fd) end},
        {new, fun() -> file:read_file("n") end},
        {pid, fun() -> file:pid2name(self()) end},
        {pid, fun() -> {ok, Fd} = file:open("a", [read]), R = file:pid2name(Fd), ok = file:close(Fd), R end}
    ].

%% A file is its owner's.
owners() ->
    [
        {raw_elsewhere, fun() ->
            {ok, Fd} = file:open("a", [read, raw]),
            Reason = elsewhere(fun() -> file:read(Fd, 1) end),
            ok = file:close(Fd),
            Reason
        end},
        {server_elsewhere, fun() ->
            {ok, Fd} = file:open("a", [read]),
            Read = elsewhere(fun() -> file:read(Fd, 3) end),
            {Read, file:read(Fd, 3), file:close(Fd)}
        end},
        {closed_with_owner, fun() ->
            Fd = elsewhere(fun() -> {ok, Fd} = file:open("a", [read]), Fd end),
            Monitor = monitor(process, Fd),
            receive {'DOWN', Monitor, process, _, _} -> ok end,
            file:read(Fd, 1)
        end},
        {delayed_elsewhere, fun() ->
            {ok, Fd} = file:open("w", [write, raw, delayed_write]),
            Reason = elsewhere(fun() -> file:write(Fd, "1") end),
            {Reason, file:close(Fd)}
        end}
    ].

elsewhere(Call) ->
    Me = self(),
    {_, Monitor} = spawn_monitor(fun() ->
        Me ! {result, try Call() catch Class:Reason -> {Class, Reason} end}
    end),
    receive {'DOWN', Monitor, process, _, _} -> ok end,
    receive {result, Result} -> Result end.

odds() ->
    [
        {too_much, fun() ->
            [begin
                 {ok, Fd} = file:open("a", [read | Modes]),
                 R = file:read(Fd, 1 bsl 40),
                 _ = file:close(Fd),
                 R
             end || Modes <- [[], [raw], [raw, binary, read_ahead]]]
        end},
        {copy, fun() ->
            {ok, From} = file:open("a", [read, binary]),
            {ok, To} = file:open("w", [write]),
            R = {file:read(From, 4), file:copy(From, To, 5), file:copy(From, To)},
            ok = file:close(From),
            ok = file:close(To),
            {R, file:read_file("w")}
        end},
        {copy_raw, fun() ->
            {ok, From} = file:open("a", [read, binary, raw]),
            {ok, To} = file:open("w", [write, raw]),
            R = file:copy(From, To),
            ok = file:close(From),
            ok = file:close(To),
            {R, file:read_file("w")}
        end},
        {indirect, fun() ->
            ok = file:write_file("w", <<5:32, 16:32, 1, 2, 3, 4, 5, 6, 7, 8, "hello world">>),
            {ok, Fd} = file:open("w", [read, raw, binary]),
            Read = fun(Offset, Max) -> file:ipread_s32bu_p32bu(Fd, Offset, Max) end,
            Results = [Read(0, infinity), Read(0, 4), Read(0, 5), Read(100, 5), Read(20, 5), Read(1 bsl 40, 5), Read(-1, 5),
                Read(23, 1 bsl 31 - 1), Read(0, -1), Read(19, 100), Read(0, foo)],
            ok = file:close(Fd),
            Results
        end},
        {elsewhere, fun() -> file:altname("a") end},
        {elsewhere, fun() -> file:get_cwd("C:") end},
        {not_there, fun() -> prim_file:file_desc_to_ref(-1, [read]) end},
        {bad_number, fun() -> prim_file:file_desc_to_ref(foo, [read]) end},
        {errors, fun() -> [file:format_error(E) || E <- [enoent, einval, badarg, terminated, {1, mod, foo}]] end}
    ].
