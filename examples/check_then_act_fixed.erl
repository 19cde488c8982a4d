%% The corrected twin of check_then_act: try, then look.
%%
%% Registration is one step that either succeeds or fails, so it is the right
%% place to find out who came first. Every handler that sees no counter offers
%% one; the handler whose offer comes too late throws its own counter away and
%% uses the one that is registered.
-module(check_then_act_fixed).
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
            try register(hit_counter, Pid)
            catch error:badarg -> exit(Pid, kill)   % somebody was faster
            end;
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
