%% The corrected twin of lost_wakeup: the queue answers when it has something.
%%
%% A `take' that finds no page is not answered "empty" but kept. The queue looks
%% and notes who waits while it handles one message, so no page can come between;
%% the next page that is put goes to the one who has waited longest.
-module(lost_wakeup_fixed).
-export([main/0, queue/2, office/1]).

main() ->
    Queue = spawn(?MODULE, queue, [[], []]),
    spawn(?MODULE, office, [Queue]),
    page_1 = next_page(Queue),
    ok.

next_page(Queue) ->
    {page, Page} = call(Queue, take),
    Page.

office(Queue) ->
    true = call(Queue, has_room),
    ok = call(Queue, {put, page_1}).

%% Either no page is there or nobody waits.
queue(Pages, Waiting) ->
    receive
        {call, From, Ref, has_room} ->
            From ! {Ref, length(Pages) < 10},
            queue(Pages, Waiting);
        {call, From, Ref, {put, Page}} ->
            From ! {Ref, ok},
            serve(Pages ++ [Page], Waiting);
        {call, From, Ref, take} ->
            serve(Pages, Waiting ++ [{From, Ref}])
    end.

serve([Page | Pages], [{Client, Ref} | Waiting]) ->
    Client ! {Ref, {page, Page}},
    queue(Pages, Waiting);
serve(Pages, Waiting) ->
    queue(Pages, Waiting).

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
