%% Ports, as `erlang` has them: what is asked of a port is a message to its process, and an answer to an alias.
%%
%% Invariants: a request is answered once, or the port's end is seen; a request that is given up is answered too. Who closes a
%% port goes on when what it had is closed. The table `warpbeam_ports` has a row `{Port, Data}` for each port that is open.
%% Source: the documentation of `erlang` on ports; errors as `erl` gives them.
-module(warpbeam_port).
-compile({no_auto_import, [port_command/3, open_port/2]}).

-export([new_table/0, open_port/2, call/2, call/3, reply/2]).
-export([port_info/1, port_info/2, port_connect/2, port_close/1, port_command/2, port_command/3]).
-export([port_control/3, port_call/2, port_call/3, port_set_data/2, port_get_data/1]).

new_table() ->
    _ = ets:new(?MODULE, [public, named_table]),
    ok.

%% Asks a port and waits: the answer, or `none` where there is no such port any more.
call(Port, Request) ->
    call(Port, Request, infinity).

%% After the time the port is told to give up, and its answer says what became of it.
call(Port, Request, Time) ->
    Ref = monitor(port, Port, [{alias, reply_demonitor}]),
    Port ! {warpbeam_call, Ref, Request},
    receive
        {Ref, Answer} -> Answer;
        {'DOWN', Ref, port, _, _} -> none
    after Time ->
        Port ! {warpbeam_cancel, Ref},
        receive
            {Ref, Answer} -> Answer;
            {'DOWN', Ref, port, _, _} -> none
        end
    end.

reply(Ref, Answer) ->
    Ref ! {Ref, Answer},
    ok.

%% Of OTP's drivers in C there is that of `ram_file`, and programs do not run.
open_port({Spawn, Name}, Options) when Spawn =:= spawn orelse Spawn =:= spawn_driver, is_list(Options) ->
    case Name of
        "ram_file_drv" -> warpbeam_native:spawn_port(warpbeam_ram_file, start, [self(), Options]);
        _ -> erlang:error(undef)
    end;
open_port(_, _) ->
    erlang:error(undef).

%% A port, or the name of one.
here(Port) when is_port(Port) ->
    Port;
here(Name) when is_atom(Name) ->
    case whereis(Name) of
        Port when is_port(Port) -> Port;
        _ -> error(badarg)
    end;
here(_) ->
    error(badarg).

here_or_none(Name) when is_atom(Name) ->
    case whereis(Name) of
        Port when is_port(Port) -> Port;
        _ -> none
    end;
here_or_none(Port) ->
    here(Port).

port_info(Port) ->
    case here_or_none(Port) of
        none -> undefined;
        Here -> info(call(Here, info), Here)
    end.

info(none, _) -> undefined;
info(Items, Here) -> name_item(Here) ++ Items.

name_item(Port) ->
    [{registered_name, Name} || Name <- registered(), whereis(Name) =:= Port].

port_info(Port, Item) when is_atom(Item) ->
    Known = [connected, id, input, links, locking, memory, monitors, monitored_by, name, os_pid, output,
             parallelism, queue_size, registered_name],
    lists:member(Item, Known) orelse error(badarg),
    case here_or_none(Port) of
        none -> undefined;
        Here when Item =:= registered_name -> registered_name(ets:member(?MODULE, Here), Here);
        Here -> item(call(Here, info), Item)
    end;
port_info(_, _) ->
    error(badarg).

registered_name(false, _) ->
    undefined;
registered_name(true, Port) ->
    case name_item(Port) of
        [Item] -> Item;
        [] -> []
    end.

item(none, _) ->
    undefined;
item(Items, Item) ->
    case lists:keyfind(Item, 1, Items) of
        false -> {Item, default(Item)};
        Found -> Found
    end.

default(os_pid) -> undefined;
default(locking) -> false;
default(parallelism) -> false;
default(Item) when Item =:= memory; Item =:= queue_size -> 0;
default(_) -> [].

port_connect(Port, Pid) when is_pid(Pid) ->
    is_process_alive(Pid) orelse error(badarg),
    answer(call(here(Port), {connect, Pid}));
port_connect(_, _) ->
    error(badarg).

%% The port's end is the answer: its exit signals have come before it.
port_close(Port) ->
    Here = here(Port),
    Ref = monitor(port, Here),
    Here ! {warpbeam_call, Ref, close},
    receive
        {'DOWN', Ref, port, _, noproc} -> error(badarg);
        {'DOWN', Ref, port, _, _} -> true
    end.

answer(none) -> error(badarg);
answer(true) -> true.

port_command(Port, Data) ->
    port_command(Port, Data, []).

%% The answer of `prim_inet` comes as a message, as from OTP's drivers.
port_command(Port, Data, Options) ->
    Here = here(Port),
    is_list(Options) orelse error(badarg),
    case call(Here, {command, iolist_to_binary(Data)}) of
        none -> error(badarg);
        sent -> true;
        Answer -> self() ! {inet_reply, Here, Answer}, true
    end.

port_control(Port, _, _) ->
    _ = here(Port),
    error(badarg).

port_call(Port, _) ->
    _ = here(Port),
    error(badarg).

port_call(Port, _, _) ->
    port_call(Port, []).

port_set_data(Port, Data) ->
    case ets:update_element(?MODULE, here(Port), {2, Data}) of
        true -> true;
        false -> error(badarg)
    end.

port_get_data(Port) ->
    try ets:lookup_element(?MODULE, here(Port), 2)
    catch error:badarg -> error(badarg)
    end.
