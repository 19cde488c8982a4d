%% Options, statistics and addresses of sockets: what a name means, which values it may have, and whether the kernel keeps it.
%%
%% Invariant: options are set in order up to the first that is wrong. Source: the documentation of `inet`, and what `erl` answers.
-module(warpbeam_inet_options).

-export([default/1, set/2, get/2, is_value/2, linger_ms/1, statistics/2, address/2]).

-include("warpbeam_inet.hrl").

%% Milliseconds that a close waits at most where no option says how long.
-define(FLUSH_MS, 180000).
%% No datagram is larger.
-define(DATAGRAM_MAX, 65536).

default(tcp) -> #options{};
default(udp) -> #options{buffer = 8192}.

is_value(Option, Value) ->
    case kind(Option) of
        none -> false;
        Kind -> fits(Kind, Value)
    end.

kind(active) -> active;
kind(mode) -> [list, binary];
kind(packet) -> [0, 1, 2, 4, raw, sunrm, asn1, cdr, fcgi, line, tpkt, http, httph, http_bin, httph_bin, ssl, ssl_tls];
kind(deliver) -> [term, port];
kind(linger) -> linger;
kind(multicast_if) -> address;
kind(Option) when Option =:= add_membership; Option =:= drop_membership -> membership;
kind(send_timeout) -> time;
kind(Option) when Option =:= header; Option =:= packet_size; Option =:= read_packets -> unsigned;
kind(Option)
  when Option =:= buffer; Option =:= sndbuf; Option =:= recbuf; Option =:= priority; Option =:= tos;
       Option =:= ttl; Option =:= multicast_ttl; Option =:= high_watermark; Option =:= low_watermark; Option =:= high_msgq_watermark;
       Option =:= low_msgq_watermark; Option =:= line_delimiter -> integer;
kind(Option)
  when Option =:= reuseaddr; Option =:= reuseport; Option =:= keepalive; Option =:= nodelay; Option =:= broadcast;
       Option =:= dontroute; Option =:= multicast_loop; Option =:= ipv6_v6only; Option =:= exit_on_close; Option =:= send_timeout_close;
       Option =:= delay_send; Option =:= show_econnreset -> boolean;
kind(_) -> none.

fits(active, Value) -> lists:member(Value, [true, false, once]) orelse is_integer(Value);
fits(boolean, Value) -> is_boolean(Value);
fits(integer, Value) -> is_integer(Value);
fits(unsigned, Value) -> is_integer(Value) andalso Value >= 0;
fits(time, Value) -> Value =:= infinity orelse is_integer(Value) andalso Value >= 0;
fits(linger, {On, Seconds}) -> is_boolean(On) andalso is_integer(Seconds);
fits(linger, _) -> false;
fits(address, any) -> true;
fits(address, {_, _, _, _} = Ip) -> lists:all(fun(N) -> is_integer(N) andalso N >= 0 andalso N =< 255 end, tuple_to_list(Ip));
fits(address, _) -> false;
fits(membership, {Group, Interface}) -> fits(address, Group) andalso fits(address, Interface);
fits(membership, _) -> false;
fits(Values, Value) -> lists:member(Value, Values).

%% All are looked at before the first is set.
set(Options, S) ->
    case is_list(Options) andalso lists:all(fun is_good/1, Options) of
        true -> set_all(Options, S);
        false -> {{error, einval}, S}
    end.

is_good(binary) -> true;
is_good(list) -> true;
is_good({Option, Value}) -> is_value(Option, Value);
is_good(_) -> false.

set_all([], S) ->
    {ok, S};
set_all([Option | Options], S) ->
    case set_one(Option, S) of
        #socket{} = New -> set_all(Options, New);
        Error -> {Error, S}
    end.

set_one(Mode, S) when is_atom(Mode) ->
    set_one({mode, Mode}, S);
