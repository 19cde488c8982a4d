%% A semaphore's client gives up after a time, and the permit that was granted in
%% that moment is never returned. `fixed` gives back what comes too late.
-module(semaphore).
-export([main/0, fixed/0, semaphore/1, client/3]).

main() -> run(forgets).
fixed() -> run(returns).

run(How) ->
    Sem = spawn(?MODULE, semaphore, [1]),
    Clients = [spawn_monitor(?MODULE, client, [Sem, Limit, How]) || Limit <- [infinity, 20]],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || {_, Ref} <- Clients],
    client(Sem, infinity, How).

client(Sem, Limit, How) ->
    Ref = make_ref(),
    Sem ! {take, self(), Ref},
    receive
        {Ref, granted} -> Sem ! give
    after Limit ->
        Sem ! {cancel, Ref, self()},
        receive
            {Ref, cancelled} -> ok;
            {Ref, too_late} when How =:= returns -> Sem ! give;
            {Ref, too_late} -> ok
        end
    end.

semaphore(0) ->
    receive
        give -> semaphore(1);
        {cancel, Ref, Who} -> cancel(Ref, Who), semaphore(0)
    end;
semaphore(1) ->
    receive
        {take, Who, Ref} -> Who ! {Ref, granted}, semaphore(0);
        {cancel, Ref, Who} -> cancel(Ref, Who), semaphore(1)
    end.

cancel(Ref, Who) ->
    receive {take, Who, Ref} -> Who ! {Ref, cancelled}
    after 0 -> Who ! {Ref, too_late}
    end.
