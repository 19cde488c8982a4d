%% What stands below OTP's `inet`, `inet_tcp`, `inet_udp` and their kin, in place of OTP's module of this name, which is written
%% for a driver in C. A socket is a port: the process that `warpbeam_inet` describes.
%%
%% Invariant: times are kept by who waits, so a socket has no timers. Source: what OTP's modules call, the documentation of
%% `inet`, `gen_tcp` and `gen_udp`, and what `erl` answers. SCTP, foreign descriptors and interfaces are not there.
-module(prim_inet).

-export([open/3, open/4, fdopen/4, fdopen/5, close/1, bind/3, listen/1, listen/2, peeloff/2]).
-export([connect/3, connect/4, connectx/2, connectx/3, async_connect/4]).
-export([accept/1, accept/2, accept/3, async_accept/2, shutdown/2]).
-export([send/2, send/3, sendto/4, sendmsg/3, sendfile/4]).
-export([recv/2, recv/3, async_recv/3, unrecv/2, recvfrom/2, recvfrom/3]).
-export([setopt/3, setopts/2, getopt/2, getopts/2, is_sockopt_val/2, chgopt/3, chgopts/2]).
-export([getstat/2, getfd/1, ignorefd/2, getindex/1, getstatus/1, gettype/1, gethostname/1]).
-export([getifaddrs/1, getiflist/1, ifget/3, ifset/3, getservbyname/3, getservbyport/3]).
-export([peername/1, setpeername/2, peernames/1, peernames/2]).
-export([sockname/1, setsockname/2, socknames/1, socknames/2, attach/1, detach/1]).

-define(BACKLOG, 5).

call(S, Request) -> call(S, Request, infinity).

%% Of a port that is gone OTP says `einval`.
call(S, Request, Time) when is_port(S) ->
    case warpbeam_port:call(S, Request, Time) of
        none -> {error, einval};
        Answer -> Answer
    end.

open(Protocol, Family, Type) ->
    open(Protocol, Family, Type, []).

open(sctp, _, _, _) ->
    {error, eprotonosupport};
open(Protocol, Family, Type, Options) ->
    S = warpbeam_native:spawn_port(warpbeam_inet, start, [self(), Protocol, Family, Type]),
    case call(S, {open, Options}) of
        ok -> {ok, S};
        Error -> Error
    end.

fdopen(_, _, _, _) -> {error, einval}.
fdopen(_, _, _, _, _) -> {error, einval}.

%% What was sent and has not gone out yet goes out first, as long as the socket lingers, or some minutes.
close(S) when is_port(S) ->
    case call(S, flush) of
        {linger, Time} -> _ = call(S, flush_waiting, Time), ok;
        _ -> ok
    end,
    catch erlang:port_close(S),
    receive {'EXIT', S, _} -> ok after 0 -> ok end.

bind(S, Address, _) when is_port(S), tuple_size(Address) =:= 2 ->
    call(S, {bind, Address});
bind(S, Ip, Port) ->
    bind(S, {Ip, Port}, 0).

listen(S) -> listen(S, ?BACKLOG).

