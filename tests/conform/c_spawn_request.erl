%% spawn_request: a request signal and its reply message.
-module(c_spawn_request).
-export([go/1]).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()] ++ wrong().

go(To) -> To ! {told, 1}.
told() -> receive {told, X} -> X end.

cases() ->
    [{fun_, fun() -> Me = self(), R = spawn_request(fun() -> Me ! {told, f} end), receive {spawn_reply, R, ok, P} -> {is_reference(R), is_pid(P), told()} end end},
     {mfa, fun() -> R = spawn_request(?MODULE, go, [self()]), receive {spawn_reply, R, ok, P} -> {is_pid(P), told()} end end},
     {fun_options, fun() -> Me = self(), R = spawn_request(fun() -> Me ! {told, o} end, [link]), receive {spawn_reply, R, ok, _} -> told() end end},
     {mfa_options, fun() -> R = spawn_request(?MODULE, go, [self()], [{priority, high}]), receive {spawn_reply, R, ok, _} -> told() end end},
     {node_fun, fun() -> Me = self(), R = spawn_request(node(), fun() -> Me ! {told, n} end), receive {spawn_reply, R, ok, _} -> told() end end},
     {node_mfa_options, fun() -> R = spawn_request(node(), ?MODULE, go, [self()], []), receive {spawn_reply, R, ok, _} -> told() end end},
     {reply_tag, fun() -> R = spawn_request(?MODULE, go, [self()], [{reply_tag, {my, tag}}]), receive {{my, tag}, R, ok, _} -> told() end end},
     {reply_no, fun() -> R = spawn_request(?MODULE, go, [self()], [{reply, no}]), {is_reference(R), told(), drain()} end},
     {reply_error_only, fun() -> spawn_request(?MODULE, go, [self()], [{reply, error_only}]), {told(), drain()} end},
     {reply_success_only, fun() -> R = spawn_request(?MODULE, go, [self()], [{reply, success_only}]), receive {spawn_reply, R, ok, _} -> told() end end},
     {monitor, fun() -> R = spawn_request(fun() -> exit(why) end, [monitor]), P = receive {spawn_reply, R, ok, Q} -> Q end, receive {'DOWN', R, process, P, W} -> W end end},
     {monitor_tag, fun() -> R = spawn_request(fun() -> exit(why) end, [{monitor, [{tag, gone}]}]), P = receive {spawn_reply, R, ok, Q} -> Q end, receive {gone, R, process, P, W} -> W end end},
     {monitor_alias, fun() -> R = spawn_request(fun() -> receive {a, A} -> A ! via_alias end end, [{monitor, [{alias, explicit_unalias}]}]), P = receive {spawn_reply, R, ok, Q} -> Q end, P ! {a, R}, receive via_alias -> ok end end},
     {link, fun() -> process_flag(trap_exit, true), R = spawn_request(fun() -> exit(linked) end, [link]), P = receive {spawn_reply, R, ok, Q} -> Q end, receive {'EXIT', P, W} -> W end end},
     {reply_before_messages, fun() -> Me = self(), R = spawn_request(fun() -> Me ! {told, m} end, []), receive {spawn_reply, R, ok, _} -> ok end, told() end},
     {reply_before_down, fun() -> R = spawn_request(fun() -> ok end, [monitor]), A = receive X -> element(1, X) end, B = receive Y -> element(1, Y) end, {A, B, is_reference(R)} end},
     {bad_option_reply, fun() -> R = spawn_request(?MODULE, go, [self()], [bad_option]), receive {spawn_reply, R, error, W} -> {W, drain()} end end},
     {bad_option_no_reply, fun() -> spawn_request(?MODULE, go, [self()], [bad_option, {reply, success_only}]), receive X -> X after 20 -> nothing end end},
     {abandon_done, fun() -> R = spawn_request(?MODULE, go, [self()]), receive {spawn_reply, R, ok, _} -> spawn_request_abandon(R) end end},
     {abandon_unknown, fun() -> spawn_request_abandon(make_ref()) end},
     {many, fun() -> Me = self(), Rs = [spawn_request(fun() -> Me ! {n, I} end, []) || I <- seq(1, 100)], Ps = [receive {spawn_reply, R, ok, P} -> P end || R <- Rs], {length(Ps), sort([receive {n, I} -> I end || _ <- Ps]) =:= seq(1, 100)} end}].

wrong() ->
    [{{request, As}, c(fun() -> apply(erlang, spawn_request, As) end)} || As <- [[a], [1, f, []], [m, 1, []], [m, f, a], [?MODULE, go, [1], a], [?MODULE, go, [1], [{reply, x}]], [?MODULE, go, [1], [{reply_tag}] ]]] ++
    [{abandon, [c(fun() -> spawn_request_abandon(id(X)) end) || X <- [a, 1]]}].
