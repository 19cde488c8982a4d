%% Small interpreters: a tape machine, a register machine and lambda terms.
-module(c_alg_interp).
-include("conform.hrl").

main() -> [{hello, bf(<<"++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.">>, [])}, {cat, bf(<<",[.,]">>, "echo")}, {square, bf(<<"++++[->++++<]>.">>, [])}, {fib_machine, run([{set, a, 0}, {set, b, 1}, {set, n, 50}, {jz, n, 5}, {mov, t, b}, {add, b, a}, {mov, a, t}, {dec, n}, {jnz, n, -4}], a)}, {church, church(7)}, {skk, ski({{{s, k}, k}, x})}, {ski_true, ski({{k, yes}, no})}, {eval, lam({app, {app, {lam, x, {lam, y, {add, {var, x}, {var, y}}}}, {int, 3}}, {int, 4}}, #{})}, {y, lam({app, {app, {lam, f, {app, {lam, x, {app, {var, f}, {lam, v, {app, {app, {var, x}, {var, x}}, {var, v}}}}}, {lam, x, {app, {var, f}, {lam, v, {app, {app, {var, x}, {var, x}}, {var, v}}}}}}}, {lam, self, {lam, n, {'if', {var, n}, {mul, {var, n}, {app, {var, self}, {add, {var, n}, {int, -1}}}}, {int, 1}}}}}, {int, 15}}, #{})}].
bf(P, In) -> bf(0, P, {[], 0, []}, In, []).
bf(I, P, _, _, Out) when I >= byte_size(P) -> lists:reverse(Out, []);
bf(I, P, {L, C, R} = T, In, Out) ->
    case binary:at(P, I) of
        $> -> case R of [] -> bf(I + 1, P, {[C | L], 0, []}, In, Out); [H | U] -> bf(I + 1, P, {[C | L], H, U}, In, Out) end;
        $< -> case L of [] -> bf(I + 1, P, {[], 0, [C | R]}, In, Out); [H | U] -> bf(I + 1, P, {U, H, [C | R]}, In, Out) end;
        $+ -> bf(I + 1, P, {L, (C + 1) band 255, R}, In, Out);
        $- -> bf(I + 1, P, {L, (C - 1) band 255, R}, In, Out);
        $. -> bf(I + 1, P, T, In, [C | Out]);
        $, -> case In of [] -> bf(I + 1, P, {L, 0, R}, [], Out); [H | U] -> bf(I + 1, P, {L, H, R}, U, Out) end;
        $[ when C =:= 0 -> bf(fwd(I + 1, P, 0), P, T, In, Out);
        $] when C =/= 0 -> bf(back(I - 1, P, 0), P, T, In, Out);
        _ -> bf(I + 1, P, T, In, Out)
    end.
fwd(I, P, N) -> case binary:at(P, I) of $] when N =:= 0 -> I + 1; $] -> fwd(I + 1, P, N - 1); $[ -> fwd(I + 1, P, N + 1); _ -> fwd(I + 1, P, N) end.
back(I, P, N) -> case binary:at(P, I) of $[ when N =:= 0 -> I + 1; $[ -> back(I - 1, P, N - 1); $] -> back(I - 1, P, N + 1); _ -> back(I - 1, P, N) end.
run(P, Out) -> T = list_to_tuple(P), map_get(Out, step(1, T, #{})).
step(I, T, M) when I > tuple_size(T) -> M;
step(I, T, M) ->
    case element(I, T) of
        {set, R, N} -> step(I + 1, T, M#{R => N});
        {mov, R, S} -> step(I + 1, T, M#{R => map_get(S, M)});
        {add, R, S} -> step(I + 1, T, M#{R := map_get(R, M) + map_get(S, M)});
        {dec, R} -> step(I + 1, T, M#{R := map_get(R, M) - 1});
        {jz, R, D} -> case map_get(R, M) of 0 -> step(I + D, T, M); _ -> step(I + 1, T, M) end;
        {jnz, R, D} -> case map_get(R, M) of 0 -> step(I + 1, T, M); _ -> step(I + D, T, M) end
    end.
church(N) -> ((cn(N))(fun(X) -> X * 2 end))(1).
cn(0) -> fun(_) -> fun(X) -> X end end;
cn(N) -> P = cn(N - 1), fun(F) -> G = P(F), fun(X) -> F(G(X)) end end.
ski(T) -> case red(T) of T -> T; U -> ski(U) end.
red({{k, X}, _}) -> X;
red({{{s, X}, Y}, Z}) -> {{X, Z}, {Y, Z}};
red({A, B}) -> case red(A) of A -> {A, red(B)}; C -> {C, B} end;
red(X) -> X.
lam({int, N}, _) -> N;
lam({var, X}, E) -> map_get(X, E);
lam({lam, X, B}, E) -> {closure, X, B, E};
lam({app, F, A}, E) -> {closure, X, B, E1} = lam(F, E), V = lam(A, E), lam(B, E1#{X => V});
lam({add, A, B}, E) -> lam(A, E) + lam(B, E);
lam({mul, A, B}, E) -> lam(A, E) * lam(B, E);
lam({'if', C, A, B}, E) -> case lam(C, E) of 0 -> lam(B, E); _ -> lam(A, E) end.
