%% A lost wake-up: look, find nothing, then ask to be woken.
%%
%% The printer takes a page from the queue. If there is none it subscribes and
%% sleeps until it is woken. A page that is put between the look and the
%% subscription wakes nobody: at that time nobody has subscribed.
%%
%% In production: a document now and then lies in the queue until somebody
%% prints another one.
%%
%% The order that fails: the printer is told `empty'; the office puts its page;
%% then the printer's subscription reaches the queue.
%%
%% lost_wakeup_fixed makes looking and waiting one request.
-module(lost_wakeup).
-export([main/0, queue/2, office/1]).

main() ->
    Queue = spawn(?MODULE, queue, [[], []]),
    spawn(?MODULE, office, [Queue]),
    page_1 = next_page(Queue),
    ok.

next_page(Queue) ->
    case call(Queue, take) of
        {page, Page} ->
            Page;
        empty ->
            Queue ! {subscribe, self()},
            receive wake_up -> next_page(Queue) end
    end.

office(Queue) ->
    true = call(Queue, has_room),
    ok = call(Queue, {put, page_1}).

queue(Pages, Sleepers) ->
    receive
        {call, From, Ref, has_room} ->
            From ! {Ref, length(Pages) < 10},
            queue(Pages, Sleepers);
        {call, From, Ref, {put, Page}} ->
            From ! {Ref, ok},
            wake(Sleepers),
            queue(Pages ++ [Page], []);
        {call, From, Ref, take} when Pages =:= [] ->
            From ! {Ref, empty},
            queue(Pages, Sleepers);
        {call, From, Ref, take} ->
            From ! {Ref, {page, hd(Pages)}},
            queue(tl(Pages), Sleepers);
        {subscribe, Sleeper} ->
            queue(Pages, [Sleeper | Sleepers])
    end.

wake([]) -> ok;
wake([Sleeper | Rest]) -> Sleeper ! wake_up, wake(Rest).

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
