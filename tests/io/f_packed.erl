%% Compressed data and files: OTP's `zlib`, and what stands on it. Compressed bytes are not shown, as they are not those of OTP. The
%% expected output is what `erl` 25 prints.
-module(f_packed).

-export([main/1]).

main([Directory]) ->
    ok = file:set_cwd(Directory),
    lists:foreach(fun show/1, whole() ++ deflating() ++ inflating() ++ chunks() ++ ends() ++ dictionaries() ++ owners() ++ files()),
    show({left, fun() -> file:list_dir(".") end}).

show({Name, Call}) ->
    Result = try Call() catch Class:Reason -> {Class, Reason} end,
    io:format("~0p: ~0tp~n", [Name, Result]).

data() ->
    [<<>>, <<"a">>, binary:copy(<<"hello world">>, 10000), iolist_to_binary([<<(N * N):24>> || N <- lists:seq(1, 100000)])].

%% What one writes the other reads, and what zlib wrote once.
whole() ->
    [
        {compress, fun() -> [zlib:uncompress(zlib:compress(Data)) =:= Data || Data <- data()] end},
        {zip, fun() -> [zlib:unzip(zlib:zip(Data)) =:= Data || Data <- data()] end},
        {gzip, fun() -> [zlib:gunzip(zlib:gzip(Data)) =:= Data || Data <- data()] end},
        {smaller, fun() -> byte_size(zlib:compress(binary:copy(<<"hello world">>, 10000))) < 1500 end},
        {list, fun() -> zlib:uncompress([zlib:compress(["he", [$l, <<"lo">>]])]) end},
        {known, fun() -> zlib:uncompress(<<120, 156, 203, 72, 205, 201, 201, 87, 40, 207, 47, 202, 73, 1, 0, 26, 11, 4, 93>>) end},
        {headers, fun() -> [binary:part(zlib:compress("a"), 0, 2), binary:part(zlib:gzip("a"), 0, 10), zlib:zip(<<>>)] end},
        {two, fun() -> zlib:gunzip([zlib:gzip("a"), zlib:gzip("b")]) end},
        {trailing, fun() -> zlib:gunzip([zlib:gzip("a"), "xyz"]) end},
        {zeros, fun() -> zlib:gunzip([zlib:gzip("a"), 0, 0, 0]) end},
        {short, fun() -> G = zlib:gzip("hello"), zlib:gunzip(binary:part(G, 0, byte_size(G) - 3)) end},
        {wrong_sum, fun() ->
            G = zlib:gzip("hello"),
            Size = byte_size(G) - 8,
            <<Head:Size/binary, _, Tail/binary>> = G,
            zlib:gunzip([Head, 255, Tail])
        end},
        {named, fun() -> zlib:gunzip(<<31, 139, 8, 8, 0, 0, 0, 0, 0, 3, "name", 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0>>) end},
        {nonsense, fun() -> zlib:gunzip("xyz") end},
        {nonsense, fun() -> zlib:uncompress("0123456789") end},
        {nonsense, fun() -> zlib:uncompress("") end},
        {nonsense, fun() -> zlib:unzip(<<255, 255, 255>>) end},
        {nothing, fun() -> zlib:unzip(<<>>) end},
        {bad, fun() -> zlib:compress(foo) end},
        {bad, fun() -> zlib:uncompress([foo]) end}
    ].

