%% What stands on `file` in OTP's libraries: `filelib`, `dets`, `disk_log`, `filename`. The expected output is what
%% `erl` 25 prints.
-module(f_library).

-export([main/1]).

main([Directory]) ->
    ok = file:set_cwd(Directory),
    lists:foreach(fun show/1, tree() ++ tables() ++ logs()),
    show({left, fun() -> file:list_dir(".") end}).

show({Name, Call}) ->
    Result = try Call() catch Class:Reason -> {Class, Reason} end,
    io:format("~0p: ~0tp~n", [Name, Result]).

tree() ->
    [
        {ensure, fun() -> filelib:ensure_dir("x/y/z/file") end},
        {ensure_path, fun() -> filelib:ensure_path("x/p/q") end},
        {fill, fun() ->
            Names = ["x/a.erl", "x/b.erl", "x/y/c.erl", "x/y/z/d.hrl", "x/.hidden", "x/p/q/e.erl"],
            [file:write_file(Name, Name) || Name <- Names]
        end},
        {ensure_under_file, fun() -> filelib:ensure_dir("x/a.erl/b") end},
        {wildcard, fun() -> filelib:wildcard("x/*") end},
        {wildcard, fun() -> filelib:wildcard("x/**/*.erl") end},
        {wildcard, fun() -> filelib:wildcard("x/{a,c,y/c}.?rl") end},
        {wildcard, fun() -> filelib:wildcard("*/[a-b].erl", "x/..") end},
        {wildcard, fun() -> filelib:wildcard("none/*") end},
        {wildcard, fun() -> filelib:wildcard("x/a.erl") end},
        {wildcard_bad, fun() -> filelib:wildcard("x/{a") end},
        {fold, fun() -> lists:sort(filelib:fold_files("x", "\\.erl$", true, fun(F, A) -> [F | A] end, [])) end},
        {fold_flat, fun() -> lists:sort(filelib:fold_files("x", "rl$", false, fun(F, A) -> [F | A] end, [])) end},
        {is, fun() -> [[filelib:F(N) || N <- ["x", "x/a.erl", "none"]] || F <- [is_dir, is_file, is_regular]] end},
        {size, fun() -> [filelib:file_size(N) || N <- ["x/a.erl", "none"]] end},
        {modified, fun() -> [filelib:last_modified("none"), size(filelib:last_modified("x"))] end},
        {find, fun() -> filelib:find_file("c.erl", "x/y") end},
        {find_source, fun() -> filelib:find_source("a.beam", "x", [{".beam", ".erl", [{"", ""}]}]) end},
        {safe, fun() -> [filelib:safe_relative_path(N, ".") || N <- ["x/../x/a", "../x", "/x"]] end},
        {absolute, fun() -> {ok, Here} = file:get_cwd(), filename:absname("x") =:= filename:join(Here, "x") end},
        {delete, fun() -> file:del_dir_r("x") end}
    ].

tables() ->
    [
        {dets, fun() ->
            {ok, t} = dets:open_file(t, [{file, "t.dets"}]),
            ok = dets:insert(t, [{N, N * N} || N <- lists:seq(1, 200)]),
            ok = dets:delete(t, 7),
            R = [dets:lookup(t, 9), dets:lookup(t, 7), dets:info(t, size), dets:member(t, 200)],
            {R, dets:close(t)}
        end},
        {dets_again, fun() ->
            {ok, t} = dets:open_file(t, [{file, "t.dets"}]),
            R = [lists:sort(dets:match(t, {'$1', 16})), length(dets:match_object(t, '_')), dets:update_counter(t, 3, {2, 5})],
            R2 = dets:foldl(fun({K, _}, A) -> K + A end, 0, t),
            {R, R2, dets:sync(t), dets:close(t)}
        end},
        {dets_is, fun() -> [dets:is_dets_file("t.dets"), dets:is_dets_file("none")] end},
        {dets_bag, fun() ->
            {ok, b} = dets:open_file(b, [{file, "b.dets"}, {type, bag}]),
            ok = dets:insert(b, [{1, a}, {1, b}, {2, c}]),
            R = {lists:sort(dets:lookup(b, 1)), dets:delete_object(b, {1, a}), dets:lookup(b, 1)},
            {R, dets:close(b)}
        end},
        {ets_file, fun() ->
            T = ets:new(t, []),
            true = ets:insert(T, [{N, integer_to_list(N)} || N <- lists:seq(1, 50)]),
            ok = ets:tab2file(T, "t.ets"),
            {ok, U} = ets:file2tab("t.ets"),
            {lists:sort(ets:tab2list(T)) =:= lists:sort(ets:tab2list(U)), ets:info(U, size)}
        end},
        {delete, fun() -> [file:delete(N) || N <- ["t.dets", "b.dets", "t.ets"]] end}
    ].

logs() ->
    [
        {log, fun() ->
            {ok, l} = disk_log:open([{name, l}, {file, "l.log"}]),
            ok = disk_log:log(l, {first, 1}),
            ok = disk_log:log_terms(l, [two, "three"]),
            ok = disk_log:sync(l),
            {Continuation, Terms} = disk_log:chunk(l, start),
            {Terms, disk_log:chunk(l, Continuation), disk_log:close(l)}
        end},
        {log_again, fun() ->
            {ok, l} = disk_log:open([{name, l}, {file, "l.log"}]),
            ok = disk_log:log(l, more),
            {_, Terms} = disk_log:chunk(l, start),
            {Terms, disk_log:truncate(l), disk_log:chunk(l, start), disk_log:close(l)}
        end},
        {log_bytes, fun() ->
            {ok, b} = disk_log:open([{name, b}, {file, "b.log"}, {format, external}]),
            ok = disk_log:blog(b, <<"bytes">>),
            {disk_log:close(b), file:read_file("b.log")}
        end},
        {delete, fun() -> [file:delete(N) || N <- ["l.log", "b.log"]] end}
    ].
