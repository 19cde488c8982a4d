%% What a socket of datagrams does in its own way: see `warpbeam_inet`.
%%
%% Invariants: a datagram is given to one reader, or to the owner; one is read only where somebody wants it. Source: the documentation of
%% `gen_udp`, and what `erl` answers.
-module(warpbeam_datagrams).

-export([feed/1, recv/3, received/2, send/4, sent/2, connect/3]).

-include("warpbeam_inet.hrl").

recv(_, From, #socket{type = stream} = S) ->
    warpbeam_port:reply(From, {error, einval}),
    S;
recv(_, From, #socket{active = Active} = S) when Active =/= false ->
    warpbeam_port:reply(From, {error, einval}),
    S;
recv(_, From, #socket{readers = [_]} = S) ->
    warpbeam_port:reply(From, {error, ealready}),
    S;
recv(Length, From, S) ->
    feed(S#socket{readers = [{From, Length}]}).

feed(#socket{status = Status} = S) when Status =/= open, Status =/= connected ->
    S;
feed(#socket{active = false, readers = []} = S) ->
    S;
feed(#socket{kept = [{From, Data} | Kept]} = S) ->
    feed(give(From, Data, S#socket{kept = Kept}));
%% One that is not bound has nothing to receive yet.
feed(#socket{bound = false, active = Active, readers = []} = S) when Active =/= false ->
    S;
feed(#socket{reading = Ref} = S) when Ref =/= none ->
    S;
feed(#socket{fd = Fd, options = #options{buffer = Buffer}, readers = Readers} = S) ->
    Size = lists:max([Buffer | [Length || {_, Length} <- Readers]]),
    case warpbeam_native:begin_receive_from(Fd, Size) of
        Ref when is_reference(Ref) -> S#socket{reading = Ref};
        {error, Reason} -> failed(Reason, S)
    end.

received({ok, {From, Data}}, S) ->
    Size = byte_size(Data),
    #socket{recv_oct = Octets, recv_cnt = Count, recv_max = Max} = S,
    New = S#socket{recv_oct = Octets + Size, recv_cnt = Count + 1, recv_max = max(Max, Size)},
    feed(give(From, shape(Data, S), New));
received({error, ecanceled}, S) ->
    feed(S);
received({error, Reason}, S) ->
    feed(failed(Reason, S)).

%% An error is told like a datagram.
failed(Reason, #socket{active = false, readers = [{Reader, _} | Rest]} = S) ->
    warpbeam_port:reply(Reader, {error, Reason}),
    S#socket{readers = Rest};
failed(_, #socket{active = false} = S) ->
    S;
failed(Reason, #socket{owner = Owner} = S) ->
    Owner ! {udp_error, self(), Reason},
    count_down(S).

give(From, Data, #socket{readers = [{Reader, _} | Rest], active = false} = S) ->
    {Ip, Port} = place(From),
    warpbeam_port:reply(Reader, {ok, {Ip, Port, Data}}),
    S#socket{readers = Rest};
give(From, Data, #socket{active = false} = S) ->
    S#socket{kept = S#socket.kept ++ [{From, Data}]};
give(From, Data, #socket{owner = Owner} = S) ->
    {Ip, Port} = place(From),
    Owner ! {udp, self(), Ip, Port, Data},
    count_down(S).

place({local, _} = Path) -> {Path, 0};
place(Address) -> Address.

count_down(#socket{active = once} = S) ->
    S#socket{active = false};
count_down(#socket{active = 1, owner = Owner} = S) ->
    Owner ! {udp_passive, self()},
    S#socket{active = false};
count_down(#socket{active = N} = S) when is_integer(N) ->
    S#socket{active = N - 1};
count_down(S) ->
    S.

shape(Data, #socket{options = #options{mode = list}}) ->
    binary_to_list(Data);
shape(Data, #socket{options = #options{header = 0}}) ->
    Data;
shape(Data, #socket{options = #options{header = N}}) when byte_size(Data) =< N ->
    binary_to_list(Data);
shape(Data, #socket{options = #options{header = N}}) ->
    <<First:N/binary, Rest/binary>> = Data,
    binary_to_list(First) ++ Rest.

%% `{any, 0}` is who the socket is connected to.
send({any, 0}, Data, From, S) ->
    send(connected, Data, From, S);
send(_, _, From, #socket{type = Type, status = Status} = S) when Type =/= dgram; Status =:= closed; Status =:= new ->
    warpbeam_port:reply(From, {error, einval}),
    S;
send(connected, _, From, #socket{status = Status} = S) when Status =/= connected ->
    warpbeam_port:reply(From, {error, einval}),
    S;
send(To, Data, From, #socket{sending = Ref} = S) when Ref =/= none ->
    S#socket{senders = S#socket.senders ++ [{From, {To, Data}}]};
send(connected, Data, From, #socket{fd = Fd} = S) ->
    begun(warpbeam_native:begin_send(Fd, Data), Data, From, S);
send(To, Data, From, #socket{fd = Fd} = S) ->
    case warpbeam_inet_options:address(To, S) of
        error ->
            warpbeam_port:reply(From, {error, einval}),
            S;
        Address ->
            begun(warpbeam_native:begin_send_to(Fd, Address, Data), Data, From, S)
    end.

begun({error, _} = Error, _, From, S) ->
    warpbeam_port:reply(From, Error),
    S;
begun(Ref, Data, From, #socket{send_oct = Octets, send_cnt = Count, send_max = Max} = S) ->
    Size = iolist_size(Data),
    S#socket{sending = Ref, senders = [{From, sending} | S#socket.senders], bound = true,
             send_oct = Octets + Size, send_cnt = Count + 1, send_max = max(Max, Size)}.

sent(Result, #socket{senders = [{From, sending} | Rest]} = S) ->
    warpbeam_port:reply(From, Result),
    New = feed(S#socket{sending = none, senders = Rest}),
    case Rest of
        [{Next, {To, Data}} | Others] -> send(To, Data, Next, New#socket{senders = Others});
        [] ->
            [warpbeam_port:reply(Flusher, ok) || Flusher <- New#socket.flushers],
            New#socket{flushers = []}
    end.

%% It takes no time. `undefined` cannot be had back.
connect(Address, From, #socket{fd = Fd} = S) ->
    case warpbeam_inet_options:address(Address, S) of
        error ->
            warpbeam_port:reply(From, {error, einval}),
            S;
        Peer ->
            case warpbeam_native:begin_connect(Fd, Peer) of
                Ref when is_reference(Ref) ->
                    receive
                        {warpbeam_io, Ref, ok} ->
                            warpbeam_port:reply(From, ok),
                            feed(S#socket{status = connected, bound = true});
                        {warpbeam_io, Ref, Error} ->
                            warpbeam_port:reply(From, Error),
                            S
                    end;
                Error ->
                    warpbeam_port:reply(From, Error),
                    S
            end
    end.
