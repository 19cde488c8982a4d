%% Check-then-act on a registered name.
%%
%% Each request handler starts the hit counter if nobody has done so yet:
%% it asks whereis/1, reads `undefined', spawns the counter and registers it.
%% Between the question and the act another handler can do the same, and then
%% register/2 fails with badarg.
%%
%% In production: the first two requests after a start, arriving together,
%% one of which crashes with a badarg that nobody can reproduce.
%%
%% The order that fails: handler 1 reads `undefined'; handler 2 does all of its
%% work, the registration included; handler 1 registers.
%%
%% check_then_act_fixed lets register/2 itself decide who was first.
-module(check_then_act).
-export([main/0, handler/0, counter/1]).

main() ->
    First = start_handler(),
    Second = start_handler(),
    await_success(First),
    await_success(Second),
    2 = hits(),
    ok.

start_handler() ->
    {_Pid, Monitor} = spawn_opt(?MODULE, handler, [], [monitor]),
    Monitor.

await_success(Monitor) ->
    receive
        {'DOWN', Monitor, process, _, normal} -> ok;
        {'DOWN', Monitor, process, _, Reason} -> exit({request_failed, Reason})
    end.

handler() ->
    ensure_counter(),
    hit_counter ! hit,
    ok.

ensure_counter() ->
    case whereis(hit_counter) of
        undefined ->
            Pid = spawn(?MODULE, counter, [0]),
            register(hit_counter, Pid);
        _Running ->
            true
    end.

hits() ->
    Ref = make_ref(),
    hit_counter ! {read, self(), Ref},
    receive {Ref, Hits} -> Hits end.

counter(Hits) ->
    receive
        hit ->
            counter(Hits + 1);
        {read, From, Ref} ->
            From ! {Ref, Hits},
            counter(Hits)
    end.
