%% Files that are sent over sockets: `file:sendfile`.
-module(n_files).
-export([scenes/0]).

-import(n_table, [pair/1]).

scenes() ->
    [{sent, fun sent/0},
     {refused, fun refused/0},
     {not_the_owner, fun not_the_owner/0},
     {gone, fun gone/0}].

data() -> << <<(N rem 251)>> || N <- lists:seq(1, 200000) >>.

with_file(Act) ->
    Name = filename:join("/tmp", "n_files." ++ os:getpid()),
    ok = file:write_file(Name, data()),
    try Act(Name) after file:delete(Name) end.

%% What a call gives that sends so many bytes, and whether these came.
comes({C, S}, Expected, Call) ->
    Me = self(),
    Reader = spawn_link(fun() -> Me ! {self(), gen_tcp:recv(S, byte_size(Expected), 5000) =:= {ok, Expected}} end),
    Result = Call(C),
    receive {Reader, Came} -> {Result, Came} end.

sent() ->
    Pair = pair([binary, {active, false}]),
    Data = data(),
    Part = fun(From, Size) -> binary:part(Data, From, Size) end,
    with_file(fun(Name) ->
        {ok, F} = file:open(Name, [read, raw, binary, {read_ahead, 1000}]),
        {ok, _} = file:read(F, 7),
        [comes(Pair, Data, fun(C) -> file:sendfile(Name, C) end),
         comes(Pair, Part(100, 1000), fun(C) -> file:sendfile(F, C, 100, 1000, []) end),
         file:position(F, cur),
         comes(Pair, Part(1, 199999), fun(C) -> file:sendfile(F, C, 1, 0, [{chunk_size, 1000}]) end),
         comes(Pair, Part(199990, 10), fun(C) -> file:sendfile(F, C, 199990, 100, [{use_threads, true}]) end),
         file:sendfile(F, element(1, Pair), 300000, 10, []),
         file:read(F, 3)]
    end).

refused() ->
    {C, _} = pair([binary, {active, false}]),
    {ok, L} = gen_tcp:listen(0, []),
    {ok, U} = gen_udp:open(0),
    with_file(fun(Name) ->
        {ok, F} = file:open(Name, [read, raw, binary]),
        {ok, Io} = file:open(Name, [read]),
        {ok, W} = file:open(Name, [write, raw]),
        Results = [file:sendfile(F, C, -1, 10, []), file:sendfile(F, C, 0, -10, []), file:sendfile(F, C, 0, 1, [{chunk_size, x}]),
                   file:sendfile(Io, C, 0, 10, []), file:sendfile(W, C, 0, 10, []), file:sendfile(F, L, 0, 10, []),
                   file:sendfile(F, U, 0, 10, []), catch file:sendfile(F, foo, 0, 10, []),
                   file:sendfile("/nowhere/at/all", C), prim_inet:sendfile(C, foo, 0, 10)],
        ok = file:close(F),
        Results ++ [file:sendfile(F, C, 0, 10, [])]
    end).

not_the_owner() ->
    {C, _} = pair([binary]),
    Me = self(),
    with_file(fun(Name) ->
        Other = spawn_link(fun() -> Me ! {self(), file:sendfile(Name, C)} end),
        receive {Other, Result} -> Result end
    end).

gone() ->
    {C, _} = pair([binary, {active, false}]),
    ok = gen_tcp:close(C),
    with_file(fun(Name) -> file:sendfile(Name, C) end).
