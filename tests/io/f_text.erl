%% Text in files, through the I/O protocol and OTP's `file_io_server`: encodings, lines, formats, terms. The expected output is
%% what `erl` 25 prints.
-module(f_text).

-export([main/1]).

main([Directory]) ->
    ok = file:set_cwd(Directory),
    [encoded(Encoding) || Encoding <- [latin1, utf8, unicode, {utf16, big}, {utf16, little}, {utf32, big}]],
    lists:foreach(fun show/1, reading() ++ terms() ++ buffers()),
    show({delete, fun() -> [file:delete(N) || N <- ["t", "c", "s"]] end}),
    show({left, fun() -> file:list_dir(".") end}).

show({Name, Call}) ->
    Result = try Call() catch Class:Reason -> {Class, Reason} end,
    io:format("~0p: ~0tp~n", [Name, Result]).

encoded(Encoding) ->
    Steps = [
        {write, fun() ->
            {ok, Fd} = file:open("t", [write, {encoding, Encoding}]),
            R = [io:put_chars(Fd, "h\x{e5}j\n"), io:format(Fd, "~s ~p ~ts~n", ["x", {1, "y"}, [16#e5]]), io:nl(Fd)],
            {R, file:close(Fd)}
        end},
        {bytes, fun() -> file:read_file("t") end},
        {read, fun() ->
            {ok, Fd} = file:open("t", [read, {encoding, Encoding}]),
            R = [io:get_line(Fd, ""), io:get_chars(Fd, "", 3), io:get_line(Fd, ""), io:get_line(Fd, ""), io:get_line(Fd, "")],
            {R, file:close(Fd)}
        end},
        {binary, fun() ->
            {ok, Fd} = file:open("t", [read, binary, {encoding, Encoding}]),
            R = [io:get_line(Fd, ""), file:read_line(Fd), file:read(Fd, 1), io:getopts(Fd)],
            {R, file:close(Fd)}
        end},
        {wide, fun() ->
            {ok, Fd} = file:open("t", [write, {encoding, Encoding}]),
            R = try io:put_chars(Fd, [16#3b1, 16#1f600]) catch C:E -> {C, E} end,
            {R, file:close(Fd)}
        end},
        {bytes, fun() -> file:read_file("t") end},
        {wrong, fun() ->
            ok = file:write_file("t", <<"ok\n", 16#e5, 16#28, "\n">>),
            {ok, Fd} = file:open("t", [read, {encoding, Encoding}]),
            R = [io:get_line(Fd, ""), io:get_line(Fd, "")],
            {R, file:close(Fd)}
        end}
    ],
    [show({{Encoding, Name}, Call}) || {Name, Call} <- Steps].

reading() ->
    [
        {bom, fun() ->
            ok = file:write_file("t", [unicode:encoding_to_bom(utf8), "text"]),
            {ok, Fd} = file:open("t", [read, binary]),
            R = unicode:bom_to_encoding(element(2, file:read(Fd, 4))),
            {ok, _} = file:position(Fd, element(2, R)),
            ok = io:setopts(Fd, [{encoding, element(1, R)}]),
            {R, io:get_line(Fd, ''), file:close(Fd)}
        end},
        {fread, fun() ->
            ok = file:write_file("t", "12 abc 3.5\n7 def 1.0\n"),
            {ok, Fd} = file:open("t", [read]),
            R = [io:fread(Fd, "", "~d ~s ~f") || _ <- lists:seq(1, 3)],
            {R, file:close(Fd)}
        end},
        {read_terms, fun() ->
            ok = file:write_file("t", "{a, 1}.\n[b].\noops oops.\nlast."),
            {ok, Fd} = file:open("t", [read]),
            R = [io:read(Fd, "") || _ <- lists:seq(1, 5)],
            {R, file:close(Fd)}
        end},
        {scan, fun() ->
            ok = file:write_file("t", "foo(1,\n 2).\nbar."),
            {ok, Fd} = file:open("t", [read]),
            R = [io:scan_erl_form(Fd, "", 1), io:parse_erl_exprs(Fd, "", 3), io:scan_erl_form(Fd, "")],
            {R, file:close(Fd)}
        end},
        {both, fun() ->
            {ok, Fd} = file:open("t", [read, write]),
            ok = io:put_chars(Fd, "0123456789"),
            {ok, 2} = file:position(Fd, 2),
            R = [io:get_chars(Fd, "", 2), io:put_chars(Fd, "xx"), io:get_chars(Fd, "", 10)],
            {R, file:close(Fd), file:read_file("t")}
        end},
        {columns, fun() ->
            {ok, Fd} = file:open("t", [read]),
            R = [io:columns(Fd), io:rows(Fd), io:getopts(Fd), io:setopts(Fd, [{encoding, foo}]), io:setopts(Fd, [foo])],
            {R, file:close(Fd)}
        end},
        {long_lines, fun() ->
            Lines = [lists:duplicate(N, $a + N rem 26) ++ "\n" || N <- lists:seq(0, 3000, 97)],
            ok = file:write_file("t", Lines),
            {ok, Fd} = file:open("t", [read, read_ahead]),
            Same = [io:get_line(Fd, "") =:= Line || Line <- Lines],
            {lists:usort(Same), io:get_line(Fd, ""), file:close(Fd)}
        end},
        {requests, fun() ->
            {ok, Fd} = file:open("t", [read]),
            R = [request(Fd, foo), request(Fd, {get_line, latin1, ''}),
                request(Fd, {requests, [{get_chars, '', 2}, getopts]}),
                request(Fd, {get_until, latin1, '', no_module, f, []})],
            {R, file:close(Fd)}
        end}
    ].

request(Fd, Request) ->
    Fd ! {io_request, self(), make, Request},
    receive {io_reply, make, Reply} -> Reply after 5000 -> none end.

terms() ->
    [
        {consult, fun() -> file:write_file("c", "%% terms\n{a, 1}.\n[b, \"c\"].\n"), file:consult("c") end},
        {consult_wide, fun() -> file:write_file("c", <<"%% coding: utf-8\n\"\x{3b1}\"."/utf8>>), file:consult("c") end},
        {consult_latin, fun() -> file:write_file("c", <<"%% coding: latin-1\n\"\x{e5}\".">>), file:consult("c") end},
        {consult_bad, fun() -> file:write_file("c", "{a, 1.\n"), file:consult("c") end},
        {consult_none, fun() -> file:consult("none") end},
        {path_consult, fun() -> file:write_file("c", "x."), file:path_consult(["none", "."], "c") end},
        {eval, fun() -> file:write_file("s", "put(evaluated, 1 + 2).\n"), {file:eval("s"), get(evaluated)} end},
        {eval_bad, fun() -> file:write_file("s", "1 + a."), element(1, file:eval("s")) end},
        {script, fun() -> file:write_file("s", "X = 2.\nX * Y."), file:script("s", [{'Y', 21}]) end},
        {script_unbound, fun() -> file:write_file("s", "Z."), element(1, file:script("s")) end},
        {eval_none, fun() -> file:eval("none") end}
    ].

%% What files that read ahead and delay writes are built on.
buffers() ->
    Buffer = prim_buffer:new(),
    [
        {size, fun() -> prim_buffer:size(Buffer) end},
        {nothing, fun() -> [prim_buffer:read(Buffer, 0), prim_buffer:read_iovec(Buffer, 0)] end},
        {too_much, fun() -> prim_buffer:read(Buffer, 1) end},
        {too_much, fun() -> prim_buffer:read_iovec(Buffer, 100) end},
        {write, fun() -> prim_buffer:write(Buffer, [<<"hello">>, <<>>, <<" ">>, <<"world">>]) end},
        {write, fun() -> prim_buffer:write(Buffer, []) end},
        {bad, fun() -> prim_buffer:write(Buffer, <<"x">>) end},
        {bad, fun() -> prim_buffer:write(Buffer, [<<"x">> | y]) end},
        {bad, fun() -> prim_buffer:write(Buffer, [<<"x">>, 1]) end},
        {find, fun() -> [prim_buffer:find_byte_index(Buffer, C) || C <- "hwdz"] end},
        {bad, fun() -> prim_buffer:find_byte_index(Buffer, 256) end},
        {bad, fun() -> prim_buffer:find_byte_index(Buffer, -1) end},
        {read, fun() -> prim_buffer:read(Buffer, 3) end},
        {skip, fun() -> prim_buffer:skip(Buffer, 2) end},
        {skip, fun() -> prim_buffer:skip(Buffer, 7) end},
        {bad, fun() -> prim_buffer:skip(Buffer, -1) end},
        {find, fun() -> prim_buffer:find_byte_index(Buffer, $d) end},
        {wipe, fun() -> {prim_buffer:wipe(Buffer), prim_buffer:size(Buffer)} end},
        {large, fun() ->
            Large = binary:copy(<<"0123456789">>, 1000),
            ok = prim_buffer:write(Buffer, [<<"a">>, Large, <<"b">>, Large]),
            {iolist_size(prim_buffer:read_iovec(Buffer, 15000)), prim_buffer:read(Buffer, 6), prim_buffer:size(Buffer)}
        end},
        {lock, fun() -> [prim_buffer:try_lock(Buffer), prim_buffer:try_lock(Buffer), prim_buffer:unlock(Buffer)] end},
        {unlock, fun() -> prim_buffer:unlock(Buffer) end},
        {not_one, fun() -> prim_buffer:size(make_ref()) end},
        {not_one, fun() -> prim_buffer:size(counters:new(1, [])) end},
        {not_one, fun() -> prim_buffer:read(foo, 1) end}
    ].
