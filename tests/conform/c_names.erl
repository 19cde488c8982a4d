%% Registered names.
-module(c_names).
-include("conform.hrl").

main() -> [{N, p(F)} || {N, F} <- cases()] ++ wrong().

wait() -> receive stop -> ok; {exit, R} -> exit(R) end.
end_(P) -> P ! stop, gone(P).

cases() ->
    [{register, fun() -> {register(c_names_a, self()), whereis(c_names_a) =:= self(), process_info(self(), registered_name), unregister(c_names_a), whereis(c_names_a)} end},
     {no_name, fun() -> {whereis(c_names_none), process_info(self(), registered_name), lists:member(c_names_none, registered())} end},
     {twice_same, fun() -> register(c_names_b, self()), c(1, fun() -> register(c_names_b, self()) end) end}, {second_name, fun() -> register(c_names_c, self()), c(1, fun() -> register(c_names_d, self()) end) end},
     {taken, fun() -> P = spawn(fun wait/0), register(c_names_e, P), R = c(1, fun() -> register(c_names_e, self()) end), end_(P), R end}, {free_after_death, fun() -> P = spawn(fun wait/0), register(c_names_f, P), end_(P), {whereis(c_names_f), register(c_names_f, self())} end},
     {other_process, fun() -> P = spawn(fun wait/0), register(c_names_g, P), R = whereis(c_names_g) =:= P, end_(P), R end}, {dead, fun() -> P = spawn(fun() -> ok end), gone(P), c(1, fun() -> register(c_names_h, P) end) end},
     {unregister_unknown, fun() -> c(1, fun() -> unregister(c_names_none) end) end}, {unregister_other, fun() -> P = spawn(fun wait/0), register(c_names_i, P), R = unregister(c_names_i), end_(P), R end},
     {rename, fun() -> register(c_names_j, self()), unregister(c_names_j), register(c_names_k, self()), {whereis(c_names_j), whereis(c_names_k) =:= self()} end}, {registered, fun() -> register(c_names_l, self()), lists:member(c_names_l, registered()) end},
     {send, fun() -> register(c_names_m, self()), c_names_m ! hi, drain() end}, {send_node, fun() -> register(c_names_n, self()), {c_names_n, node()} ! hi, drain() end}, {exit_frees_before_down, fun() -> {_, M} = spawn_monitor(fun() -> register(c_names_o, self()), exit(x) end), receive {'DOWN', M, _, _, x} -> ok end, register(c_names_o, self()) end},
     {reserved, fun() -> c(1, fun() -> register(undefined, self()) end) end}, {unicode, fun() -> register('名前', self()), '名前' ! x, drain() end}, {hundred, fun() -> Ps = [spawn(fun wait/0) || _ <- seq(1, 100)], reg(Ps, 1), N = length([I || I <- seq(1, 100), is_pid(whereis(name_of(I)))]), [end_(P) || P <- Ps], {N, length([I || I <- seq(1, 100), is_pid(whereis(name_of(I)))])} end},
     {restart_loop, fun() -> restart(50) end}, {contended, fun() -> Me = self(), [spawn(fun() -> R = try register(c_names_p, self()) of true -> won catch error:badarg -> lost end, Me ! {r, R}, wait() end) || _ <- seq(1, 20)], Rs = [receive {r, R} -> R end || _ <- seq(1, 20)], W = whereis(c_names_p), exit(W, kill), gone(W), {length([x || won <- Rs]), length([x || lost <- Rs])} end}].

reg([P | T], N) -> register(name_of(N), P), reg(T, N + 1);
reg([], _) -> ok.
name_of(N) -> list_to_atom("c_names_no_" ++ integer_to_list(N)).
restart(0) -> whereis(c_names_r);
restart(N) -> {P, M} = spawn_monitor(fun() -> register(c_names_r, self()), wait() end), until_name(P), P ! stop, receive {'DOWN', M, _, _, normal} -> restart(N - 1) end.
until_name(P) -> case whereis(c_names_r) of P -> ok; _ -> receive after 1 -> until_name(P) end end.

wrong() ->
    [{{register, N, P}, c(1, fun() -> register(id(N), id(P)) end)} || {N, P} <- [{1, x}, {a, 1}, {"a", x}, {a, b}, {a, {}}]] ++ [{{F, X}, c(1, fun() -> apply(erlang, F, [X]) end)} || F <- [whereis, unregister], X <- [1, "a", {}, <<>>]].
