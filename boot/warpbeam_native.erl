%% The loop of a process that runs a function in Rust (src/native/): does what the function awaits, and tells it what came
%% of it, until it returns. start/3, resume/0 and resume/1 are native.
%%
%% In take/0 and take/1, node/1 stands for a test that no compiler lets into a guard, whether the function wants the
%% message; ./compile puts it in.
-module(warpbeam_native).

-export([enter/3]).

enter(Module, Function, Arguments) ->
    case warpbeam_native:start(Module, Function, Arguments) of
        ok -> go(warpbeam_native:resume());
        undefined -> erlang:error(undef, Arguments)
    end.

go({call, Module, Function, Arguments}) ->
    go(warpbeam_native:resume(
         try {ok, apply(Module, Function, Arguments)}
         catch Class:Reason -> {Class, Reason}
         end));
go({send, To, Message}) ->
    go(warpbeam_native:resume(
         try {ok, To ! Message}
         catch Class:Reason -> {Class, Reason}
         end));
go({take, infinity}) ->
    go(warpbeam_native:resume(take()));
go({take, Time}) ->
    go(warpbeam_native:resume(take(Time)));
go({return, Value}) ->
    Value.

take() ->
    receive Message when node(Message) =:= wanted -> {ok, Message} end.

take(Time) ->
    receive Message when node(Message) =:= wanted -> {ok, Message} after Time -> timeout end.
