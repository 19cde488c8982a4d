%% OTP's web server and its client, over loopback: files, one that is not there, requests at the same time.
-module(l_inets).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(inets),
    Root = "/tmp/warpbeam_l_inets_" ++ os:getpid(),
    ok = file:make_dir(Root),
    ok = file:write_file(Root ++ "/page.html", "<p>a page</p>"),
    {ok, Server} = inets:start(httpd, [
        {port, 0}, {server_name, "here"}, {server_root, Root}, {document_root, Root}, {bind_address, {127, 0, 0, 1}}
    ]),
    [{port, Port}] = httpd:info(Server, [port]),
    Url = "http://127.0.0.1:" ++ integer_to_list(Port),
    {ok, {Status, Headers, Body}} = httpc:request(Url ++ "/page.html"),
    say({Status, proplists:get_value("content-type", Headers), proplists:get_value("content-length", Headers), Body}),
    {ok, {{_, Missing, _}, _, _}} = httpc:request(Url ++ "/nothing.html"),
    say(Missing),
    Self = self(),
    Askers = [spawn_link(fun() -> Self ! {self(), status(Url ++ "/page.html")} end) || _ <- lists:seq(1, 20)],
    say(lists:usort([receive {Asker, Answer} -> Answer end || Asker <- Askers])),
    {ok, {{_, Head, _}, _, Nothing}} = httpc:request(head, {Url ++ "/page.html", []}, [], []),
    say({Head, Nothing}),
    ok = inets:stop(httpd, Server),
    {error, _} = httpc:request(Url ++ "/page.html"),
    ok = file:del_dir_r(Root).

status(Url) ->
    {ok, {{_, Status, _}, _, _}} = httpc:request(Url),
    Status.

say(What) -> io:format("~p~n", [What]).
