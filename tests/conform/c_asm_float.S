%% Float registers with the old check: fclearerror before, fcheckerror after.
{module, c_asm_float}.
{exports, [{main,0}]}.
{attributes, []}.
{labels, 30}.

{function, main, 0, 2}.
  {label,1}.
    {func_info,{atom,c_asm_float},{atom,main},0}.
  {label,2}.
    {allocate_zero,2,0}.
    {move,nil,{y,0}}.
    {move,{integer,3},{x,0}}.
    {move,{float,0.5},{x,1}}.
    {call,2,{f,4}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{float,-0.0},{x,0}}.
    {move,{integer,1180591620717411303424},{x,1}}.
    {call,2,{f,4}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    %% A product that overflows, and a division by zero: both are badarith.
    {move,{float,1.0e200},{x,0}}.
    {move,{float,1.0e200},{x,1}}.
    {call,2,{f,8}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,1},{x,0}}.
    {move,{integer,0},{x,1}}.
    {call,2,{f,8}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{atom,a},{x,0}}.
    {move,{integer,0},{x,1}}.
    {call,2,{f,8}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{x,0}}.
    {deallocate,2}.
    return.

%% ops(A, B): [A + B, A - B, A * B, A / B, -A].
{function, ops, 2, 4}.
  {label,3}.
    {func_info,{atom,c_asm_float},{atom,ops},2}.
  {label,4}.
    {fconv,{x,0},{fr,0}}.
    {fconv,{x,1},{fr,1}}.
    fclearerror.
    {bif,fadd,{f,0},[{fr,0},{fr,1}],{fr,2}}.
    {bif,fsub,{f,0},[{fr,0},{fr,1}],{fr,3}}.
    {bif,fmul,{f,0},[{fr,0},{fr,1}],{fr,4}}.
    {bif,fdiv,{f,0},[{fr,0},{fr,1}],{fr,5}}.
    {bif,fnegate,{f,0},[{fr,0}],{fr,6}}.
    {fcheckerror,{f,0}}.
    {test_heap,{alloc,[{words,10},{floats,5}]},2}.
    {fmove,{fr,6},{x,0}}.
    {put_list,{x,0},nil,{x,1}}.
    {fmove,{fr,5},{x,0}}.
    {put_list,{x,0},{x,1},{x,1}}.
    {fmove,{fr,4},{x,0}}.
    {put_list,{x,0},{x,1},{x,1}}.
    {fmove,{fr,3},{x,0}}.
    {put_list,{x,0},{x,1},{x,1}}.
    {fmove,{fr,2},{x,0}}.
    {put_list,{x,0},{x,1},{x,0}}.
    return.

%% guarded(A, B): what ops/2 answers, or the class and reason.
{function, guarded, 2, 8}.
  {label,7}.
    {func_info,{atom,c_asm_float},{atom,guarded},2}.
  {label,8}.
    {allocate_zero,1,2}.
    {'try',{y,0},{f,9}}.
    {call,2,{f,4}}.
    {try_end,{y,0}}.
    {deallocate,1}.
    return.
  {label,9}.
    {try_case,{y,0}}.
    {test_heap,3,2}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1}]}}.
    {deallocate,1}.
    return.