deflating() ->
    Z = zlib:open(),
    [
        {not_begun, fun() -> zlib:deflate(Z, "x") end},
        {not_begun, fun() -> zlib:deflateEnd(Z) end},
        {not_begun, fun() -> zlib:deflateReset(Z) end},
        {not_begun, fun() -> zlib:deflateParams(Z, 1, default) end},
        {begin_it, fun() -> zlib:deflateInit(Z) end},
        {again, fun() -> zlib:deflateInit(Z) end},
        {other, fun() -> zlib:inflateInit(Z) end},
        {other, fun() -> zlib:inflate(Z, "x") end},
        {parts, fun() ->
            Parts = [zlib:deflate(Z, "hello "), zlib:deflate(Z, "world ", sync), zlib:deflate(Z, "again", full), zlib:deflate(Z, "!", finish)],
            zlib:uncompress(Parts)
        end},
        {after_end, fun() -> zlib:deflate(Z, "x", finish) end},
        {reset, fun() -> zlib:deflateReset(Z) end},
        {params, fun() ->
            One = zlib:deflate(Z, binary:copy(<<"one">>, 1000)),
            ok = zlib:deflateParams(Z, best_speed, default),
            zlib:uncompress([One, zlib:deflate(Z, "two", finish)]) =:= <<(binary:copy(<<"one">>, 1000))/binary, "two">>
        end},
        {end_it, fun() -> zlib:deflateEnd(Z) end},
        {levels, fun() ->
            [begin
                ok = zlib:deflateInit(Z, Level, deflated, Bits, 8, default),
                Packed = zlib:deflate(Z, binary:copy(<<"level">>, 9999), finish),
                ok = zlib:deflateEnd(Z),
                zlib:inflateInit(Z, Bits),
                Size = iolist_size(zlib:inflate(Z, Packed)),
                {zlib:inflateEnd(Z), Size}
            end || Level <- [none, best_speed, 5, best_compression], Bits <- [9, 15, -9, -15, 31]]
        end},
        {too_early, fun() -> zlib:deflateInit(Z), zlib:deflate(Z, "x"), zlib:deflateEnd(Z) end},
        {ended, fun() -> zlib:deflateEnd(Z) end},
        {bad_level, fun() -> zlib:deflateInit(Z, 10) end},
        {bad_bits, fun() -> zlib:deflateInit(Z, 1, deflated, 77, 8, default) end},
        {bad_flush, fun() -> zlib:deflateInit(Z), zlib:deflate(Z, "", foo) end},
        {bad_data, fun() -> zlib:deflate(Z, [foo]) end},
        {close, fun() -> zlib:close(Z) end},
        {closed, fun() -> zlib:close(Z) end},
        {closed, fun() -> zlib:deflate(Z, "x") end},
        {no_stream, fun() -> zlib:deflate(foo, "x") end},
        {no_stream, fun() -> zlib:deflate(make_ref(), "x") end},
        {no_stream, fun() -> zlib:deflate(prim_buffer:new(), "x") end}
    ].

inflating() ->
    Z = zlib:open(),
    Packed = zlib:compress(binary:copy(<<"hello world">>, 1000)),
    [
        {not_begun, fun() -> zlib:inflate(Z, "x") end},
        {not_begun, fun() -> zlib:inflateEnd(Z) end},
        {begin_it, fun() -> zlib:inflateInit(Z) end},
        {too_early, fun() -> zlib:inflate(Z, binary:part(Packed, 0, 5)), zlib:inflateEnd(Z) end},
        {bytes, fun() ->
            ok = zlib:inflateInit(Z),
            iolist_size([zlib:inflate(Z, [Byte]) || <<Byte>> <= Packed])
        end},
        {end_it, fun() -> zlib:inflateEnd(Z) end},
        {nonsense, fun() -> zlib:inflateInit(Z), zlib:inflate(Z, "not compressed") end},
        {still, fun() -> zlib:inflate(Z, Packed) end},
        {reset, fun() -> zlib:inflateReset(Z), iolist_size(zlib:inflate(Z, Packed)) end},
        {reset, fun() -> zlib:inflateReset(Z), zlib:inflateEnd(Z) end},
        {either, fun() -> zlib:inflateInit(Z, 47), zlib:inflate(Z, zlib:gzip("gzip")) end},
        {either, fun() -> zlib:inflateReset(Z), zlib:inflate(Z, zlib:compress("zlib")) end},
        {end_it, fun() -> zlib:inflateEnd(Z) end},
        {wrong_kind, fun() -> zlib:inflateInit(Z, 15), zlib:inflate(Z, zlib:gzip("gzip")) end},
        {close, fun() -> zlib:close(Z) end}
    ].

%% Output comes in pieces, so that a small input cannot fill the memory at once.
chunks() ->
    Z = zlib:open(),
    Packed = zlib:compress(binary:copy(<<"hello world">>, 10000)),
    [
        {begin_it, fun() -> zlib:inflateInit(Z) end},
        {safe, fun() -> {Mark, Out} = zlib:safeInflate(Z, Packed), {Mark, iolist_size(Out)} end},
        {safe, fun() -> {Mark, Out} = zlib:safeInflate(Z, []), {Mark, iolist_size(Out)} end},
        {rest, fun() -> iolist_size(zlib:inflate(Z, [])) end},
        {nothing, fun() -> zlib:safeInflate(Z, []) end},
        {end_it, fun() -> zlib:inflateEnd(Z) end},
        {close, fun() -> zlib:close(Z) end}
    ].

%% What follows the end of a stream.
ends() ->
    Packed = zlib:compress(binary:copy(<<"hello world">>, 1000)),
    [{{AtEnd, length(Given)}, fun() ->
        Z = zlib:open(),
        ok = zlib:inflateInit(Z, 15, AtEnd),
        Size = try iolist_size(zlib:inflate(Z, Given)) catch error:Reason -> Reason end,
        {Size, try zlib:inflateEnd(Z) catch error:Other -> Other end}
    end} || AtEnd <- [error, reset, cut], Given <- [[Packed], [Packed, Packed], [Packed, "x", "y"]]].

