%% The receive markers of before OTP 24: recv_mark before the reference is made,
%% recv_set at the loop; a mailbox with other messages before and after.
{module, c_asm_recv}.
{exports, [{main,0}]}.
{attributes, []}.
{labels, 30}.

{function, main, 0, 2}.
  {label,1}.
    {func_info,{atom,c_asm_recv},{atom,main},0}.
  {label,2}.
    {allocate_zero,2,0}.
    {bif,self,{f,0},[],{x,0}}.
    {move,{atom,noise},{x,1}}.
    send.
    {bif,self,{f,0},[],{x,0}}.
    {move,{integer,1},{x,1}}.
    send.
    {call,0,{f,4}}.
    {move,{x,0},{y,0}}.
    {call,0,{f,4}}.
    {move,{x,0},{y,1}}.
    {call,0,{f,14}}.
    {test_heap,4,1}.
    {put_tuple2,{x,0},{list,[{y,0},{y,1},{x,0}]}}.
    {deallocate,2}.
    return.

%% ask(): send a tuple with a new reference to self, and wait for that tuple.
{function, ask, 0, 4}.
  {label,3}.
    {func_info,{atom,c_asm_recv},{atom,ask},0}.
  {label,4}.
    {allocate_zero,1,0}.
    {recv_mark,{f,5}}.
    {call_ext,0,{extfunc,erlang,make_ref,0}}.
    {move,{x,0},{y,0}}.
    {test_heap,3,1}.
    {put_tuple2,{x,1},{list,[{x,0},{atom,answer}]}}.
    {bif,self,{f,0},[],{x,0}}.
    send.
    {recv_set,{f,5}}.
  {label,5}.
    {loop_rec,{f,7},{x,0}}.
    {test,is_tuple,{f,6},[{x,0}]}.
    {test,test_arity,{f,6},[{x,0},2]}.
    {get_tuple_element,{x,0},0,{x,1}}.
    {get_tuple_element,{x,0},1,{x,2}}.
    {test,is_eq_exact,{f,6},[{x,1},{y,0}]}.
    remove_message.
    {move,{x,2},{x,0}}.
    {deallocate,1}.
    return.
  {label,6}.
    {loop_rec_end,{f,5}}.
  {label,7}.
    {wait,{f,5}}.

%% rest(): everything left, in order.
{function, rest, 0, 14}.
  {label,13}.
    {func_info,{atom,c_asm_recv},{atom,rest},0}.
  {label,14}.
    {allocate_zero,1,0}.
  {label,15}.
    {loop_rec,{f,17},{x,0}}.
    remove_message.
    {move,{x,0},{y,0}}.
    {call,0,{f,14}}.
    {test_heap,2,1}.
    {put_list,{y,0},{x,0},{x,0}}.
    {deallocate,1}.
    return.
  {label,17}.
    timeout.
    {move,nil,{x,0}}.
    {deallocate,1}.
    return.
