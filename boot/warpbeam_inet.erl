%% A socket: the process of a port, which owns a descriptor and does what `prim_inet` asks, one request after the other.
%%
%% Invariants: the descriptor is this process's from its making to its close, so it goes with the port however that ends; of each
%% kind (receive, send, connect) one operation at most is in flight; a request is answered once. A stream reads ahead only
%% while somebody wants data. What a socket does when its peer has closed is what OTP's driver does: `closed/2`.
%% Source: the documentation of `inet`, `gen_tcp`, `gen_udp`, and what `erl` answers. It uses these operations of the ring: socket, bind,
%% listen, accept, connect, receive, send, try_send, receive_from, send_to, shutdown, options, names, close.
-module(warpbeam_inet).

-export([start/4, start_accepted/2]).

-include("warpbeam_inet.hrl").

start(Owner, Protocol, Family, Type) ->
    process_flag(trap_exit, true),
    ets:insert(warpbeam_port, {self(), undefined}),
    loop(#socket{owner = Owner, protocol = Protocol, family = Family, type = Type,
                 options = warpbeam_inet_options:default(Protocol),
                 fd = warpbeam_native:descriptor()}).

%% A port for the next connection of a listener, with the listener's options.
start_accepted(Owner, {Listener, Protocol, Family, Type, Active, Options}) ->
    process_flag(trap_exit, true),
    ets:insert(warpbeam_port, {self(), undefined}),
    loop(#socket{owner = Owner, protocol = Protocol, family = Family, type = Type, active = Active, options = Options,
                 fd = warpbeam_native:descriptor(), listener = Listener}).

loop(Own) ->
    S = lend_reading(Own),
    receive
        Message -> loop(handle(Message, take_reading(S)))
    end.

handle({warpbeam_io, Ref, Result}, S) ->
    done(Ref, Result, S);
handle({warpbeam_call, From, Request}, S) ->
    request(Request, From, S);
handle({warpbeam_failed, Reason}, S) ->
    S#socket{failed = Reason};