dictionaries() ->
    D = zlib:open(),
    I = zlib:open(),
    [
        {set, fun() -> zlib:deflateInit(D), zlib:deflateSetDictionary(D, "hello world") end},
        {pack, fun() ->
            Packed = iolist_to_binary(zlib:deflate(D, "hello world", finish)),
            put(packed, Packed),
            binary:part(Packed, 0, 6)
        end},
        {needed, fun() -> zlib:inflateInit(I), zlib:inflate(I, get(packed)) end},
        {wrong, fun() -> zlib:inflateSetDictionary(I, "hello") end},
        {right, fun() -> zlib:inflateSetDictionary(I, "hello world") end},
        {unpack, fun() -> zlib:inflate(I, []) end},
        {needed, fun() -> zlib:inflateReset(I), zlib:inflate(I, get(packed), [{exception_on_need_dict, false}]) end},
        %% What zlib wrote with a dictionary.
        {zlib, fun() ->
            ok = zlib:inflateReset(I),
            Needs = zlib:inflate(I, <<120, 187, 26, 11, 4, 93, 203, 64, 48, 117, 20, 192, 28, 0, 64, 177, 6, 189>>, [{exception_on_need_dict, false}]),
            {Needs, zlib:inflateSetDictionary(I, "hello world"), zlib:inflate(I, [])}
        end},
        {not_wanted, fun() -> zlib:inflateReset(I), zlib:inflateSetDictionary(I, "x") end},
        {too_late, fun() -> zlib:deflateReset(D), zlib:deflate(D, "x"), zlib:deflateSetDictionary(D, "x") end},
        {close, fun() -> [zlib:close(Z) || Z <- [D, I]] end}
    ].

owners() ->
    [
        {elsewhere, fun() ->
            Z = zlib:open(),
            ok = zlib:inflateInit(Z),
            elsewhere(fun() -> zlib:inflate(Z, "x") end)
        end},
        {given, fun() ->
            Z = zlib:open(),
            ok = zlib:inflateInit(Z),
            Me = self(),
            Pid = spawn(fun() -> receive go -> Me ! {done, zlib:inflateReset(Z)} end end),
            ok = zlib:set_controlling_process(Z, Pid),
            Pid ! go,
            Done = receive {done, Result} -> Result end,
            {Done, try zlib:inflateReset(Z) catch error:Reason -> Reason end}
        end}
    ].

elsewhere(Call) ->
    Me = self(),
    spawn(fun() -> Me ! {result, try Call() catch Class:Reason -> {Class, Reason} end} end),
    receive {result, Result} -> Result end.

files() ->
    [
        {write, fun() ->
            {ok, Fd} = file:open("p", [write, compressed]),
            ok = file:write(Fd, "one\n"),
            ok = file:write(Fd, binary:copy(<<"two\n">>, 5000)),
            ok = file:close(Fd),
            {ok, Packed} = file:read_file("p"),
            {byte_size(Packed) < 1000, byte_size(zlib:gunzip(Packed))}
        end},
        {read, fun() ->
            {ok, Fd} = file:open("p", [read, binary, compressed]),
            Read = [file:read_line(Fd), file:read(Fd, 5), file:position(Fd, cur), byte_size(element(2, file:read(Fd, 100000))), file:read(Fd, 1)],
            {Read, file:position(Fd, 1), file:read(Fd, 4), file:close(Fd)}
        end},
        {plain, fun() ->
            ok = file:write_file("q", "not compressed"),
            {ok, Fd} = file:open("q", [read, compressed, raw]),
            {file:read(Fd, 100), file:close(Fd)}
        end},
        {sort, fun() ->
            Terms = [(N * 7919) rem 503 || N <- lists:seq(1, 502)],
            ok = file:write_file("in", [[integer_to_list(N), ".\n"] || N <- Terms]),
            ok = file_sorter:sort(["in"], "out", [{format, term}]),
            {ok, Sorted} = file:consult("out"),
            {length(Sorted), Sorted =:= lists:sort(Terms)}
        end},
        {tar, fun() ->
            ok = erl_tar:create("t.tar.gz", [{"a/b", <<"content">>}, "q"], [compressed]),
            {erl_tar:table("t.tar.gz", [compressed]), erl_tar:extract("t.tar.gz", [compressed, memory])}
        end},
        {zip, fun() ->
            {ok, "z.zip"} = zip:create("z.zip", [{"x", <<"content">>}, {"y", binary:copy(<<"z">>, 1000)}]),
            {ok, Files} = zip:extract("z.zip", [memory]),
            [{Name, byte_size(Content)} || {Name, Content} <- Files]
        end},
        {delete, fun() -> [file:delete(N) || N <- ["p", "q", "in", "out", "t.tar.gz", "z.zip"]] end}
    ].
