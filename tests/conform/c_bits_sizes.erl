%% Sizes and values that segments refuse, in which order, and what appending in place leaves alone.
-module(c_bits_sizes).
-export([main/0]).

id(X)->X.
c(F)-> try F() catch C:R -> {C,R} end.
main() ->
 S=id(0), B=id(1 bsl 70), N=id(-1), A=id(a),
 [{P,c(F)} || {P,F} <- [
  {f0, fun()-> <<(id(1.0)):S/float>> end},
  {f0a, fun()-> <<(id(a)):S/float>> end},
  {f8, fun()-> <<(id(1.0)):(S+8)/float>> end},
  {i0a, fun()-> <<(id(a)):S>> end},
  {i_neg, fun()-> <<1:N>> end},
  {i_big, fun()-> <<1:B>> end},
  {i_nbig, fun()-> <<1:(-B)>> end},
  {i_atom, fun()-> <<1:A>> end},
  {i_big8, fun()-> <<1:(id(1 bsl 61))/unit:8>> end},
  {i_big7, fun()-> <<(id(<<>>)):(id(1 bsl 57))/binary-unit:128>> end},
  {mix1, fun()-> <<(id(a)), 1:B>> end},
  {mix2, fun()-> <<(id(a))/binary, 1:B>> end},
  {mix3, fun()-> <<1:B, (id(a))/binary>> end},
  {mix4, fun()-> <<(id(<<1:3>>))/binary, 1:B>> end},
  {bsize, fun()-> <<(id(<<1,2,3>>)):(id(2))/binary>> end},
  {bsize4, fun()-> <<(id(<<1,2,3>>)):(id(4))/binary>> end},
  {bsbits, fun()-> <<(id(<<1,2,3:3>>)):(id(18))/bits, 5:3>> end},
  {u8, fun()-> <<(id(16#d800))/utf8>> end},
  {u8b, fun()-> <<(id(16#10ffff))/utf8,(id(16#10ffff))/utf16,(id(16#10ffff))/utf32-little>> end},
  {u16, fun()-> <<(id(a))/utf16>> end},
  {u32, fun()-> <<(id(-1))/utf32>> end},
  {app, fun()-> <<(id(<<1:3>>))/bits, 1:1, (id(-5)):70/little>> end},
  {native, fun()-> <<(id(258)):16/native, (id(3.5)):32/native>> end},
  {g, fun()-> g(id(3)) end},{g1, fun()-> g(id(B)) end},{g2, fun()-> g(id(a)) end},
  {m1, fun()-> X = id(<<1,2,3,4,5,6,7,8,9,10>>), <<V:65/signed-little,_/bits>> = X, V end},
  {m2, fun()-> X = id(<<255,2,3,4,5,6,7,8,9,255>>), <<V:80/signed-little,_/bits>> = X, <<W:80/signed>>=X, <<Q:60/signed,QQ:20>>=X,<<Q1:59,_/bits>>=X,<<Q2:60,_/bits>>=X,<<Q3:64,_/bits>>=X,{V,W,Q,QQ,Q1,Q2,Q3} end},
  {m3, fun()-> X = id(<<1,2,3>>), case X of <<V:B,_/bits>> -> V; <<V:N,_/bits>> -> V; <<V:A,_/bits>> -> V; _ -> none end end},
  {grow, fun()-> P = bytes(100, <<>>), P1 = <<P/binary, 1:1>>, P2 = <<P1/bits, 1:1>>, P3 = <<P1/bits, 0:1>>, P4 = <<P2/bits,5:3>>, P5 = <<P2/bits, 2:3>>, {P =:= bytes(100,<<>>), P1,P2,P3,P4,P5} end},
  {bc, fun()-> X = << <<(I rem 2):1>> || <<I>> <= bytes(200, <<>>) >>, {bit_size(X), X} end},
  {append_bits, fun() -> byte_size(append_bits(20000, <<>>)) end}
 ]].
append_bits(0, A) -> A;
append_bits(N, A) -> append_bits(N-1, <<A/bits, N:3>>).
bytes(0, A) -> A;
bytes(N, A) -> bytes(N-1, <<A/binary, N>>).
g(X) when <<1:X>> =:= <<1:3>> -> yes;
g(_) -> no.
