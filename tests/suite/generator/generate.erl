%% All programs of the suite that are generated.
-module(generate).
-export([programs/1]).

%% Programs as {Name, Source}, from the suite's directory.
programs(Here) -> natives:programs(filename:join(Here, "natives.spec")) ++ operators:programs() ++ bits:programs().
