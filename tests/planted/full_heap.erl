%% A message is received however full its receiver's heap is.
%%
%% The librarian wants the index before the book. A book that comes first lies
%% on a heap that has not been collected since the librarian's preparations.
-module(full_heap).
-export([main/0, indexer/1, printer/1]).

main() ->
    spawn(?MODULE, indexer, [self()]),
    spawn(?MODULE, printer, [self()]),
    Index = receive {index, Pages} -> Pages end,
    true = erlang:garbage_collect(),
    Book = receive {book, Text} -> Text end,
    {3, 25} = {length(Index), length(Book)},
    ok.

indexer(To) ->
    To ! {index, [1, 2, 3]}.

printer(To) ->
    To ! {book, [once, upon, a, time, there, was, a, process, that, lost, nothing, at, all, yes,
                 it, lived, happily, ever, since, among, its, neighbours, on, the, node]}.
