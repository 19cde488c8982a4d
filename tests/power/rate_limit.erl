%% Slots are counted by a server that learns of a client's end by its monitor; a
%% client that says goodbye and then ends is counted twice.
-module(rate_limit).
-export([main/0, fixed/0, limiter/3, client/1]).

main() -> run(twice).
fixed() -> run(once).

run(How) ->
    Limiter = spawn(?MODULE, limiter, [How, 2, []]),
    Clients = [spawn_monitor(?MODULE, client, [Limiter]) || _ <- [1, 2, 3]],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Clients],
    Limiter ! {free, self()},
    receive {free, N} -> true = N =< 2 end.

client(Limiter) ->
    Limiter ! {enter, self()},
    receive
        welcome ->
            Limiter ! {leave, self()},
            receive after 5 -> ok end;
        full -> ok
    end.

limiter(How, Free, Inside) ->
    receive
        {enter, Who} when Free > 0 ->
            Ref = monitor(process, Who),
            Who ! welcome,
            limiter(How, Free - 1, [{Who, Ref} | Inside]);
        {enter, Who} -> Who ! full, limiter(How, Free, Inside);
        {leave, Who} when How =:= once ->
            {{_, Ref}, Rest} = lists_of:keytake(Who, Inside),
            demonitor(Ref, [flush]),
            limiter(How, Free + 1, Rest);
        {leave, Who} ->
            case lists_of:keytake(Who, Inside) of
                {{_, Ref}, Rest} ->
                    demonitor(Ref),
                    limiter(How, Free + 1, Rest);
                none -> limiter(How, Free + 1, Inside)
            end;
        {'DOWN', _, process, Who, _} ->
            limiter(How, Free + 1, lists_of:keydelete(Who, Inside));
        {free, From} -> From ! {free, Free}, limiter(How, Free, Inside)
    end.
