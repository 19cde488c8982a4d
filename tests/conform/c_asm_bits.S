%% Bit-syntax construction with the instructions of before OTP 25, which no
%% option yields in every form: bs_init2, bs_init_bits, bs_add, bs_append,
%% bs_private_append, bs_init_writable, the bs_put family, the UTF sizes.
{module, c_asm_bits}.
{exports, [{main,0}]}.
{attributes, []}.
{labels, 160}.

%% Every case is called with its own argument list and may fail.
{function, main, 0, 2}.
  {label,1}.
    {func_info,{atom,c_asm_bits},{atom,main},0}.
  {label,2}.
    {allocate,1,0}.
    {init,{y,0}}.
    {move,nil,{y,0}}.
    {move,{integer,7},{x,0}}.
    {call,1,{f,12}}.
    {call,1,{f,50}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{literal,<<1,2,3>>},{x,0}}.
    {move,{literal,<<5:3>>},{x,1}}.
    {call,2,{f,14}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{literal,<<1,2,3>>},{x,0}}.
    {move,{integer,200},{x,1}}.
    {call,2,{f,16}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,5},{x,0}}.
    {call,1,{f,18}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,16#20ac},{x,0}}.
    {call,1,{f,20}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,16#1f600},{x,0}}.
    {call,1,{f,20}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{float,1.5},{x,0}}.
    {call,1,{f,22}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,3},{x,0}}.
    {call,1,{f,22}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    %% What fails jumps to its label.
    {move,{atom,not_an_integer},{x,0}}.
    {call,1,{f,12}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{atom,not_a_binary},{x,0}}.
    {move,{literal,<<5:3>>},{x,1}}.
    {call,2,{f,14}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{literal,<<9:4>>},{x,0}}.
    {move,{integer,1},{x,1}}.
    {call,2,{f,16}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,16#d800},{x,0}}.
    {call,1,{f,20}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{atom,not_a_float},{x,0}}.
    {call,1,{f,22}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,-1},{x,0}}.
    {call,1,{f,24}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{y,0}}.
    {move,{integer,11},{x,0}}.
    {call,1,{f,24}}.
    {test_heap,2,1}.
    {put_list,{x,0},{y,0},{x,0}}.
    {deallocate,1}.
    return.

%% ints(X): bytes and odd sizes, both endians, in one bs_init2 of constant size.
{function, ints, 1, 12}.
  {label,11}.
    {func_info,{atom,c_asm_bits},{atom,ints},1}.
  {label,12}.
    {bs_init2,{f,112},13,0,1,{field_flags,[]},{x,1}}.
    {bs_put_integer,{f,112},{integer,8},1,{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_integer,{f,112},{integer,3},1,{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_integer,{f,112},{integer,13},1,{field_flags,[unsigned,little]},{x,0}}.
    {bs_put_integer,{f,112},{integer,2},8,{field_flags,[signed,little]},{integer,-2}}.
    {bs_put_integer,{f,112},{integer,40},1,{field_flags,[unsigned,big]},{integer,1180591620717411303425}}.
    {bs_put_string,3,{string,"abc"}}.
    {move,{x,1},{x,0}}.
    return.
  {label,112}.
    {move,{atom,failed},{x,0}}.
    return.

%% joined(Bytes, Bits): a size that is computed, in bits.
{function, joined, 2, 14}.
  {label,13}.
    {func_info,{atom,c_asm_bits},{atom,joined},2}.
  {label,14}.
    {gc_bif,bit_size,{f,114},2,[{x,0}],{x,2}}.
    {gc_bif,bit_size,{f,114},3,[{x,1}],{x,3}}.
    {bs_add,{f,114},[{x,2},{x,3},1],{x,2}}.
    {bs_add,{f,114},[{x,2},{integer,1},5],{x,2}}.
    {bs_init_bits,{f,114},{x,2},0,4,{field_flags,[]},{x,4}}.
    {bs_put_binary,{f,114},{atom,all},1,{field_flags,[unsigned,big]},{x,1}}.
    {bs_put_binary,{f,114},{atom,all},8,{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_integer,{f,114},{integer,5},1,{field_flags,[unsigned,big]},{integer,21}}.
    {move,{x,4},{x,0}}.
    return.
  {label,114}.
    {move,{atom,failed},{x,0}}.
    return.

%% appended(Binary, Byte): bs_append twice; the first result stays what it was.
{function, appended, 2, 16}.
  {label,15}.
    {func_info,{atom,c_asm_bits},{atom,appended},2}.
  {label,16}.
    {bs_append,{f,116},{integer,8},0,2,8,{x,0},{field_flags,[]},{x,2}}.
    {bs_put_integer,{f,116},{integer,8},1,{field_flags,[unsigned,big]},{x,1}}.
    {bs_append,{f,116},{integer,16},0,3,8,{x,2},{field_flags,[]},{x,3}}.
    {bs_put_integer,{f,116},{integer,16},1,{field_flags,[unsigned,little]},{x,1}}.
    {bs_append,{f,116},{integer,8},4,4,8,{x,2},{field_flags,[]},{x,4}}.
    {bs_put_integer,{f,116},{integer,8},1,{field_flags,[unsigned,big]},{integer,255}}.
    {put_tuple2,{x,0},{list,[{x,2},{x,3},{x,4}]}}.
    return.
  {label,116}.
    {move,{atom,failed},{x,0}}.
    return.

%% private(N): a writable binary that grows in a loop.
{function, private, 1, 18}.
  {label,17}.
    {func_info,{atom,c_asm_bits},{atom,private},1}.
  {label,18}.
    {allocate,1,1}.
    {move,{x,0},{y,0}}.
    {move,{integer,256},{x,0}}.
    bs_init_writable.
    {move,{x,0},{x,1}}.
    {move,{y,0},{x,0}}.
    {call_last,2,{f,32},1}.

{function, grow, 2, 32}.
  {label,31}.
    {func_info,{atom,c_asm_bits},{atom,grow},2}.
  {label,32}.
    {test,is_lt,{f,33},[{integer,0},{x,0}]}.
    {bs_private_append,{f,132},{integer,16},1,{x,1},{field_flags,[]},{x,1}}.
    {bs_put_integer,{f,132},{integer,11},1,{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_integer,{f,132},{integer,5},1,{field_flags,[unsigned,big]},{integer,9}}.
    {gc_bif,'-',{f,132},2,[{x,0},{integer,1}],{x,0}}.
    {call_only,2,{f,32}}.
  {label,33}.
    {move,{x,1},{x,0}}.
    return.
  {label,132}.
    {move,{atom,failed},{x,0}}.
    return.

%% utf(CodePoint): the three encodings, sizes computed first.
{function, utf, 1, 20}.
  {label,19}.
    {func_info,{atom,c_asm_bits},{atom,utf},1}.
  {label,20}.
    {bs_utf8_size,{f,120},{x,0},{x,1}}.
    {bs_utf16_size,{f,120},{x,0},{x,2}}.
    {bs_add,{f,120},[{x,1},{x,2},1],{x,3}}.
    {bs_add,{f,120},[{x,3},{integer,4},1],{x,3}}.
    {bs_init2,{f,120},{x,3},0,3,{field_flags,[]},{x,3}}.
    {bs_put_utf8,{f,120},{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_utf16,{f,120},{field_flags,[unsigned,little]},{x,0}}.
    {bs_put_utf32,{f,120},{field_flags,[unsigned,big]},{x,0}}.
    {test_heap,4,4}.
    {put_tuple2,{x,0},{list,[{x,1},{x,2},{x,3}]}}.
    return.
  {label,120}.
    {move,{atom,failed},{x,0}}.
    return.

%% floats(F): all three widths.
{function, floats, 1, 22}.
  {label,21}.
    {func_info,{atom,c_asm_bits},{atom,floats},1}.
  {label,22}.
    {bs_init2,{f,122},14,0,1,{field_flags,[]},{x,1}}.
    {bs_put_float,{f,122},{integer,64},1,{field_flags,[unsigned,big]},{x,0}}.
    {bs_put_float,{f,122},{integer,32},1,{field_flags,[unsigned,little]},{x,0}}.
    {bs_put_float,{f,122},{integer,16},1,{field_flags,[unsigned,big]},{x,0}}.
    {move,{x,1},{x,0}}.
    return.
  {label,122}.
    {move,{atom,failed},{x,0}}.
    return.

%% sized(N): an integer of N bits; a negative N fails.
{function, sized, 1, 24}.
  {label,23}.
    {func_info,{atom,c_asm_bits},{atom,sized},1}.
  {label,24}.
    {bs_add,{f,124},[{integer,0},{x,0},1],{x,1}}.
    {bs_init_bits,{f,124},{x,1},0,2,{field_flags,[]},{x,2}}.
    {bs_put_integer,{f,124},{x,0},1,{field_flags,[unsigned,big]},{integer,1365}}.
    {move,{x,2},{x,0}}.
    return.
  {label,124}.
    {move,{atom,failed},{x,0}}.
    return.

{function, same, 1, 50}.
  {label,49}.
    {func_info,{atom,c_asm_bits},{atom,same},1}.
  {label,50}.
    return.