handle({warpbeam_rest, Rest}, S) ->
    flush_output(S#socket{output = [Rest], output_size = byte_size(Rest)});
handle({warpbeam_cancel, From}, S) ->
    give_up(From, S);
handle({'EXIT', Owner, Reason}, #socket{owner = Owner} = S) ->
    finish(Reason, S);
handle({'EXIT', _, normal}, S) ->
    S;
handle({'EXIT', _, Reason}, S) ->
    finish(Reason, S);
handle({Owner, {command, Data}}, #socket{owner = Owner} = S) ->
    command(Data, {inet_reply, Owner}, S);
handle({Owner, close}, #socket{owner = Owner} = S) ->
    say_closed(lists:member(Owner, warpbeam_native:links()), Owner),
    finish(normal, S);
handle({Owner, {connect, New}}, #socket{owner = Owner} = S) when is_pid(New) ->
    Owner ! {self(), connected},
    link(New),
    S#socket{owner = New};
handle({Other, Request}, S) when is_pid(Other) ->
    is_command(Request) andalso exit(Other, badsig),
    S;
handle(_, S) ->
    S.

%% The owner learns of the end as one that is linked, and then as one that has asked.
say_closed(true, Owner) ->
    unlink(Owner),
    exit(Owner, normal),
    say_closed(false, Owner);
say_closed(false, Owner) ->
    Owner ! {self(), closed}.

is_command({command, _}) -> true;
is_command({connect, _}) -> true;
is_command(Request) -> Request =:= close.

reply(none, _) -> ok;
reply({inet_reply, Owner}, Answer) -> Owner ! {inet_reply, self(), Answer};
reply({Pid, Ref}, Answer) -> warpbeam_native:answer(Pid, {Ref, Answer});
reply(From, Answer) -> warpbeam_port:reply(From, Answer).

%% The port ends. What waits learns it by the port's end, or here.
finish(Reason, S) ->
    ets:delete(warpbeam_port, self()),
    _ = answer_all({error, closed}, S),
    _ = prim_file:close_nif(S#socket.fd),
    exit(Reason).

answer_all(Answer, #socket{readers = Readers, senders = Senders, waiter = Waiter} = S) ->
    [reply(From, Answer) || {From, _} <- Readers],
    [reply(From, Answer) || {From, _} <- Senders],
    reply(Waiter, Answer),
    S#socket{readers = [], senders = [], waiter = none}.

%% Requests.

request({send, Data}, From, S) ->
    command(Data, From, S);
request({send_waiting, Data}, From, S) ->
    case is_busy(S) of
        true -> S#socket{senders = S#socket.senders ++ [{From, Data}]};
        false -> command(Data, From, S)
    end;
request({command, Data}, From, #socket{type = dgram} = S) ->
    warpbeam_datagrams:send(connected, Data, From, S);
request({command, Data}, From, S) ->
    request({send_waiting, Data}, From, S);
request({recv, Length}, From, S) ->
    recv(Length, From, S);
request({recvfrom, Length}, From, S) ->
    warpbeam_datagrams:recv(Length, From, S);
request({send_to, Address, Data}, From, S) ->
    warpbeam_datagrams:send(Address, Data, From, S);
request({setopts, Options}, From, S) ->
    setopts(Options, From, S);
request({getopts, Options}, From, S) ->
    reply(From, warpbeam_inet_options:get(Options, S)),
    S;
request(flush, From, #socket{sending = none} = S) ->
    reply(From, ok),
    S;
request(flush, From, S) ->
    reply(From, {linger, warpbeam_inet_options:linger_ms(S)}),
    S;
request(flush_waiting, From, #socket{sending = none} = S) ->
    reply(From, ok),
    S;
request(flush_waiting, From, S) ->
    S#socket{flushers = [From | S#socket.flushers]};
request(close, _, S) ->
    finish(normal, S);
request(accept, From, #socket{fd = Fd, listener = Listener, status = new} = S) ->
    case warpbeam_native:begin_accept(Listener, Fd) of
        Ref when is_reference(Ref) -> S#socket{status = accepting, waiter = From, connecting = Ref};
        Error -> refuse(From, Error, S)
    end;
request({open, Options}, From, #socket{fd = Fd, family = Family, type = Type, status = new} = S) ->
    case warpbeam_native:socket(Fd, Family, Type) of
        ok ->
            {Answer, New} = warpbeam_inet_options:set(Options, S#socket{status = open}),
            case Answer of
                ok -> reply(From, ok), feed(New);
                Error -> refuse(From, Error, S)
            end;
        Error ->
            refuse(From, Error, S)
    end;
request({connect, New}, From, S) ->
    link(New),
    reply(From, true),
    S#socket{owner = New};
request(info, From, Old) ->
    S = count_lent(Old),
    reply(From, info(S)),
    S;
request({getstat, Items}, From, Old) ->
    S = count_lent(Old),
    reply(From, warpbeam_inet_options:statistics(Items, S)),
    S;
request(getstatus, From, S) ->
    reply(From, {ok, flags(S)}),
    S;
request(gettype, From, #socket{family = Family, type = Type} = S) ->
    reply(From, {ok, {Family, Type}}),
    S;
request({unrecv, Data}, From, S) ->
    reply(From, ok),
    feed(S#socket{input = <<Data/binary, (S#socket.input)/binary>>});
request({name, peer}, From, #socket{status = Status} = S) when Status =/= connected ->
    reply(From, {error, enotconn}),
    S;
request({name, Which}, From, #socket{fd = Fd, status = Status} = S) when Status =/= closed ->
    reply(From, shown(warpbeam_native:socket_name(Fd, Which))),
    S;
request({shutdown, _}, From, #socket{status = closed} = S) ->
    reply(From, {error, enotconn}),
    S;
request(_, From, #socket{status = Status} = S) when Status =:= closed; Status =:= new ->
    reply(From, {error, ebadf}),
    S;
request({bind, Address}, From, #socket{fd = Fd} = S) ->
    case bind(Fd, warpbeam_inet_options:address(Address, S)) of
        {ok, _} = Bound -> reply(From, Bound), feed(S#socket{bound = true});
        Error -> reply(From, Error), S
    end;
request({listen, Backlog}, From, #socket{fd = Fd, type = stream, status = open} = S) when Backlog >= 0 ->
    case warpbeam_native:listen(Fd, Backlog) of
        ok -> reply(From, ok), S#socket{status = listening};
        Error -> reply(From, Error), S
    end;
request(listener, From, #socket{status = listening} = S) ->
    #socket{fd = Fd, protocol = Protocol, family = Family, type = Type, active = Active, options = Options} = S,
    reply(From, {ok, {Fd, Protocol, Family, Type, Active, Options}}),
    S;
request({connect_to, Address}, From, #socket{type = dgram} = S) ->
    warpbeam_datagrams:connect(Address, From, S);
request({connect_to, Address}, From, #socket{status = open} = S) ->
    connect(warpbeam_inet_options:address(Address, S), From, S);
request({connect_to, _}, From, #socket{status = connected} = S) ->
    reply(From, {error, eisconn}),
    S;
request({connect_to, _}, From, #socket{status = connecting} = S) ->
    reply(From, {error, ealready}),
    S;
request({shutdown, How}, From, #socket{status = connected} = S) ->
    shutdown(How, From, S);
request({shutdown, _}, From, S) ->
    reply(From, {error, enotconn}),
    S;
request(_, From, S) ->
    reply(From, {error, einval}),
    S.

%% It did not come to be: nobody has the port, so nobody hears of its end.
refuse(From, Error, S) ->
    unlink(S#socket.owner),
    reply(From, Error),
    finish(normal, S).

bind(_, error) ->
    {error, einval};
bind(Fd, Address) ->
    case warpbeam_native:bind(Fd, Address) of
        ok ->
            case warpbeam_native:socket_name(Fd, own) of
                {ok, {local, _}} -> {ok, 0};
                {ok, {_, Port}} -> {ok, Port};
                Error -> Error
            end;
        Error ->
            Error
    end.

shown(Name) -> Name.

connect(error, From, S) ->
    reply(From, {error, einval}),
    S;
connect(Address, From, #socket{fd = Fd} = S) ->
    case warpbeam_native:begin_connect(Fd, Address) of
        Ref when is_reference(Ref) -> S#socket{status = connecting, waiter = From, connecting = Ref};
        Error -> reply(From, Error), S
    end.

%% What was sent before goes out first.
shutdown(How, From, #socket{sending = Sending} = S) when Sending =/= none, How =/= read ->
    reply(From, ok),
    S#socket{shut = How};
shutdown(How, From, #socket{fd = Fd} = S) ->
    reply(From, warpbeam_native:shutdown(Fd, How)),
    S.

setopts(Options, From, #socket{status = closed, type = stream} = S) ->
    {Answer, New} = warpbeam_inet_options:set(Options, S),
    reply(From, Answer),
    case New#socket.active of
        false -> New;
        _ -> tell_closed(New)
    end;
setopts(Options, From, S) ->
    {Answer, New} = warpbeam_inet_options:set(Options, S),
    reply(From, Answer),
    feed(lend(New)).

info(#socket{owner = Owner, protocol = Protocol} = S) ->
    [{name, atom_to_list(Protocol) ++ "_inet"},
     {links, warpbeam_native:links()},
     {id, erlang:phash2(self(), 1 bsl 28) * 8},
     {connected, Owner},
     {input, S#socket.recv_oct},
     {output, S#socket.send_oct},
     {os_pid, undefined}].

flags(#socket{status = listening}) -> [listen, open];
flags(#socket{status = connected, type = stream}) -> [connected, open];
flags(#socket{status = connecting}) -> [connecting, open];
flags(#socket{status = Status}) when Status =:= closed; Status =:= new -> [];
flags(#socket{bound = _}) -> [open].

%% Somebody waits no longer.
give_up(From, #socket{waiter = From, connecting = Ref, status = accepting} = S) ->
    warpbeam_native:cancel(Ref),
    S#socket{late = true};
give_up(From, #socket{waiter = From, connecting = Ref} = S) ->
    warpbeam_native:cancel(Ref),
    S#socket{late = true};
give_up(From, #socket{readers = Readers, senders = Senders, flushers = Flushers} = S) ->
    lists:member(From, Flushers) andalso reply(From, {error, timeout}),
    give_up_asking(From, Readers, Senders, S#socket{flushers = lists:delete(From, Flushers)}).

give_up_asking(From, Readers, Senders, S) ->
    case {lists:keytake(From, 1, Readers), lists:keytake(From, 1, Senders)} of
        {{value, _, Rest}, _} ->
            reply(From, {error, timeout}),
            % What comes now is for the next who asks: an error that a datagram meets, for who sends one.
            Rest =:= [] andalso S#socket.type =:= dgram andalso warpbeam_native:cancel(S#socket.reading),
            S#socket{readers = Rest};
        {_, {value, _, Rest}} ->
            reply(From, {error, timeout}),
            New = S#socket{senders = Rest},
            case (S#socket.options)#options.send_timeout_close of
                true -> closed(closed, New#socket{output = [], output_size = 0, send_told = true});
                false -> New
            end;
        _ ->
            S
    end.

%% Completions.

done(Ref, Result, #socket{reading = Ref, type = stream} = S) ->
    received(Result, S#socket{reading = none});
done(Ref, Result, #socket{reading = Ref} = S) ->
    warpbeam_datagrams:received(Result, S#socket{reading = none});
done(Ref, Result, #socket{sending = Ref, type = dgram} = S) ->
    warpbeam_datagrams:sent(Result, S);
done(Ref, Result, #socket{sending = Ref} = S) ->
    sent(Result, S#socket{sending = none});
done(Ref, ok, #socket{connecting = Ref, waiter = From} = S) ->
    reply(From, ok),
    feed(lend(S#socket{status = connected, connecting = none, waiter = none, late = false}));
done(Ref, {error, Reason}, #socket{connecting = Ref, waiter = From, late = Late} = S) ->
    Answer = case Reason of
        _ when Late -> {error, timeout};
        ecanceled -> {error, closed};
        einval when S#socket.status =:= accepting -> {error, closed};
        _ -> {error, Reason}
    end,
    New = S#socket{connecting = none, waiter = none, late = false},
    case S#socket.status of
        accepting -> refuse(From, Answer, New);
        connecting -> reply(From, Answer), New#socket{status = open}
    end;
done(_, _, S) ->
    S.

%% Sending.

is_busy(#socket{output_size = Size, options = #options{high_watermark = High}}) -> Size >= High.

%% The kernel takes what it can at once. The rest waits here, up to a mark: then who sends more has to wait.
command(_, From, #socket{status = closed, send_told = false} = S) ->
    reply(From, {error, closed}),
    S#socket{send_told = true};
command(_, From, #socket{status = Status} = S) when Status =/= connected ->
    reply(From, {error, enotconn}),
    S;
command(Data, From, #socket{options = #options{packet = Packet}} = S) when Packet =:= 1; Packet =:= 2; Packet =:= 4 ->
    case size_of(Data) of
        error -> reply(From, {error, einval}), S;
        %% As OTP does, without a look at whether the size has room.
        Size -> send([<<Size:Packet/unit:8>> | Data], Size + Packet, From, S)
    end;
command(Data, From, S) ->
    case size_of(Data) of
        error -> reply(From, {error, einval}), S;
        Size -> send(Data, Size, From, S)
    end.

size_of(Data) when is_binary(Data) -> byte_size(Data);
size_of(Data) -> try iolist_size(Data) catch error:badarg -> error end.

send(_, 0, From, S) ->
    reply(From, ok),
    S;
send(Data, Size, From, #socket{sending = none, fd = Fd} = S) ->
    New = count_sent(Size, S),
    case warpbeam_native:try_send(Fd, Data) of
        {ok, Size} ->
            reply(From, ok),
            New;
        {ok, Some} ->
            reply(From, ok),
            <<_:Some/binary, Rest/binary>> = iolist_to_binary(Data),
            flush_output(New#socket{output = [Rest], output_size = Size - Some});
        {error, eagain} ->
            reply(From, ok),
            flush_output(New#socket{output = [Data], output_size = Size});
        {error, _} when S#socket.failed =/= none ->
            send_failed(S#socket.failed, From, S);
        {error, Reason} ->
            send_failed(Reason, From, S)
    end;
send(Data, Size, From, #socket{output = Output, output_size = Queued} = S) ->
    case is_busy(S) of
        true ->
            reply(From, {busy, (S#socket.options)#options.send_timeout}),
            S;
        false ->
            reply(From, ok),
            count_sent(Size, S#socket{output = [Data | Output], output_size = Queued + Size})
    end.

%% While nothing is queued, who sends may do it in this process's place (`prim_inet:send/3`), but for packets that have a head.
%% What the kernel does not take of that comes as `warpbeam_rest`, before anything else.
lend(#socket{type = stream, status = connected, sending = none, options = #options{packet = Packet}, fd = Fd} = S)
  when Packet =/= 1, Packet =/= 2, Packet =/= 4 ->
    warpbeam_native:lend(Fd),
    S;
lend(S) ->
    warpbeam_native:lend(none),
    S.

count_lent(#socket{send_oct = Octets, send_cnt = Count, send_max = Max} = S) ->
    {Size, Sends, Largest} = warpbeam_native:sent_for_me(),
    S#socket{send_oct = Octets + Size, send_cnt = Count + Sends, send_max = max(Max, Largest)}.

count_sent(Size, #socket{send_oct = Octets, send_cnt = Count, send_max = Max} = S) ->
    S#socket{send_oct = Octets + Size, send_cnt = Count + 1, send_max = max(Max, Size)}.

flush_output(#socket{fd = Fd, output = Output} = S) ->
    case warpbeam_native:begin_send(Fd, lists:reverse(Output)) of
        Ref when is_reference(Ref) -> lend(S#socket{sending = Ref, output = []});
        {error, Reason} -> send_failed(Reason, none, S)
    end.

sent({error, Reason}, S) ->
    send_failed(Reason, none, S);
sent(ok, #socket{output = []} = S) ->
    [reply(From, ok) || From <- S#socket.flushers],
    shut_now(lend(senders(S#socket{output_size = 0, flushers = []})));
sent(ok, #socket{output = Output} = S) ->
    senders(flush_output(S#socket{output_size = iolist_size(Output)})).

shut_now(#socket{shut = none} = S) -> S;
shut_now(#socket{sending = none, shut = How, fd = Fd} = S) ->
    _ = warpbeam_native:shutdown(Fd, How),
    S#socket{shut = none};
shut_now(S) -> S.

%% Those who waited go on below the lower mark.
senders(#socket{senders = [{From, Data} | Rest]} = S) ->
    case S#socket.output_size =< (S#socket.options)#options.low_watermark of
        true -> senders(command(Data, From, S#socket{senders = Rest}));
        false -> S
    end;
senders(S) ->
    S.

send_failed(Reason, From, S) ->
    Told = case {Reason, (S#socket.options)#options.show_econnreset} of
        {econnreset, true} -> econnreset;
        {_, _} -> closed
    end,
    reply(From, {error, Told}),
    [reply(Flusher, ok) || Flusher <- S#socket.flushers],
    New = S#socket{output = [], output_size = 0, flushers = [], send_told = true},
    case New#socket.active of
        false -> closed_quietly(Told, true, New);
        _ -> closed(Told, New)
    end.

%% Receiving.

recv(_, From, #socket{status = closed, recv_told = false} = S) ->
    reply(From, {error, closed}),
    S#socket{recv_told = true};
recv(_, From, #socket{status = Status} = S) when Status =/= connected ->
    reply(From, {error, enotconn}),
    S;
recv(_, From, #socket{active = Active} = S) when Active =/= false ->
    reply(From, {error, einval}),
    S;
recv(Length, From, #socket{options = #options{packet = Packet}} = S) when Length > 0, Packet =/= 0 ->
    reply(From, {error, einval}),
    S;
recv(Length, From, S) when Length > ?LENGTH_MAX ->
    reply(From, {error, enomem}),
    S;
recv(_, From, #socket{readers = [_]} = S) ->
    reply(From, {error, ealready}),
    S;
recv(Length, From, S) ->
    feed(S#socket{readers = [{From, Length}]}).

received({ok, Bytes}, #socket{input = <<>>} = S) ->
    feed(count_received(Bytes, S#socket{input = Bytes}));
received({ok, Bytes}, #socket{input = Input} = S) ->
    feed(count_received(Bytes, S#socket{input = <<Input/binary, Bytes/binary>>}));
received(eof, S) ->
    feed(S#socket{eof = closed});
received({error, econnreset}, S) ->
    feed(S#socket{eof = case (S#socket.options)#options.show_econnreset of true -> econnreset; false -> closed end});
received({error, ecanceled}, S) ->
    feed(S);
received({error, Reason}, S) ->
    feed(S#socket{eof = Reason}).

count_received(Bytes, #socket{recv_oct = Octets, recv_cnt = Count, recv_max = Max} = S) ->
    Size = byte_size(Bytes),
    S#socket{recv_oct = Octets + Size, recv_cnt = Count + 1, recv_max = max(Max, Size)}.

%% Gives what there is to who wants it, and reads on while somebody wants more.
feed(#socket{type = dgram} = S) ->
    warpbeam_datagrams:feed(S);
feed(#socket{status = Status} = S) when Status =/= connected ->
    S;
feed(#socket{active = false, readers = []} = S) ->
    S;
feed(#socket{active = false, readers = [{From, Length} | Rest]} = S) ->
    case packet(Length, S) of
        {ok, Data, Input} ->
            reply(From, {ok, shape(Data, S)}),
            feed(parsed(Data, S#socket{input = Input, readers = Rest}));
        {more, Size} ->
            read(Size, S);
        {error, Reason} ->
            closed(Reason, S)
    end;
feed(#socket{owner = Owner} = S) ->
    case packet(0, S) of
        {ok, Data, Input} ->
            Owner ! message(Data, S),
            feed(count_down(parsed(Data, S#socket{input = Input})));
        {more, Size} ->
            read(Size, S);
        {error, Reason} ->
            closed(Reason, S)
    end.

%% After the first line of a message of HTTP come its headers.
parsed(Data, S) when is_binary(Data) -> S;
parsed(http_eoh, S) -> S#socket{headers = false};
parsed({Kind, _, _, _}, S) when Kind =:= http_request; Kind =:= http_response -> S#socket{headers = true};
parsed(_, S) -> S.

protocol(#socket{headers = true, options = #options{packet = http}}) -> httph;
protocol(#socket{headers = true, options = #options{packet = http_bin}}) -> httph_bin;
protocol(#socket{options = #options{packet = Packet}}) -> Packet.

count_down(#socket{active = once} = S) ->
    S#socket{active = false};
count_down(#socket{active = 1, owner = Owner} = S) ->
    Owner ! {tcp_passive, self()},
    S#socket{active = false};
count_down(#socket{active = N} = S) when is_integer(N) ->
    S#socket{active = N - 1};
count_down(S) ->
    S.

read(_, #socket{eof = Reason} = S) when Reason =/= none ->
    closed(Reason, S);
read(Size, #socket{reading = none, fd = Fd} = S) ->
    case warpbeam_native:begin_receive(Fd, Size) of
        Ref when is_reference(Ref) -> S#socket{reading = Ref};
        {error, Reason} -> closed(Reason, S)
    end;
read(_, S) ->
    S.

%% While nothing has been read that nobody has got, and packets are what comes, others may read in this process's place, for an
%% owner who is sent it or one who waits for it, until this process does something itself. Only data is dealt with so: what else a read ends in comes here.
lend_reading(#socket{type = stream, status = connected, input = <<>>, eof = none, readers = [],
                     options = #options{packet = 0, header = 0, deliver = term}} = S) ->
    #socket{fd = Fd, reading = Reading, owner = Owner, active = Active, options = Options} = S,
    #options{buffer = Buffer, mode = Mode} = Options,
    warpbeam_native:lend_reading(Fd, Reading, Buffer, Mode =:= binary, {Owner, Active}),
    S#socket{lent = true};
lend_reading(S) ->
    S.

take_reading(#socket{lent = false} = S) ->
    S;
take_reading(#socket{recv_oct = Octets, recv_cnt = Count, recv_max = Max} = S) ->
    {Reading, Active, {Size, Reads, Largest}, Readers} = warpbeam_native:take_reading(),
    S#socket{lent = false, reading = Reading, active = Active, readers = Readers,
             recv_oct = Octets + Size, recv_cnt = Count + Reads, recv_max = max(Max, Largest)}.

%% The next packet of what was read, or how many bytes to read for it.
packet(0, #socket{input = <<>>, options = #options{buffer = Buffer}}) ->
    {more, Buffer};
packet(0, #socket{input = Input, options = #options{packet = 0}}) ->
    {ok, Input, <<>>};
packet(0, #socket{input = Input, options = Options} = S) ->
    #options{packet = Packet, packet_size = Limit, buffer = Buffer, line_delimiter = Delimiter} = Options,
    Limits = case Packet of
        line -> [{packet_size, Limit}, {line_length, Buffer}, {line_delimiter, Delimiter}];
        _ -> [{packet_size, Limit}]
    end,
    case erlang:decode_packet(protocol(S), Input, Limits) of
        {ok, Data, Rest} -> {ok, Data, Rest};
        {more, undefined} -> {more, Buffer};
        {more, Whole} -> {more, max(Buffer, Whole - byte_size(Input))};
        {error, _} -> {error, emsgsize}
    end;
packet(Length, #socket{input = Input, options = #options{buffer = Buffer}}) ->
    case Input of
        <<Data:Length/binary, Rest/binary>> -> {ok, Data, Rest};
        _ -> {more, max(Buffer, Length - byte_size(Input))}
    end.

message(Data, #socket{options = #options{deliver = port}} = S) when is_binary(Data) ->
    {self(), {data, shape(Data, S#socket{options = (S#socket.options)#options{mode = list}})}};
message(Data, #socket{options = #options{packet = Packet}} = S)
  when Packet =:= http; Packet =:= httph; Packet =:= http_bin; Packet =:= httph_bin ->
    {http, self(), shape(Data, S)};
message(Data, S) ->
    {tcp, self(), shape(Data, S)}.

shape(Data, #socket{options = #options{mode = binary, header = 0}}) when is_binary(Data) ->
    Data;
shape(Data, #socket{options = #options{mode = binary, header = N}}) when is_binary(Data) ->
    Head = min(N, byte_size(Data)),
    <<First:Head/binary, Rest/binary>> = Data,
    case Head < N of
        true -> binary_to_list(First);
        false -> binary_to_list(First) ++ Rest
    end;
shape(Data, _) when is_binary(Data) ->
    binary_to_list(Data);
shape({ssl_tls, [], Type, Version, Data}, _) ->
    {ssl_tls, self(), Type, Version, Data};
shape(Packet, _) ->
    Packet.

%% The stream is over, by its peer or by an error. A reader is told, or the owner; then the port ends, or stays to be asked.
closed(Reason, #socket{active = false, options = #options{exit_on_close = Ends}} = S) ->
    closed_quietly(Reason, Ends, S);
closed(Reason, #socket{owner = Owner} = S) ->
    Reason =/= closed andalso (Owner ! {tcp_error, self(), Reason}),
    tell_closed(S).

%% Where nobody but who asks is told.
closed_quietly(Reason, Ends, S) ->
    Quiet = S#socket.readers =:= [],
    New = answer_all({error, Reason}, S),
    case Ends of
        true ->
            _ = prim_file:close_nif(New#socket.fd),
            Told = New#socket.send_told orelse Reason =/= closed,
            New#socket{status = closed, eof = Reason, input = <<>>, recv_told = not Quiet, send_told = Told, sending = none};
        false ->
            New#socket{eof = Reason, input = <<>>}
    end.

tell_closed(#socket{owner = Owner, options = Options} = S) ->
    Owner ! {tcp_closed, self()},
    New = answer_all({error, closed}, S),
    case Options#options.exit_on_close of
        true ->
            %% The message is all that the owner gets.
            unlink(Owner),
            finish(normal, New);
        false ->
            New#socket{active = false, eof = case S#socket.eof of none -> closed; Eof -> Eof end}
    end.
