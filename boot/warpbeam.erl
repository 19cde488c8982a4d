%% What a program says about itself, for warpbeam's simulator to judge.
%%
%% Copy this file into a project to run it on Erlang/OTP as well: there these functions do nothing, and choose/1 gives
%% the first. Under `warpbeam` its own functions take their place. Under `warpbeam run`, a claim of always/2 or
%% unreachable/1 that is broken raises {warpbeam, always | unreachable, Name}, and choose/1 picks at random.
-module(warpbeam).

-export([always/2, unreachable/1, sometimes/2, reachable/1, eventually/1, eventually/2]).
-export([choose/1, note/1, invoke/2, ok/2, failed/1]).

%% Holds each time; the first time that it does not ends the run as a violation.
-spec always(boolean(), term()) -> ok.
always(Holds, _Name) when is_boolean(Holds) -> ok.

%% This place is never reached.
-spec unreachable(term()) -> ok.
unreachable(_Name) -> ok.

%% Holds in at least one run of a campaign. The report lists those that never did.
-spec sometimes(boolean(), term()) -> ok.
sometimes(Holds, _Name) when is_boolean(Holds) -> ok.

%% Some run of a campaign comes to this place. The report lists those that no run came to.
-spec reachable(term()) -> ok.
reachable(_Name) -> ok.

%% From now on this run owes that eventually(true, Name) is called, before or after, by any process.
-spec eventually(term()) -> ok.
eventually(_Name) -> ok.

%% false: the same. true: it holds, and nothing is owed under this name in this run.
-spec eventually(boolean(), term()) -> ok.
eventually(Holds, _Name) when is_boolean(Holds) -> ok.

%% An element of the list, or a number from 1 to N: the simulator tries them all, and shrinks towards the first.
-spec choose([T, ...]) -> T; (pos_integer()) -> pos_integer().
choose([First | _]) -> First;
choose(N) when is_integer(N), N > 0 -> 1.

%% Shows in the story of a run.
-spec note(term()) -> ok.
note(_Term) -> ok.

%% An operation on a shared object begins, and ends with a result, or without an effect. At the end of a run the
%% history of each object is judged: is there an order of the operations, each between its beginning and its end, in
%% which one after the other gives these results? An operation that has not ended may have had its effect or not.
%% Object is Model or {Model, Name}; the models, with the results that are looked at (all others pass):
%%   register  read -> V (undefined at first); {write, V}; {cas, Old, New} -> boolean()
%%   counter   read -> N (0 at first); {add, N}; {add_get, N} -> New; {get_add, N} -> Old
%%   queue     {push, V}; pop -> {ok, V} | empty
%%   set       {add, V} -> true if it was new; {remove, V} -> true if it was there; {member, V} -> boolean()
%%   lock      acquire; try_acquire -> boolean(); release
%%   kv        {get, K} -> {ok, V} | error; {put, K, V}; {delete, K} -> true if it was there
-spec invoke(term(), term()) -> non_neg_integer().
invoke(_Object, _Operation) -> 0.

-spec ok(non_neg_integer(), term()) -> ok.
ok(_Operation, _Result) -> ok.

-spec failed(non_neg_integer()) -> ok.
failed(_Operation) -> ok.