set_one({active, N}, #socket{active = Active} = S) when is_integer(N) ->
    Before = if is_integer(Active) -> Active; true -> 0 end,
    if
        Before + N > 32767; Before + N < -32768; N > 32767; N < -32768 -> {error, einval};
        Before + N > 0 -> S#socket{active = Before + N};
        true -> S#socket.owner ! {passive(S), self()}, S#socket{active = false}
    end;
set_one({packet, raw}, S) ->
    set_one({packet, 0}, S);
set_one({active, Active}, S) ->
    S#socket{active = Active};
set_one({Option, Value}, #socket{options = Options} = S) ->
    case index(Option) of
        none -> set_in_kernel(Option, Value, S);
        Index -> S#socket{options = setelement(Index, Options, kept(Option, Value))}
    end.

%% Numbers have 32 bits, as on the way to OTP's driver, and no less than what makes sense.
kept(buffer, Value) -> max(1, signed(Value));
kept(Option, Value) when Option =:= high_watermark; Option =:= low_watermark -> max(0, signed(Value));
kept(Option, Value) when Option =:= packet_size; Option =:= header -> Value band 16#ffffffff;
kept(send_timeout, Value) when is_integer(Value) -> max(0, signed(Value));
kept(line_delimiter, Value) -> Value band 255;
kept(_, Value) -> Value.

signed(Value) ->
    <<Signed:32/signed>> = <<Value:32>>,
    Signed.

passive(#socket{type = stream}) -> tcp_passive;
passive(#socket{type = dgram}) -> udp_passive.

index(mode) -> #options.mode;
index(packet) -> #options.packet;
index(header) -> #options.header;
index(buffer) -> #options.buffer;
index(packet_size) -> #options.packet_size;
index(line_delimiter) -> #options.line_delimiter;
index(exit_on_close) -> #options.exit_on_close;
index(deliver) -> #options.deliver;
index(high_watermark) -> #options.high_watermark;
index(low_watermark) -> #options.low_watermark;
index(high_msgq_watermark) -> #options.high_msgq_watermark;
index(low_msgq_watermark) -> #options.low_msgq_watermark;
index(send_timeout) -> #options.send_timeout;
index(send_timeout_close) -> #options.send_timeout_close;
index(delay_send) -> #options.delay_send;
index(show_econnreset) -> #options.show_econnreset;
index(read_packets) -> #options.read_packets;
index(_) -> none.

%% What the kernel says of an option that a socket of this kind has not is passed over, as OTP does.
set_in_kernel(dontroute, _, S) ->
    S;
set_in_kernel(_, _, #socket{status = closed} = S) ->
    S;
set_in_kernel(Option, Value, #socket{fd = Fd} = S) ->
    case warpbeam_native:set_socket_option(Fd, Option, number(Value)) of
        ok -> wide_enough(Option, Value, S);
        {error, _} = Error when Option =:= ttl -> Error;
        {error, _} -> S
    end.

%% How long a close waits for what is still to be sent.
linger_ms(#socket{fd = Fd}) ->
    case warpbeam_native:socket_option(Fd, linger) of
        {ok, Seconds} when Seconds >= 0 -> min(Seconds * 1000, ?FLUSH_MS);
        _ -> ?FLUSH_MS
    end.

number(true) -> 1;
number(false) -> 0;
number({true, Seconds}) -> max(0, signed(Seconds));
number({false, _}) -> -1;
number(any) -> 0;
number({A, B, C, D}) -> A bsl 24 bor (B bsl 16) bor (C bsl 8) bor D;
number({Group, Interface}) ->
    <<Both:64/signed>> = <<(number(Group)):32, (number(Interface)):32>>,
    Both;
number(Number) -> signed(Number).

%% A program that asks for large windows reads large pieces.
wide_enough(recbuf, Value, #socket{type = stream, options = #options{buffer = Buffer} = Options} = S) ->
    S#socket{options = Options#options{buffer = max(Buffer, signed(Value))}};
wide_enough(recbuf, Value, #socket{options = #options{buffer = Buffer} = Options} = S) ->
    S#socket{options = Options#options{buffer = max(Buffer, min(signed(Value), ?DATAGRAM_MAX))}};
wide_enough(_, _, S) ->
    S.

get(Options, S) ->
    try
        {ok, lists:flatmap(fun(Option) -> get_one(Option, S) end, Options)}
    catch
        throw:Error -> Error
    end.

get_one(active, #socket{active = Active}) ->
    [{active, Active}];
get_one(Option, #socket{options = Options, type = Type} = S) ->
    Stream = [high_watermark, low_watermark, send_timeout, send_timeout_close, delay_send, show_econnreset, nodelay],
    Skip = Type =:= dgram andalso lists:member(Option, Stream) orelse
        Type =:= stream andalso Option =:= read_packets,
    case {kind(Option), index(Option)} of
        {none, _} -> throw({error, einval});
        {membership, _} -> throw({error, einval});
        {_, _} when Option =:= line_delimiter -> throw({error, einval});
        {_, _} when Skip -> [];
        {_, none} -> get_from_kernel(Option, S);
        {_, Index} -> [{Option, element(Index, Options)}]
    end.

get_from_kernel(dontroute, _) ->
    [{dontroute, false}];
get_from_kernel(_, #socket{status = Status}) when Status =:= closed; Status =:= new ->
    [];
get_from_kernel(Option, #socket{fd = Fd}) ->
    case warpbeam_native:socket_option(Fd, Option) of
        {ok, Number} -> [{Option, value(kind(Option), Number)}];
        {error, _} -> []
    end.

value(boolean, Number) -> Number =/= 0;
value(address, Number) -> list_to_tuple(binary_to_list(<<Number:32>>));
value(linger, Seconds) when Seconds < 0 -> {false, 0};
value(linger, Seconds) -> {true, Seconds};
value(_, Number) -> Number.

statistics(Items, S) ->
    try {ok, [{Item, statistic(Item, S)} || Item <- Items]}
    catch error:function_clause -> {error, einval}
    end.

statistic(recv_oct, S) -> S#socket.recv_oct;
statistic(recv_cnt, S) -> S#socket.recv_cnt;
statistic(recv_max, S) -> S#socket.recv_max;
statistic(recv_avg, S) -> average(S#socket.recv_oct, S#socket.recv_cnt);
statistic(recv_dvi, _) -> 0;
statistic(send_oct, S) -> S#socket.send_oct;
statistic(send_cnt, S) -> S#socket.send_cnt;
statistic(send_max, S) -> S#socket.send_max;
statistic(send_avg, S) -> average(S#socket.send_oct, S#socket.send_cnt);
statistic(send_pend, S) -> S#socket.output_size.

average(_, 0) -> 0;
average(Octets, Count) -> Octets div Count.

%% An address as the natives take it, or `error`.
address({local, Path}, #socket{family = local}) -> {local, iolist_to_binary(Path)};
address({Family, {Ip, Port}}, S) when Family =:= inet; Family =:= inet6 -> address({Ip, Port}, S);
address({any, Port}, #socket{family = inet} = S) -> address({{0, 0, 0, 0}, Port}, S);
address({any, Port}, S) -> address({{0, 0, 0, 0, 0, 0, 0, 0}, Port}, S);
address({loopback, Port}, #socket{family = inet} = S) -> address({{127, 0, 0, 1}, Port}, S);
address({loopback, Port}, S) -> address({{0, 0, 0, 0, 0, 0, 0, 1}, Port}, S);
address({Ip, Port}, #socket{family = inet}) when tuple_size(Ip) =:= 4 -> checked(Ip, Port, 255);
address({{A, B, C, D}, Port}, #socket{family = inet6}) ->
    checked({0, 0, 0, 0, 0, 16#ffff, A bsl 8 bor B, C bsl 8 bor D}, Port, 65535);
address({Ip, Port}, #socket{family = inet6}) when tuple_size(Ip) =:= 8 -> checked(Ip, Port, 65535);
address(_, _) -> error.

checked(Ip, Port, Max) ->
    Fits = fun(N) -> is_integer(N) andalso N >= 0 andalso N =< Max end,
    case lists:all(Fits, tuple_to_list(Ip)) andalso is_integer(Port) andalso Port >= 0 andalso Port =< 65535 of
        true -> {Ip, Port};
        false -> error
    end.
