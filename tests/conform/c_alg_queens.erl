%% Backtracking: the n queens, by lists.
-module(c_alg_queens).
-include("conform.hrl").

main() -> [{N, length(queens(N))} || N <- seq(1, 8)] ++ [{first, hd(queens(8))}].
queens(N) -> place(N, N).
place(_, 0) -> [[]];
place(N, K) -> [[Q | Qs] || Qs <- place(N, K - 1), Q <- seq(1, N), safe(Q, Qs, 1)].
safe(_, [], _) -> true;
safe(Q, [H | T], D) -> Q =/= H andalso abs(Q - H) =/= D andalso safe(Q, T, D + 1).
