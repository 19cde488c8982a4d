%% An HTTP/1.1 server of the files below a directory: `main([Port, Directory])`, where port 0 is any; it prints the one that it has.
%% GET and HEAD, with connections that stay.
-module(http_server).
-export([main/0, main/1]).

main() -> main(["0", "."]).

main([Port, Directory | _]) ->
    Options = [binary, {packet, http_bin}, {active, false}, {reuseaddr, true}, {backlog, 1024}, {nodelay, true}],
    {ok, Listener} = gen_tcp:listen(list_to_integer(Port), Options),
    {ok, Bound} = inet:port(Listener),
    io:format("~w~n", [Bound]),
    accept(Listener, Directory).

accept(Listener, Directory) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} ->
            Pid = spawn(fun() -> receive go -> serve(Socket, Directory) end end),
            ok = gen_tcp:controlling_process(Socket, Pid),
            Pid ! go,
            accept(Listener, Directory);
        {error, Reason} when Reason =:= emfile; Reason =:= enfile ->
            io:format("~w~n", [Reason]),
            timer:sleep(50),
            accept(Listener, Directory)
    end.

serve(Socket, Directory) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, {http_request, Method, {abs_path, Path}, Version}} ->
            Keep = headers(Socket, Version =:= {1, 1}),
            answer(Socket, Method, file(Directory, Path)),
            case Keep of
                true -> serve(Socket, Directory);
                false -> gen_tcp:close(Socket)
            end;
        {ok, _} ->
            _ = gen_tcp:send(Socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            gen_tcp:close(Socket);
        {error, _} ->
            gen_tcp:close(Socket)
    end.

%% Whether the connection is to stay.
headers(Socket, Keep) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, {http_header, _, 'Connection', _, Value}} -> headers(Socket, string:lowercase(Value) =/= <<"close">>);
        {ok, {http_header, _, _, _, _}} -> headers(Socket, Keep);
        {ok, http_eoh} -> Keep;
        _ -> false
    end.

%% Nothing above the directory.
file(Directory, Path) ->
    [Name | _] = binary:split(Path, <<"?">>),
    Parts = binary:split(Name, <<"/">>, [global]),
    case lists:member(<<"..">>, Parts) of
        true -> {error, enoent};
        false -> file:read_file(filename:join(Directory, string:trim(Name, leading, "/")))
    end.

answer(Socket, 'GET', {ok, Bytes}) ->
    gen_tcp:send(Socket, [head(<<"200 OK">>, byte_size(Bytes)), Bytes]);
answer(Socket, 'HEAD', {ok, Bytes}) ->
    gen_tcp:send(Socket, head(<<"200 OK">>, byte_size(Bytes)));
answer(Socket, Method, {error, _}) when Method =:= 'GET'; Method =:= 'HEAD' ->
    gen_tcp:send(Socket, head(<<"404 Not Found">>, 0));
answer(Socket, _, _) ->
    gen_tcp:send(Socket, head(<<"405 Method Not Allowed">>, 0)).

head(Status, Size) ->
    [<<"HTTP/1.1 ">>, Status, <<"\r\nContent-Length: ">>, integer_to_binary(Size), <<"\r\n\r\n">>].
