%% Stack frames of before OTP 25: allocate_zero, allocate_heap_zero, init, trim;
%% make_fun2; is_bitstr; raw_raise; and collections while such frames are live.
{module, c_asm_stack}.
{exports, [{main,0}]}.
{attributes, []}.
{labels, 70}.

{function, main, 0, 2}.
  {label,1}.
    {func_info,{atom,c_asm_stack},{atom,main},0}.
  {label,2}.
    {allocate_zero,4,0}.
    {move,{integer,1000},{x,0}}.
    {call,1,{f,4}}.
    {move,{x,0},{y,0}}.
    {move,{integer,300},{x,0}}.
    {call,1,{f,8}}.
    {move,{x,0},{y,1}}.
    {move,{literal,{a,[b]}},{x,0}}.
    {move,{integer,5},{x,1}}.
    {call,2,{f,12}}.
    {move,{x,0},{y,2}}.
    {move,{literal,<<1:1>>},{x,0}}.
    {call,1,{f,22}}.
    {move,{x,0},{y,3}}.
    {move,{atom,not_bits},{x,0}}.
    {call,1,{f,22}}.
    {test_heap,2,1}.
    {put_list,{x,0},nil,{x,0}}.
    {test_heap,8,1}.
    {put_list,{y,3},{x,0},{x,0}}.
    {put_list,{y,2},{x,0},{x,0}}.
    {put_list,{y,1},{x,0},{x,0}}.
    {put_list,{y,0},{x,0},{x,0}}.
    {move,{x,0},{y,0}}.
    {init,{y,1}}.
    {init,{y,2}}.
    {init,{y,3}}.
    {call,0,{f,32}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{x,0}}.
    {trim,3,1}.
    {move,{x,0},{y,0}}.
    {call,0,{f,42}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{x,0}}.
    {deallocate,1}.
    return.

%% sum(N): body recursion with zeroed frames.
{function, sum, 1, 4}.
  {label,3}.
    {func_info,{atom,c_asm_stack},{atom,sum},1}.
  {label,4}.
    {test,is_ne_exact,{f,5},[{x,0},{integer,0}]}.
    {allocate_zero,2,1}.
    {move,{x,0},{y,1}}.
    {gc_bif,'-',{f,0},1,[{x,0},{integer,1}],{x,0}}.
    {call,1,{f,4}}.
    {gc_bif,'+',{f,0},1,[{x,0},{y,1}],{x,0}}.
    {deallocate,2}.
    return.
  {label,5}.
    {move,{integer,0},{x,0}}.
    return.

%% build(N): heap room and frame in one instruction; a list grown under frames.
{function, build, 1, 8}.
  {label,7}.
    {func_info,{atom,c_asm_stack},{atom,build},1}.
  {label,8}.
    {test,is_ne_exact,{f,9},[{x,0},{integer,0}]}.
    {allocate_heap_zero,2,3,1}.
    {put_tuple2,{x,1},{list,[{x,0},{atom,t}]}}.
    {move,{x,1},{y,1}}.
    {gc_bif,'-',{f,0},1,[{x,0},{integer,1}],{x,0}}.
    {call,1,{f,8}}.
    {gc_bif,length,{f,0},1,[{x,0}],{x,1}}.
    {test,is_nonempty_list,{f,10},[{x,0}]}.
    {test,is_lt,{f,24},[{x,1},{integer,3}]}.
    {test_heap,2,1}.
    {put_list,{y,1},{x,0},{x,0}}.
    {deallocate,2}.
    return.
  {label,10}.
    {test_heap,2,1}.
    {put_list,{y,1},nil,{x,0}}.
    {deallocate,2}.
    return.
  {label,24}.
    {get_hd,{x,0},{x,1}}.
    {get_tl,{x,0},{x,0}}.
    {test_heap,5,2}.
    {put_tuple2,{x,1},{list,[{x,1},{y,1}]}}.
    {put_list,{x,1},nil,{x,0}}.
    {deallocate,2}.
    return.
  {label,9}.
    {move,nil,{x,0}}.
    return.

%% closures(A, B): make_fun2 with two free variables, called with one argument.
{function, closures, 2, 12}.
  {label,11}.
    {func_info,{atom,c_asm_stack},{atom,closures},2}.
  {label,12}.
    {allocate,0,2}.
    {make_fun2,{f,62},0,0,2}.
    {move,{x,0},{x,1}}.
    {move,{integer,37},{x,0}}.
    {call_fun,1}.
    {deallocate,0}.
    return.

{function, bits, 1, 22}.
  {label,21}.
    {func_info,{atom,c_asm_stack},{atom,bits},1}.
  {label,22}.
    {test,is_bitstr,{f,23},[{x,0}]}.
    {gc_bif,bit_size,{f,23},1,[{x,0}],{x,0}}.
    return.
  {label,23}.
    {move,{atom,none},{x,0}}.
    return.

%% An exception caught, its trace built, raised again and caught outside.
{function, reraise, 0, 32}.
  {label,31}.
    {func_info,{atom,c_asm_stack},{atom,reraise},0}.
  {label,32}.
    {allocate_zero,1,0}.
    {'try',{y,0},{f,33}}.
    {call,0,{f,36}}.
    {try_end,{y,0}}.
    {deallocate,1}.
    return.
  {label,33}.
    {try_case,{y,0}}.
    {test_heap,3,2}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1}]}}.
    {deallocate,1}.
    return.

{function, inner, 0, 36}.
  {label,35}.
    {func_info,{atom,c_asm_stack},{atom,inner},0}.
  {label,36}.
    {allocate_zero,1,0}.
    {'try',{y,0},{f,37}}.
    {move,{atom,thrown},{x,0}}.
    {call_ext,1,{extfunc,erlang,throw,1}}.
    {try_end,{y,0}}.
    {deallocate,1}.
    return.
  {label,37}.
    {try_case,{y,0}}.
    {move,{atom,exit},{x,0}}.
    raw_raise.

%% catch around a failing bif.
{function, catches, 0, 42}.
  {label,41}.
    {func_info,{atom,c_asm_stack},{atom,catches},0}.
  {label,42}.
    {allocate_zero,1,0}.
    {'catch',{y,0},{f,43}}.
    {move,{atom,bye},{x,0}}.
    {call_ext,1,{extfunc,erlang,exit,1}}.
  {label,43}.
    {catch_end,{y,0}}.
    {deallocate,1}.
    return.

{function, '-closures/2-fun-0-', 3, 62}.
  {label,61}.
    {func_info,{atom,c_asm_stack},{atom,'-closures/2-fun-0-'},3}.
  {label,62}.
    {test_heap,4,3}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1},{x,2}]}}.
    return.
