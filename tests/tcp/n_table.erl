%% A table of small scenes over sockets on the loopback. Each prints its name and what it came to, without anything that differs from run to
%% run: ports and pids are masked.
-module(n_table).
-export([main/0, show/2, pair/1, pair/2]).

main() ->
    process_flag(trap_exit, true),
    lists:foreach(fun({Name, Scene}) -> show(Name, alone(Scene)) end,
                  n_passive:scenes() ++ n_active:scenes() ++ n_errors:scenes() ++ n_options:scenes()
                  ++ n_datagrams:scenes() ++ n_ports:scenes() ++ n_files:scenes()),
    io:format("done~n").

show(Name, Value) ->
    io:format("~p: ~0p~n", [Name, masked(Value)]).

masked(P) when is_port(P) -> port;
masked(P) when is_pid(P) -> pid;
masked(R) when is_reference(R) -> ref;
masked([H | T]) -> [masked(H) | masked(T)];
masked({'EXIT', {Reason, [_ | _]}}) -> {raised, masked(Reason)};
masked(T) when is_tuple(T) -> list_to_tuple(masked(tuple_to_list(T)));
masked(B) when is_binary(B), byte_size(B) > 100 -> {bytes, byte_size(B), erlang:phash2(B)};
masked(Term) -> Term.

%% In a process of its own, so that no message comes from another scene.
alone(Scene) ->
    Me = self(),
    Pid = spawn_link(fun() -> process_flag(trap_exit, true), Me ! {self(), catch Scene()} end),
    receive {Pid, Value} -> Value end.

%% Both ends of a connection.
pair(Options) -> pair(Options, Options).

pair(Ours, Theirs) ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}} | Theirs]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, Ours),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:close(L),
    {C, S}.
