%% A tokenizer, a parser by precedence and an evaluator, for expressions in a string.
-module(c_alg_calc).
-include("conform.hrl").

main() -> [{T, c(fun() -> eval(T) end)} || T <- ["1+2*3", "(1+2)*3", "10-4-3", "2^3^2", "-5+3", "--5", "7/2", "7 % 4", "1/0", "1+", "(1", "a=3;b=a*2;a+b", "x+1", "10!=11", "3<4", "if 1<2 then 10 else 20", "let y = 5 in y*y", "let f = 2 in let f = 3 in f", "1.5*2", "$", "((((((1))))))", "2*(3+4)*5-6/(1+1)", "123456789012345678901234567890*2"]] ++ [{stack, machine([{push, 2}, {push, 3}, add, dup, mul])}, {stack_error, c(fun() -> machine([add]) end)}].
eval(T) -> {V, _} = program(tokens(T), #{}), V.
tokens([C | T]) when C =:= $\s -> tokens(T);
tokens([C | _] = L) when C >= $0, C =< $9 -> num(L, []);
tokens([C | _] = L) when C >= $a, C =< $z -> word(L, []);
tokens([A, $= | T]) when A =:= $!; A =:= $< -> [list_to_atom([A, $=]) | tokens(T)];
tokens([C | T]) -> case lists:member(C, "+-*/^%()=;<") of true -> [list_to_atom([C]) | tokens(T)]; false -> throw({bad_char, C}) end;
tokens([]) -> [].
num([C | T], A) when C >= $0, C =< $9; C =:= $. -> num(T, [C | A]);
num(R, A) -> S = lists:reverse(A, []), [{num, case lists:member($., S) of true -> list_to_float(S); false -> list_to_integer(S) end} | tokens(R)].
word([C | T], A) when C >= $a, C =< $z -> word(T, [C | A]);
word(R, A) -> [case lists:reverse(A, []) of "if" -> 'if'; "then" -> then; "else" -> else_; "let" -> 'let'; "in" -> in; W -> {var, W} end | tokens(R)].
program([{var, X}, '=' | T], Env) -> {V, R} = expr(T, Env), case R of [';' | R1] -> program(R1, Env#{X => V}); [] -> {V, []} end;
program(T, Env) -> case expr(T, Env) of {V, []} -> {V, []}; {_, R} -> throw({left_over, R}) end.
expr(['if' | T], E) -> {C, [then | R]} = expr(T, E), {A, [else_ | R1]} = expr(R, E), {B, R2} = expr(R1, E), {case C of true -> A; false -> B end, R2};
expr(['let', {var, X}, '=' | T], E) -> {V, [in | R]} = expr(T, E), expr(R, E#{X => V});
expr(T, E) -> {V, R} = unary(T, E), climb(V, R, 0, E).
climb(L, [Op | T] = All, Min, E) -> case prec(Op) of {P, A} when P >= Min -> {R0, T1} = unary(T, E), {R, T2} = climb(R0, T1, case A of left -> P + 1; right -> P end, E), climb(op(Op, L, R), T2, Min, E); _ -> {L, All} end;
climb(L, [], _, _) -> {L, []}.
prec('<') -> {1, left};
prec('!=') -> {1, left};
prec('+') -> {2, left};
prec('-') -> {2, left};
prec('*') -> {3, left};
prec('/') -> {3, left};
prec('%') -> {3, left};
prec('^') -> {4, right};
prec(_) -> none.
unary(['-' | T], E) -> {V, R} = unary(T, E), {-V, R};
unary([{num, N} | T], _) -> {N, T};
unary([{var, X} | T], E) -> case E of #{X := V} -> {V, T}; _ -> throw({unbound, X}) end;
unary(['(' | T], E) -> case expr(T, E) of {V, [')' | R]} -> {V, R}; {_, R} -> throw({paren, R}) end;
unary(T, _) -> throw({syntax, T}).
op('+', A, B) -> A + B;
op('-', A, B) -> A - B;
op('*', A, B) -> A * B;
op('/', A, B) when is_integer(A), is_integer(B) -> A div B;
op('/', A, B) -> A / B;
op('%', A, B) -> A rem B;
op('^', _, 0) -> 1;
op('^', A, B) -> A * op('^', A, B - 1);
op('<', A, B) -> A < B;
op('!=', A, B) -> A /= B.
machine(P) -> machine(P, []).
machine([], S) -> S;
machine([{push, X} | P], S) -> machine(P, [X | S]);
machine([add | P], [A, B | S]) -> machine(P, [A + B | S]);
machine([mul | P], [A, B | S]) -> machine(P, [A * B | S]);
machine([dup | P], [A | S]) -> machine(P, [A, A | S]).
