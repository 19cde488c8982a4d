%% `init` as far as programs may ask it: arguments, status, and an orderly end. There is no boot script and no restart.
%%
%% Source: the documentation of `init`. `restart/0` and `reboot/0` end the run, since nothing starts it again.
-module(init).

-export([loop/1]).
-export([
    get_argument/1,
    get_arguments/0,
    get_plain_arguments/0,
    get_status/0,
    ensure_loaded/1,
    script_id/0,
    notify_when_started/1,
    wait_until_started/0,
    objfile_extension/0,
    stop/0,
    stop/1,
    restart/0,
    restart/1,
    reboot/0
]).

%% The flags that the emulator would have been given.
flags() ->
    [{progname, ["erl"]}, {noshell, []}].

get_arguments() ->
    flags().

get_argument(Flag) ->
    case [Values || {Name, Values} <- flags(), Name =:= Flag] of
        [] when Flag =:= root -> root();
        [] when Flag =:= home -> home();
        [] -> error;
        Values -> {ok, Values}
    end.

root() ->
    case code:root_dir() of
        "" -> error;
        Root -> {ok, [[Root]]}
    end.

home() ->
    case os:getenv("HOME") of
        false -> error;
        Home -> {ok, [[Home]]}
    end.

%% What `error_handler` asks before a call fails.
ensure_loaded(Module) -> code:ensure_loaded(Module).

get_plain_arguments() ->
    case request(plain_arguments) of
        {ok, Arguments} -> Arguments;
        noproc -> []
    end.

get_status() ->
    case request(status) of
        {ok, Status} -> {Status, Status};
        noproc -> {started, started}
    end.

script_id() ->
    {"warpbeam", "1"}.

notify_when_started(_Pid) ->
    started.

wait_until_started() ->
    ok.

objfile_extension() ->
    ".beam".

stop() ->
    stop(0).

stop(Status) when is_integer(Status), Status >= 0; is_list(Status) ->
    case whereis(init) of
        undefined -> halt(Status);
        Pid -> Pid ! {stop, Status}
    end,
    ok;
stop(_) ->
    error(badarg).

restart() ->
    stop().

restart(_Options) ->
    stop().

reboot() ->
    stop().

%% Asks the process that `loop/1` runs in.
request(What) ->
    Monitor = monitor(process, init),
    init ! {self(), Monitor, What},
    receive
        {Monitor, Answer} ->
            demonitor(Monitor, [flush]),
            {ok, Answer};
        {'DOWN', Monitor, process, _, _} ->
            noproc
    end.

%% Where the first process of the services stays.
loop(Plain) ->
    receive
        {From, Reference, plain_arguments} ->
            From ! {Reference, Plain},
            loop(Plain);
        {From, Reference, status} ->
            From ! {Reference, started},
            loop(Plain);
        {stop, Status} ->
            end_applications(),
            warpbeam_boot:flush(),
            halt(Status);
        warpbeam_ended ->
            %% The program's first process has ended, and the run ends with it.
            warpbeam_boot:flush(),
            warpbeam_native:finish(),
            loop(Plain);
        {'EXIT', Pid, Reason} ->
            stay(Pid, Reason),
            loop(Plain);
        _ ->
            loop(Plain)
    end.

%% Without the application controller nothing can go on, unless it ended in order.
stay(_, normal) -> ok;
stay(_, shutdown) -> ok;
stay(_, Reason) ->
    erlang:display({"Kernel pid terminated", Reason}),
    halt(1).

%% Ends applications in the reverse of the order in which they were started.
end_applications() ->
    case whereis(application_controller) of
        undefined ->
            ok;
        Controller ->
            Monitor = monitor(process, Controller),
            exit(Controller, shutdown),
            receive
                {'DOWN', Monitor, process, _, _} -> ok
            end
    end.
