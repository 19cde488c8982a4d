%% An I/O server for standard input and output (`user`), or for standard error.
%%
%% Source: "The Erlang I/O Protocol". Text goes out as UTF-8 whatever the encoding option says. Requests for input are
%% answered in order; output goes on while one of them waits for more.
-module(warpbeam_user).

-export([start_link/1]).
-export([init/2]).

-record(state, {
    device :: output | error,
    encoding = unicode :: unicode | latin1,
    binary = false :: boolean(),
    %% Characters that have come and nobody has taken.
    input = [] :: string(),
    %% Bytes of a character that has not come whole.
    partial = <<>> :: binary(),
    ended = false :: boolean(),
    asked = false :: boolean(),
    %% Requests for input: who asks, the request, and how far it has come.
    waiting = queue_new() :: {list(), list()}
}).

%% The name is registered when this returns.
start_link(Device) ->
    Parent = self(),
    Pid = spawn_link(?MODULE, init, [Parent, Device]),
    receive
        {Pid, ready} -> {ok, Pid}
    end.

init(Parent, Device) ->
    process_flag(trap_exit, true),
    register(name(Device), self()),
    group_leader(self(), self()),
    Parent ! {self(), ready},
    loop(Parent, #state{device = Device}).

name(output) -> user;
name(error) -> standard_error.

loop(Parent, State) ->
    receive
        {io_request, From, ReplyAs, Request} when is_pid(From) ->
            loop(Parent, request(From, ReplyAs, Request, State));
        {warpbeam_input, Data} ->
            loop(Parent, serve(arrived(Data, State#state{asked = false})));
        {'EXIT', Parent, Reason} ->
            exit(Reason);
        _ ->
            loop(Parent, State)
    end.

request(From, ReplyAs, Request, State) ->
    case wants_input(Request) of
        true when State#state.device =:= error ->
            reply(From, ReplyAs, {error, enotsup}),
            State;
        true ->
            Entry = {From, ReplyAs, begin_input(Request)},
            serve(State#state{waiting = queue_in(Entry, State#state.waiting)});
        false ->
            {Result, Next} = perform(Request, State),
            reply(From, ReplyAs, Result),
            Next
    end.

reply(From, ReplyAs, Result) ->
    From ! {io_reply, ReplyAs, Result}.

wants_input({get_line, _}) -> true;
wants_input({get_line, _, _}) -> true;
wants_input({get_chars, _, _}) -> true;
wants_input({get_chars, _, _, _}) -> true;
wants_input({get_until, _, _, _, _}) -> true;
wants_input({get_until, _, _, _, _, _}) -> true;
wants_input({requests, Requests}) when is_list(Requests) -> any_wants_input(Requests);
wants_input(_) -> false.

any_wants_input([Request | Rest]) -> wants_input(Request) orelse any_wants_input(Rest);
any_wants_input(_) -> false.

%% Requests that are answered at once.
perform({put_chars, Chars}, State) -> {put_chars(latin1, Chars, State), State};
perform({put_chars, Encoding, Chars}, State) -> {put_chars(Encoding, Chars, State), State};
perform({put_chars, Module, Function, Arguments}, State) ->
    {put_called(latin1, Module, Function, Arguments, State), State};
perform({put_chars, Encoding, Module, Function, Arguments}, State) ->
    {put_called(Encoding, Module, Function, Arguments, State), State};
perform(getopts, State) ->
    {[{binary, State#state.binary}, {encoding, State#state.encoding}], State};
perform({setopts, Options}, State) ->
    case options(Options, State) of
        error -> {{error, enotsup}, State};
        Next -> {ok, Next}
    end;
perform({get_geometry, _}, State) -> {{error, enotsup}, State};
perform({requests, Requests}, State) when is_list(Requests) -> perform_all(Requests, ok, State);
perform(Request, State) -> {{error, {request, Request}}, State}.

%% All of them up to the first that fails; the last one's result.
perform_all([Request | Rest], _, State) ->
    case perform(Request, State) of
        {{error, _} = Error, Next} -> {Error, Next};
        {Result, Next} -> perform_all(Rest, Result, Next)
    end;
perform_all(_, Result, State) -> {Result, State}.

put_called(Encoding, Module, Function, Arguments, State) ->
    try apply(Module, Function, Arguments) of
        Chars -> put_chars(Encoding, Chars, State)
    catch
        _:_ -> {error, put_chars}
    end.

put_chars(Encoding, Chars, State) when Encoding =:= unicode; Encoding =:= latin1 ->
    try unicode:characters_to_binary(Chars, Encoding, unicode) of
        Text when is_binary(Text) -> warpbeam_native:output(State#state.device, Text);
        _ -> {error, put_chars}
    catch
        _:_ -> {error, put_chars}
    end;
put_chars(Encoding, Chars, _) -> {error, {request, {put_chars, Encoding, Chars}}}.

options([Option | Rest], State) ->
    case Option of
        binary -> options(Rest, State#state{binary = true});
        list -> options(Rest, State#state{binary = false});
        {binary, Flag} when is_boolean(Flag) -> options(Rest, State#state{binary = Flag});
        {list, Flag} when is_boolean(Flag) -> options(Rest, State#state{binary = not Flag});
        {encoding, unicode} -> options(Rest, State#state{encoding = unicode});
        {encoding, utf8} -> options(Rest, State#state{encoding = unicode});
        {encoding, latin1} -> options(Rest, State#state{encoding = latin1});
        _ -> error
    end;
options([], State) -> State;
options(_, _) -> error.

%% How a request for input begins: its prompt has not been written yet.
begin_input({get_line, Prompt}) -> {prompt, Prompt, {line, latin1, []}};
begin_input({get_line, Encoding, Prompt}) -> {prompt, Prompt, {line, Encoding, []}};
begin_input({get_chars, Prompt, N}) -> {prompt, Prompt, {chars, latin1, N}};
begin_input({get_chars, Encoding, Prompt, N}) -> {prompt, Prompt, {chars, Encoding, N}};
begin_input({get_until, Prompt, M, F, A}) -> {prompt, Prompt, {until, latin1, M, F, A, []}};
begin_input({get_until, Encoding, Prompt, M, F, A}) -> {prompt, Prompt, {until, Encoding, M, F, A, []}};
begin_input({requests, Requests}) -> {requests, Requests, ok}.

%% Answers requests for input as far as what has come allows.
serve(State) ->
    case queue_out(State#state.waiting) of
        empty ->
            State;
        {{From, ReplyAs, Request}, Rest} ->
            case advance(Request, State#state{waiting = Rest}) of
                {done, Result, Next} ->
                    reply(From, ReplyAs, Result),
                    serve(Next);
                {more, Left, Next} ->
                    ask(Next#state{waiting = queue_first({From, ReplyAs, Left}, Next#state.waiting)})
            end
    end.

ask(#state{asked = true} = State) ->
    State;
ask(State) ->
    case warpbeam_native:input() of
        eof -> serve(arrived(eof, State));
        later -> State#state{asked = true}
    end.

arrived(eof, State) ->
    %% What is left of a character that never came whole is bytes.
    Rest = binary_to_list(State#state.partial),
    State#state{input = State#state.input ++ Rest, partial = <<>>, ended = true};
arrived(Bytes, #state{encoding = latin1} = State) ->
    State#state{input = State#state.input ++ binary_to_list(Bytes)};
arrived(Bytes, State) ->
    {Chars, Partial} = decoded(<<(State#state.partial)/binary, Bytes/binary>>),
    State#state{input = State#state.input ++ Chars, partial = Partial}.

%% Bytes that are no UTF-8 count as latin-1.
decoded(Bytes) ->
    case unicode:characters_to_list(Bytes, unicode) of
        Chars when is_list(Chars) -> {Chars, <<>>};
        {incomplete, Chars, Partial} -> {Chars, Partial};
        {error, Chars, <<Byte, Rest/binary>>} ->
            {More, Partial} = decoded(Rest),
            {Chars ++ [Byte | More], Partial}
    end.

advance({prompt, Prompt, Request}, State) ->
    _ = put_chars(unicode, io_lib:format_prompt(Prompt, unicode), State),
    advance(Request, State);
advance({requests, [Request | Rest], _}, State) ->
    case wants_input(Request) of
        true -> advance({within, begin_input(Request), Rest}, State);
        false -> advance_within(perform_done(perform(Request, State)), Rest)
    end;
advance({requests, _, Result}, State) ->
    {done, Result, State};
advance({within, Request, Rest}, State) ->
    advance_within(advance(Request, State), Rest);
advance({line, Encoding, Taken}, State) ->
    case take_line(State#state.input, Taken) of
        {line, Line, Rest} -> finish(Encoding, Line, State#state{input = Rest});
        {open, Longer} when State#state.ended -> at_end(Encoding, lists:reverse(Longer), State#state{input = []});
        {open, Longer} -> {more, {line, Encoding, Longer}, State#state{input = []}}
    end;
advance({chars, _, N}, State) when not is_integer(N); N < 0 ->
    {done, {error, get_chars}, State};
advance({chars, Encoding, N}, #state{input = Input} = State) ->
    case length(Input) of
        Length when Length >= N, N > 0 ->
            {Chars, Rest} = lists:split(N, Input),
            finish(Encoding, Chars, State#state{input = Rest});
        _ when N =:= 0 -> finish(Encoding, [], State);
        _ when State#state.ended -> at_end(Encoding, Input, State#state{input = []});
        _ -> {more, {chars, Encoding, N}, State}
    end;
advance({until, Encoding, M, F, A, Continuation} = Request, State) ->
    case chunk(State) of
        none ->
            {more, Request, State};
        {Data, Next} ->
            try apply(M, F, [Continuation, Data | A]) of
                {done, Result, Rest} -> until_done(Encoding, Result, back(Rest, Next));
                {more, Further} -> advance({until, Encoding, M, F, A, Further}, Next);
                _ -> {done, {error, get_until}, Next}
            catch
                _:_ -> {done, {error, get_until}, Next}
            end
    end.

perform_done({Result, State}) -> {done, Result, State}.

advance_within({done, {error, _} = Error, State}, _) -> {done, Error, State};
advance_within({done, Result, State}, Rest) -> advance({requests, Rest, Result}, State);
advance_within({more, Request, State}, Rest) -> {more, {within, Request, Rest}, State}.

%% A line, or what there is at the end.
chunk(#state{input = [], ended = true} = State) -> {eof, State};
chunk(#state{input = Input, ended = Ended} = State) ->
    case take_line(Input, []) of
        {line, Line, Rest} -> {Line, State#state{input = Rest}};
        {open, _} when Ended -> {Input, State#state{input = []}};
        {open, _} -> none
    end.

take_line([$\n | Rest], Taken) -> {line, lists:reverse(Taken, "\n"), Rest};
take_line([Char | Rest], Taken) -> take_line(Rest, [Char | Taken]);
take_line([], Taken) -> {open, Taken}.

back(Rest, State) when is_list(Rest) -> State#state{input = Rest ++ State#state.input};
back(_, State) -> State.

until_done(Encoding, Result, State) when is_list(Result), State#state.binary ->
    finish(Encoding, Result, State);
until_done(_, Result, State) -> {done, Result, State}.

at_end(_, [], State) -> {done, eof, State};
at_end(Encoding, Chars, State) -> finish(Encoding, Chars, State).

%% Characters as the options and the request want them.
finish(Encoding, Chars, #state{binary = true} = State) ->
    case unicode:characters_to_binary(Chars, unicode, Encoding) of
        Binary when is_binary(Binary) -> {done, Binary, State};
        _ -> {done, {error, {no_translation, unicode, Encoding}}, State}
    end;
finish(latin1, Chars, State) ->
    case lists:all(fun(Char) -> Char =< 255 end, Chars) of
        true -> {done, Chars, State};
        false -> {done, {error, {no_translation, unicode, latin1}}, State}
    end;
finish(_, Chars, State) ->
    {done, Chars, State}.

%% A queue of two lists.
queue_new() -> {[], []}.
queue_in(Item, {Front, Back}) -> {Front, [Item | Back]}.
queue_first(Item, {Front, Back}) -> {[Item | Front], Back}.
queue_out({[], []}) -> empty;
queue_out({[], Back}) -> queue_out({lists:reverse(Back), []});
queue_out({[Item | Front], Back}) -> {Item, {Front, Back}}.
