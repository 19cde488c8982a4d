%% erlang:raise/3 with a trace of the program's, through every way in which an exception goes on.
-module(c_raise).
-include("conform.hrl").

main() ->
    [{C, Trace, Way, c(fun() -> way(Way, id(C), why, trace(Trace)) end)}
     || C <- [error, exit, throw], Trace <- [own, none, made], Way <- [after_ok, after_calls, after_collects, catch_again, other_clause, twice, other_class, nested, caught]] ++
    [{ends, [ended(fun() -> way(Way, C, why, []) end) || Way <- [after_ok, twice], C <- [error, exit, throw]]}].

trace(own) -> element(2, erlang:process_info(self(), current_stacktrace));
trace(none) -> [];
trace(made) -> [{m, f, 3, []}].

up(C, R, S) -> erlang:raise(C, R, S).

%% Classes are seen from outside, where the exception ends.
way(after_ok, C, R, S) -> try up(C, R, S) after ok end;
way(after_calls, C, R, S) -> try up(C, R, S) after self() ! x, receive x -> ok end end;
way(after_collects, C, R, S) -> try up(C, R, S) after garbage_collect() end;
way(catch_again, C, R, S) -> try up(C, R, S) catch K:Q:T -> erlang:raise(K, Q, T) end;
way(other_clause, C, R, S) -> try up(C, R, S) catch error:never -> ok end;
way(twice, C, R, S) -> try way(after_ok, C, R, S) after garbage_collect() end;
way(other_class, C, R, S) -> try up(C, R, S) catch _:Q:T -> erlang:raise(other(C), Q, T) end;
way(nested, C, R, S) -> try try up(C, R, S) catch _:Q:T -> erlang:raise(other(C), Q, T) end after ok end;
way(caught, C, R, S) -> try up(C, R, S) catch K:Q:T -> {K, Q, is_list(T), T =:= S} end.

other(error) -> exit;
other(exit) -> throw;
other(throw) -> error.

%% Watched from its start, so that no schedule makes it noproc.
ended(F) ->
    {Pid, Ref} = spawn_monitor(F),
    receive {'DOWN', Ref, process, Pid, R} -> san(R) end.