listen(S, true) -> listen(S, ?BACKLOG);
listen(S, false) -> listen(S, 0);
%% To the kernel a negative number is as many as it allows.
listen(S, Backlog) when is_integer(Backlog), Backlog < 0 -> call(S, {listen, 16#7fff});
listen(S, Backlog) when is_integer(Backlog) -> call(S, {listen, Backlog}).

peeloff(_, _) -> {error, einval}.

connect(S, Ip, Port) ->
    connect(S, Ip, Port, infinity).

connect(S, Address, _, Time) when is_port(S), tuple_size(Address) =:= 2 ->
    call(S, {connect_to, Address}, Time);
connect(S, Ip, Port, Time) ->
    connect(S, {Ip, Port}, 0, Time).

connectx(_, _) -> {error, einval}.
connectx(_, _, _) -> {error, einval}.

async_connect(S, Address, _, Time) when tuple_size(Address) =:= 2 ->
    {ok, Ref} = later(S, fun() -> connect(S, Address, 0, Time) end),
    {ok, S, Ref};
async_connect(S, Ip, Port, Time) ->
    async_connect(S, {Ip, Port}, 0, Time).

%% The result comes as a message to who asks.
later(S, Fun) ->
    {Me, Ref} = {self(), make_ref()},
    _ = spawn_link(fun() -> Me ! {inet_async, S, Ref, Fun()} end),
    {ok, Ref}.

accept(L) -> accept(L, infinity).

accept(L, Options) when is_list(Options) -> accept(L, infinity, Options);
accept(L, Time) -> accept(L, Time, []).

%% The new socket's port accepts for itself, so that what it is given is its own from the beginning.
accept(L, Time, _) when is_port(L) ->
    case call(L, listener) of
        {ok, Listener} ->
            S = warpbeam_native:spawn_port(warpbeam_inet, start_accepted, [self(), Listener]),
            case call(S, accept, Time) of
                ok -> {ok, S};
                Error -> Error
            end;
        Error -> Error
    end.

async_accept(L, Time) ->
    {Me, Ref} = {self(), make_ref()},
    _ = spawn_link(fun() ->
        Result = accept(L, if Time < 0 -> infinity; true -> Time end),
        case Result of
            {ok, S} -> erlang:port_connect(S, Me), unlink(S);
            _ -> ok
        end,
        Me ! {inet_async, L, Ref, Result}
    end),
    {ok, Ref}.

shutdown(S, How) when How =:= read; How =:= write; How =:= read_write ->
    call(S, {shutdown, How}).

send(S, Data) -> send(S, Data, []).

send(S, Data, Options) when is_port(S), is_list(Options) ->
    case warpbeam_native:send_for(S, Data) of
        true -> ok;
        false -> send_data(S, Data, Options)
    end.

send_data(S, Data, Options) ->
    try iolist_to_binary(Data) of
        Bytes -> send_bytes(S, Bytes, Options)
    catch error:badarg -> {error, einval}
    end.

send_bytes(S, Data, Options) ->
    case warpbeam_port:call(S, {send, Data}) of
        none -> {error, einval};
        {busy, Time} ->
            case lists:member(nosuspend, Options) of
                true -> {error, busy};
                false -> send_waiting(S, Data, Time)
            end;
        Answer -> Answer
    end.

%% The queue is full: the time limit counts from now.
send_waiting(S, Data, Time) ->
    call(S, {send_waiting, Data}, Time).

sendto(S, Address, _, Data) when is_port(S), tuple_size(Address) =:= 2 ->
    try iolist_to_binary(Data) of
        Bytes -> call(S, {send_to, Address, Bytes})
    catch error:badarg -> {error, einval}
    end;
sendto(S, Ip, Port, Data) ->
    sendto(S, {Ip, Port}, 0, Data).

sendmsg(_, _, _) -> {error, einval}.

%% Bytes of a file that are sent at once.
-define(PIECE, 65536).
-define(FILE_MAX, 16#7fffffffffffffff).

sendfile(S, File, Offset, Length)
  when not is_port(S); not is_reference(File); not is_integer(Offset); not is_integer(Length) ->
    {error, badarg};
sendfile(S, File, Offset, Length) ->
    case erlang:port_info(S, connected) of
        {connected, Pid} when Pid =/= self() -> {error, not_owner};
        {connected, _} -> send_file(gettype(S), S, File, Offset, Length);
        undefined -> {error, einval}
    end.

send_file({ok, {_, dgram}}, _, _, _, _) -> {error, exbadport};
send_file(_, S, File, Offset, 0) -> send_file(stream, S, File, Offset, ?FILE_MAX);
send_file(_, _, _, Offset, Length) when Offset < 0; Offset > ?FILE_MAX; Length < 0; Length > ?FILE_MAX ->
    {error, einval};
send_file(_, S, File, Offset, Length) ->
    case getstatus(S) of
        {ok, Flags} ->
            case lists:member(connected, Flags) of
                true -> send_pieces(S, File, Offset, Length, 0);
                false -> {error, enotconn}
            end;
        Error -> Error
    end.

%% Through the runtime, and counted as sent; OTP has the operating system do it.
send_pieces(_, _, _, 0, Sent) ->
    {ok, Sent};
send_pieces(S, File, Offset, Left, Sent) ->
    case prim_file:pread_nif(File, Offset, min(Left, ?PIECE)) of
        {ok, Bytes} ->
            Size = byte_size(Bytes),
            case send(S, Bytes) of
                ok -> send_pieces(S, File, Offset + Size, Left - Size, Sent + Size);
                Error -> Error
            end;
        eof -> {ok, Sent};
        %% The file is closed.
        {error, einval} when Sent =:= 0 -> {error, badarg};
        Error -> Error
    end.

recv(S, Length) -> recv(S, Length, infinity).

recv(S, Length, Time) when is_port(S), is_integer(Length), Length >= 0 ->
    Answer = case warpbeam_native:receive_for(S, Length) of
        false -> warpbeam_port:call(S, {recv, Length}, Time);
        Ref -> receive_later(S, Ref, Time)
    end,
    case Answer of
        none -> {error, closed};
        _ -> Answer
    end.

%% Who waits is answered as by `warpbeam_port:call/3`, but watches nothing: the port's end is an answer.
receive_later(S, Ref, Time) ->
    receive
        {Ref, Answer} -> Answer
    after Time ->
        S ! {warpbeam_cancel, {self(), Ref}},
        receive {Ref, Answer} -> Answer end
    end.

async_recv(S, Length, Time) ->
    later(S, fun() -> recv(S, Length, if Time < 0 -> infinity; true -> Time end) end).

unrecv(S, Data) -> call(S, {unrecv, iolist_to_binary(Data)}).

recvfrom(S, Length) -> recvfrom(S, Length, infinity).

recvfrom(S, Length, Time)
  when is_integer(Length), 0 =< Length, Time =:= infinity;
       is_integer(Length), 0 =< Length, is_integer(Time), 0 =< Time, Time < 16#ffffffff ->
    call(S, {recvfrom, Length}, Time);
recvfrom(_, _, _) ->
    {error, einval}.

setopt(S, Option, Value) -> setopts(S, [{Option, Value}]).

%% That the owner wants more is said so often that who says it does it in the port's place, where that lets him.
setopts(S, [{active, Active}] = Options)
  when is_port(S), (Active =:= once orelse Active =:= true orelse is_integer(Active) andalso 0 < Active andalso Active < 16#8000) ->
    case warpbeam_native:activate_for(S, Active) of
        true -> ok;
        false -> call(S, {setopts, Options})
    end;
setopts(S, Options) -> call(S, {setopts, Options}).

getopt(S, Option) when is_atom(Option) ->
    case getopts(S, [Option]) of
        {ok, [{_, Value}]} -> {ok, Value};
        {ok, []} -> {error, einval};
        Error -> Error
    end.

getopts(S, Options) when is_list(Options) -> call(S, {getopts, Options}).

is_sockopt_val(Option, Value) -> warpbeam_inet_options:is_value(Option, Value).

chgopt(S, Option, Value) -> setopt(S, Option, Value).

chgopts(S, Options) -> setopts(S, Options).

getstat(S, Items) when is_list(Items) -> call(S, {getstat, Items}).

getfd(S) when is_port(S) -> {error, einval}.

ignorefd(S, _) when is_port(S) -> {error, einval}.

getindex(S) when is_port(S) -> {error, einval}.

getstatus(S) -> call(S, getstatus).

gettype(S) -> call(S, gettype).

gethostname(_) ->
    case prim_file:read_file("/proc/sys/kernel/hostname") of
        {ok, Name} -> {ok, lists:takewhile(fun(C) -> C =/= $\n end, binary_to_list(Name))};
        {error, _} -> {ok, "localhost"}
    end.

getifaddrs(S) when is_port(S) -> {error, enotsup}.
getiflist(S) when is_port(S) -> {error, enotsup}.
ifget(S, _, _) when is_port(S) -> {error, enotsup}.
ifset(S, _, _) when is_port(S) -> {error, enotsup}.

getservbyname(S, Name, Protocol) when is_port(S) ->
    service(fun(Line) ->
        case Line of
            [N, {Port, P} | Aliases] ->
                P =:= text(Protocol) andalso lists:member(text(Name), [N | Aliases]) andalso {ok, Port};
            _ -> false
        end
    end).

getservbyport(S, Port, Protocol) when is_port(S) ->
    service(fun(Line) ->
        case Line of
            [Name, {Port, P} | _] -> P =:= text(Protocol) andalso {ok, Name};
            _ -> false
        end
    end).

text(Atom) when is_atom(Atom) -> atom_to_list(Atom);
text(Text) -> Text.

%% The first line of the list of services that the fun finds something in.
service(Fun) ->
    case prim_file:read_file("/etc/services") of
        {ok, Bytes} -> first(Fun, binary:split(Bytes, <<"\n">>, [global]));
        {error, _} -> {error, einval}
    end.

first(_, []) ->
    {error, einval};
first(Fun, [Line | Lines]) ->
    [Entry | _] = binary:split(Line, <<"#">>),
    Words = string:lexemes(binary_to_list(Entry), " \t"),
    case Fun(service_words(Words)) of
        false -> first(Fun, Lines);
        Found -> Found
    end.

service_words([Name, Place | Aliases]) ->
    case string:split(Place, "/") of
        [Port, Protocol] -> [Name, {list_to_integer(Port), Protocol} | Aliases];
        _ -> []
    end;
service_words(_) ->
    [].

peername(S) -> call(S, {name, peer}).

setpeername(S, undefined) when is_port(S) -> {error, einval};
setpeername(S, Address) -> call(S, {connect_to, Address}).

peernames(S) -> peernames(S, undefined).
peernames(S, _) -> names(peername(S)).

sockname(S) -> call(S, {name, own}).

setsockname(S, _) when is_port(S) -> {error, einval}.

socknames(S) -> socknames(S, undefined).
socknames(S, _) -> names(sockname(S)).

names({ok, Name}) -> {ok, [Name]};
names(Error) -> Error.

attach(S) ->
    try erlang:port_connect(S, self()) of
        true -> link(S), ok
    catch error:Reason -> {error, Reason}
    end.

detach(S) when is_port(S) -> unlink(S), ok.
