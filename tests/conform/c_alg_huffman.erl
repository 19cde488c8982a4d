%% Huffman codes built from counts, packed to bits and read back.
-module(c_alg_huffman).
-include("conform.hrl").

main() -> [scope(fun() -> {Tree, Codes} = codes(T), B = << <<(map_get(C, Codes))/bits>> || <<C>> <= T >>, {byte_size(T), bit_size(B), erlang:phash2(B), decode(B, Tree, Tree, <<>>) =:= T} end) || T <- texts()] ++ [{lzw, [scope(fun() -> L = lzw(T), {length(L), erlang:phash2(L), unlzw(L) =:= T} end) || T <- texts()]}, {rle, [rle(T) || T <- [<<>>, <<"aaabbc">>, <<"abc">>, binary:copy(<<"z">>, 300)]]}].
texts() -> [<<"abracadabra">>, <<"the quick brown fox jumps over the lazy dog">>, binary:copy(<<"mississippi river ">>, 50), << <<(X * X rem 251)>> || X <- seq(1, 1000) >>].
codes(T) -> Tree = tree(sort([{N, [C]} || {C, N} <- counts(T, #{})])), {Tree, maps:from_list(walk(Tree, <<>>))}.
counts(<<C, R/binary>>, M) -> counts(R, M#{C => case M of #{C := N} -> N + 1; _ -> 1 end});
counts(<<>>, M) -> [{C, map_get(C, M)} || C <- maps:keys(M)].
tree([{_, T}]) -> T;
tree([{A, X}, {B, Y} | T]) -> tree(insert({A + B, {X, Y}}, T)).
insert(X, [H | T]) when H < X -> [H | insert(X, T)];
insert(X, L) -> [X | L].
walk([C], B) -> [{C, B}];
walk({L, R}, B) -> walk(L, <<B/bits, 0:1>>) ++ walk(R, <<B/bits, 1:1>>).
decode(B, [C], Root, Acc) -> decode(B, Root, Root, <<Acc/binary, C>>);
decode(<<0:1, R/bits>>, {L, _}, Root, Acc) -> decode(R, L, Root, Acc);
decode(<<1:1, R/bits>>, {_, X}, Root, Acc) -> decode(R, X, Root, Acc);
decode(<<>>, _, _, Acc) -> Acc.
lzw(T) -> lzw(T, <<>>, maps:from_list([{<<C>>, C} || C <- seq(0, 255)]), 256).
lzw(<<C, R/binary>>, W, D, N) -> X = <<W/binary, C>>, case D of #{X := _} -> lzw(R, X, D, N); _ -> [map_get(W, D) | lzw(R, <<C>>, D#{X => N}, N + 1)] end;
lzw(<<>>, W, D, _) -> [map_get(W, D)].
unlzw([C | T]) -> D = maps:from_list([{I, <<I>>} || I <- seq(0, 255)]), W = map_get(C, D), iolist_to_binary([W | unlzw(T, W, D, 256)]).
unlzw([C | T], W, D, N) -> E = case D of #{C := X} -> X; _ -> <<W/binary, (binary:first(W))>> end, [E | unlzw(T, E, D#{N => <<W/binary, (binary:first(E))>>}, N + 1)];
unlzw([], _, _, _) -> [].
rle(<<C, R/binary>>) -> rle(R, C, 1);
rle(<<>>) -> [].
rle(<<C, R/binary>>, C, N) -> rle(R, C, N + 1);
rle(R, C, N) -> [{N, C} | rle(R)].
