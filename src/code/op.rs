//! THE opcode table: one row per generic BEAM instruction of OTP 25, and the ones that 26 to 29 added.
//!
//! A live row is number, variant, name, operand kinds, meaning; a removed row is number, name, arity. From the
//! rows come [`Opcode`], its names, arities and operand signatures, the decoder's checks, the disassembler's
//! rendering, and the interpreter's obligation to match on every variant.
//!
//! Invariant: numbers are those of OTP's generic instructions, and none occurs twice (the enum would not
//! compile). Source: OTP's published instruction list (`beam_opcodes`); the operand kinds from what its compiler
//! emits. Operands are listed in file order.

/// What an operand must be. "Number" is an untagged compact number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Count,
    /// A number of live X registers.
    Live,
    /// A number of stack slots.
    Slots,
    /// A number of arguments.
    Arity,
    /// Heap words, or an allocation list of words, floats and funs.
    HeapNeed,
    /// A binary unit, 0 to 256.
    Unit,
    /// A number with the bits of a binary field's flags.
    Flags,
    /// The number of a label that is defined here.
    NewLabel,
    /// A label.
    Label,
    /// A label, or 0: raise the error instead.
    Fail,
    /// A label, 0, or one of the atoms `no_fail` and `resume`.
    MatchFail,
    Atom,
    /// A constant: atom, nil, number or literal.
    Constant,
    /// A constant or a register.
    Source,
    /// A source, or a number.
    Size,
    /// An X or Y register.
    Register,
    YRegister,
    FloatRegister,
    /// A source or a floating-point register.
    FloatSource,
    /// A register or a floating-point register.
    FloatTarget,
    /// A number: index into the imports.
    Import,
    /// A number: index into the lambdas.
    Lambda,
    /// Index into the lambdas, or one of the atoms `safe` and `unsafe`.
    FunTag,
    /// A number: index into the line table.
    Line,
    /// A list of sources.
    Sources,
    /// A list of Y registers.
    YRegisters,
    /// A list of constants, each followed by its label.
    Select,
    /// A list of arities, each followed by its label.
    SelectArity,
    /// A list of keys, each followed by its value.
    MapPairs,
    /// A list of keys, each followed by the register for its value.
    MapGets,
    /// A list of element positions from 1, each followed by its value.
    Updates,
    /// A list of binary segments: type, number, unit, flags, value, size.
    Segments,
    /// A list of binary matching commands.
    Commands,
}

/// Calls `$callback!` with every row.
#[macro_export]
macro_rules! for_each_op {
    ($callback:ident) => {
        $callback! {
live {
    1 Label "label" [NewLabel] "Names the next instruction.";
    2 FuncInfo "func_info" [Atom Atom Arity] "Raises function_clause; starts a function: module, name, arity.";
    3 IntCodeEnd "int_code_end" [] "Ends the code.";
    4 Call "call" [Arity Label] "Calls a local function.";
    5 CallLast "call_last" [Arity Label Slots] "Frees the frame and tail-calls a local function.";
    6 CallOnly "call_only" [Arity Label] "Tail-calls a local function without a frame.";
    7 CallExt "call_ext" [Arity Import] "Calls an imported function.";
    8 CallExtLast "call_ext_last" [Arity Import Slots] "Frees the frame and tail-calls an imported function.";
    9 Bif0 "bif0" [Import Register] "Calls a guard function of no argument.";
    10 Bif1 "bif1" [Fail Import Source Register] "Calls a guard function of one argument; allocates nothing.";
    11 Bif2 "bif2" [Fail Import Source Source Register] "Calls a guard function of two arguments; allocates nothing.";
    12 Allocate "allocate" [Slots Live] "Makes a frame.";
    13 AllocateHeap "allocate_heap" [Slots HeapNeed Live] "Makes a frame and reserves heap.";
    14 AllocateZero "allocate_zero" [Slots Live] "Makes a frame of nils.";
    15 AllocateHeapZero "allocate_heap_zero" [Slots HeapNeed Live] "Makes a frame of nils and reserves heap.";
    16 TestHeap "test_heap" [HeapNeed Live] "Reserves heap, collecting if there is too little.";
    17 Init "init" [YRegister] "Sets a stack slot to nil.";
    18 Deallocate "deallocate" [Slots] "Frees the frame.";
    19 Return "return" [] "Returns x0 to the caller.";
    20 Send "send" [] "Sends x1 to x0; x0 becomes the message.";
    21 RemoveMessage "remove_message" [] "Takes the message at the save pointer out of the queue.";
    22 Timeout "timeout" [] "Resets the save pointer after a receive timed out.";
    23 LoopRec "loop_rec" [Label Register] "Gives the message at the save pointer, or jumps if none is left.";
    24 LoopRecEnd "loop_rec_end" [Label] "Moves the save pointer on and jumps.";
    25 Wait "wait" [Label] "Suspends until a message comes, then jumps.";
    26 WaitTimeout "wait_timeout" [Label Source] "Suspends until a message comes, then jumps; falls through after the time.";
    39 IsLt "is_lt" [Label Source Source] "Jumps unless less.";
    40 IsGe "is_ge" [Label Source Source] "Jumps unless greater or equal.";
    41 IsEq "is_eq" [Label Source Source] "Jumps unless equal by ==.";
    42 IsNe "is_ne" [Label Source Source] "Jumps unless unequal by /=.";
    43 IsEqExact "is_eq_exact" [Label Source Source] "Jumps unless equal by =:=.";
    44 IsNeExact "is_ne_exact" [Label Source Source] "Jumps unless unequal by =/=.";
    45 IsInteger "is_integer" [Label Source] "Jumps unless an integer.";
    46 IsFloat "is_float" [Label Source] "Jumps unless a float.";
    47 IsNumber "is_number" [Label Source] "Jumps unless a number.";
    48 IsAtom "is_atom" [Label Source] "Jumps unless an atom.";
    49 IsPid "is_pid" [Label Source] "Jumps unless a pid.";
    50 IsReference "is_reference" [Label Source] "Jumps unless a reference.";
    51 IsPort "is_port" [Label Source] "Jumps unless a port.";
    52 IsNil "is_nil" [Label Source] "Jumps unless the empty list.";
    53 IsBinary "is_binary" [Label Source] "Jumps unless a binary.";
    55 IsList "is_list" [Label Source] "Jumps unless a cons or the empty list.";
    56 IsNonemptyList "is_nonempty_list" [Label Source] "Jumps unless a cons.";
    57 IsTuple "is_tuple" [Label Source] "Jumps unless a tuple.";
    58 TestArity "test_arity" [Label Source Count] "Jumps unless the tuple has this size.";
    59 SelectVal "select_val" [Source Label Select] "Jumps to the label of the equal constant, else to the first label.";
    60 SelectTupleArity "select_tuple_arity" [Source Label SelectArity] "Jumps to the label of the tuple's size, else to the first label.";
    61 Jump "jump" [Label] "Jumps.";
    62 Catch "catch" [YRegister Label] "Puts a catch on the stack.";
    63 CatchEnd "catch_end" [YRegister] "Takes a catch off the stack and makes the caught value.";
    64 Move "move" [Source Register] "Copies.";
    65 GetList "get_list" [Source Register Register] "Takes a cons apart.";
    66 GetTupleElement "get_tuple_element" [Source Count Register] "Gives a tuple's element, counted from 0.";
    67 SetTupleElement "set_tuple_element" [Source Source Count] "Overwrites an element, counted from 0, of a tuple just made.";
    69 PutList "put_list" [Source Source Register] "Makes a cons.";
    72 Badmatch "badmatch" [Source] "Raises {badmatch, V}.";
    73 IfEnd "if_end" [] "Raises if_clause.";
    74 CaseEnd "case_end" [Source] "Raises {case_clause, V}.";
    75 CallFun "call_fun" [Arity] "Calls the fun in the register after the arguments.";
    77 IsFunction "is_function" [Label Source] "Jumps unless a fun.";
    78 CallExtOnly "call_ext_only" [Arity Import] "Tail-calls an imported function without a frame.";
    89 BsPutInteger "bs_put_integer" [Fail Source Unit Flags Source] "Appends an integer to the binary being made.";
    90 BsPutBinary "bs_put_binary" [Fail Source Unit Flags Source] "Appends a binary to the binary being made.";
    91 BsPutFloat "bs_put_float" [Fail Source Unit Flags Source] "Appends a float to the binary being made.";
    92 BsPutString "bs_put_string" [Count Count] "Appends bytes of the string table: length, offset.";
    94 Fclearerror "fclearerror" [] "Does nothing: floating-point errors raise at once.";
    95 Fcheckerror "fcheckerror" [Fail] "Does nothing: floating-point errors raise at once.";
    96 Fmove "fmove" [FloatSource FloatTarget] "Moves a float into or out of a floating-point register.";
    97 Fconv "fconv" [Source FloatRegister] "Converts a number into a floating-point register.";
    98 Fadd "fadd" [Fail FloatRegister FloatRegister FloatRegister] "Adds floats.";
    99 Fsub "fsub" [Fail FloatRegister FloatRegister FloatRegister] "Subtracts floats.";
    100 Fmul "fmul" [Fail FloatRegister FloatRegister FloatRegister] "Multiplies floats.";
    101 Fdiv "fdiv" [Fail FloatRegister FloatRegister FloatRegister] "Divides floats.";
    102 Fnegate "fnegate" [Fail FloatRegister FloatRegister] "Negates a float.";
    103 MakeFun2 "make_fun2" [Lambda] "Makes a fun from the free variables in x0 and up.";
    104 Try "try" [YRegister Label] "Puts a try on the stack.";
    105 TryEnd "try_end" [YRegister] "Takes a try off the stack.";
    106 TryCase "try_case" [YRegister] "Starts handling: class, reason and trace into x0 to x2.";
    107 TryCaseEnd "try_case_end" [Source] "Raises {try_clause, V}.";
    108 Raise "raise" [Source Source] "Raises again: trace, then reason.";
    109 BsInit2 "bs_init2" [Fail Size HeapNeed Live Flags Register] "Makes a binary of a size in bytes, to be filled.";
    111 BsAdd "bs_add" [Fail Source Source Unit Register] "Adds to a size: second operand times the unit.";
    112 Apply "apply" [Arity] "Calls the module and function in the two registers after the arguments.";
    113 ApplyLast "apply_last" [Arity Slots] "Frees the frame and tail-calls the module and function after the arguments.";
    114 IsBoolean "is_boolean" [Label Source] "Jumps unless true or false.";
    115 IsFunction2 "is_function2" [Label Source Source] "Jumps unless a fun of this arity.";
    117 BsGetInteger2 "bs_get_integer2" [Fail Register Live Source Unit Flags Register] "Matches an integer.";
    118 BsGetFloat2 "bs_get_float2" [Fail Register Live Source Unit Flags Register] "Matches a float.";
    119 BsGetBinary2 "bs_get_binary2" [Fail Register Live Source Unit Flags Register] "Matches a binary.";
    120 BsSkipBits2 "bs_skip_bits2" [Fail Register Source Unit Flags] "Skips bits.";
    121 BsTestTail2 "bs_test_tail2" [Fail Register Count] "Jumps unless exactly so many bits are left.";
    124 GcBif1 "gc_bif1" [Fail Live Import Source Register] "Calls a guard function of one argument.";
    125 GcBif2 "gc_bif2" [Fail Live Import Source Source Register] "Calls a guard function of two arguments.";
    129 IsBitstr "is_bitstr" [Label Source] "Jumps unless a bit string.";
    131 BsTestUnit "bs_test_unit" [Fail Register Unit] "Jumps unless the bits left are a multiple of the unit.";
    132 BsMatchString "bs_match_string" [Fail Register Count Count] "Matches bits of the string table: bits, offset in bytes.";
    133 BsInitWritable "bs_init_writable" [] "Makes an appendable binary with room for x0 bits.";
    134 BsAppend "bs_append" [Fail Source HeapNeed Live Unit Source Flags Register] "Makes a binary that extends another by a size.";
    135 BsPrivateAppend "bs_private_append" [Fail Source Unit Source Flags Register] "Extends a binary that nobody else sees.";
    136 Trim "trim" [Slots Slots] "Drops slots from the frame's top; the second operand remain.";
    137 BsInitBits "bs_init_bits" [Fail Size HeapNeed Live Flags Register] "Makes a bit string of a size in bits, to be filled.";
    138 BsGetUtf8 "bs_get_utf8" [Fail Register Live Flags Register] "Matches a UTF-8 character.";
    139 BsSkipUtf8 "bs_skip_utf8" [Fail Register Live Flags] "Skips a UTF-8 character.";
    140 BsGetUtf16 "bs_get_utf16" [Fail Register Live Flags Register] "Matches a UTF-16 character.";
    141 BsSkipUtf16 "bs_skip_utf16" [Fail Register Live Flags] "Skips a UTF-16 character.";
    142 BsGetUtf32 "bs_get_utf32" [Fail Register Live Flags Register] "Matches a UTF-32 character.";
    143 BsSkipUtf32 "bs_skip_utf32" [Fail Register Live Flags] "Skips a UTF-32 character.";
    144 BsUtf8Size "bs_utf8_size" [Fail Source Register] "Gives a character's size in UTF-8.";
    145 BsPutUtf8 "bs_put_utf8" [Fail Flags Source] "Appends a character in UTF-8.";
    146 BsUtf16Size "bs_utf16_size" [Fail Source Register] "Gives a character's size in UTF-16.";
    147 BsPutUtf16 "bs_put_utf16" [Fail Flags Source] "Appends a character in UTF-16.";
    148 BsPutUtf32 "bs_put_utf32" [Fail Flags Source] "Appends a character in UTF-32.";
    149 OnLoad "on_load" [] "Marks the function to run when the module is loaded.";
    150 RecvMark "recv_mark" [Label] "Marks a place in the queue; OTP 24 and later ignore it.";
    151 RecvSet "recv_set" [Label] "Moves the save pointer to a mark; OTP 24 and later ignore it.";
    152 GcBif3 "gc_bif3" [Fail Live Import Source Source Source Register] "Calls a guard function of three arguments.";
    153 Line "line" [Line] "Says which source line follows.";
    154 PutMapAssoc "put_map_assoc" [Fail Source Register Live MapPairs] "Adds or replaces keys of a map.";
    155 PutMapExact "put_map_exact" [Fail Source Register Live MapPairs] "Replaces keys of a map, which must be there.";
    156 IsMap "is_map" [Label Source] "Jumps unless a map.";
    157 HasMapFields "has_map_fields" [Label Source Sources] "Jumps unless all keys are there.";
    158 GetMapElements "get_map_elements" [Label Source MapGets] "Gets the values of keys, or jumps.";
    159 IsTaggedTuple "is_tagged_tuple" [Label Source Count Atom] "Jumps unless a tuple of this size with this first element.";
    160 BuildStacktrace "build_stacktrace" [] "Makes the raw trace in x0 into a list.";
    161 RawRaise "raw_raise" [] "Raises class x0, reason x1, raw trace x2.";
    162 GetHd "get_hd" [Source Register] "Gives a cons' head.";
    163 GetTl "get_tl" [Source Register] "Gives a cons' tail.";
    164 PutTuple2 "put_tuple2" [Register Sources] "Makes a tuple.";
    165 BsGetTail "bs_get_tail" [Register Register Live] "Gives the rest of the bits as a bit string.";
    166 BsStartMatch3 "bs_start_match3" [Fail Source Live Register] "Starts matching, or jumps if it is no bit string.";
    167 BsGetPosition "bs_get_position" [Register Register Live] "Gives the position of a match.";
    168 BsSetPosition "bs_set_position" [Register Source] "Goes back to a position of a match.";
    169 Swap "swap" [Register Register] "Exchanges.";
    170 BsStartMatch4 "bs_start_match4" [MatchFail Live Source Register] "Starts matching; the first operand may say that it cannot fail, or resumes.";
    171 MakeFun3 "make_fun3" [Lambda Register Sources] "Makes a fun from its free variables.";
    172 InitYregs "init_yregs" [YRegisters] "Sets stack slots to nil.";
    173 RecvMarkerBind "recv_marker_bind" [Register Register] "Binds a reserved marker to a reference.";
    174 RecvMarkerClear "recv_marker_clear" [Register] "Forgets a marker or a reference's binding.";
    175 RecvMarkerReserve "recv_marker_reserve" [Register] "Marks the end of the queue.";
    176 RecvMarkerUse "recv_marker_use" [Register] "Moves the save pointer to a reference's marker.";
    177 BsCreateBin "bs_create_bin" [Fail HeapNeed Live Unit Register Segments] "Makes a binary of segments.";
    178 CallFun2 "call_fun2" [FunTag Arity Source] "Calls a fun that is known, known to fit, or neither.";
    179 NifStart "nif_start" [] "Marks a function that a native library may replace.";
    180 Badrecord "badrecord" [Source] "Raises {badrecord, V}.";
    181 UpdateRecord "update_record" [Atom Count Source Register Updates] "Copies a tuple with elements replaced: hint, size, source, target.";
    182 BsMatch "bs_match" [Fail Register Commands] "Matches by a list of commands.";
    183 ExecutableLine "executable_line" [Line Count] "Says which line runs now, and its counter.";
    184 DebugLine "debug_line" [Atom Line Count Live] "Says which line runs now, for a debugger.";
    185 Bif3 "bif3" [Fail Import Source Source Source Register] "Calls a guard function of three arguments; allocates nothing.";
}
removed {
    27 "m_plus" 4; 28 "m_minus" 4; 29 "m_times" 4; 30 "m_div" 4;
    31 "int_div" 4; 32 "int_rem" 4; 33 "int_band" 4; 34 "int_bor" 4;
    35 "int_bxor" 4; 36 "int_bsl" 4; 37 "int_bsr" 4; 38 "int_bnot" 3;
    54 "is_constant" 2; 68 "put_string" 3; 70 "put_tuple" 2; 71 "put" 1;
    76 "make_fun" 3; 79 "bs_start_match" 2; 80 "bs_get_integer" 5; 81 "bs_get_float" 5;
    82 "bs_get_binary" 5; 83 "bs_skip_bits" 4; 84 "bs_test_tail" 2; 85 "bs_save" 1;
    86 "bs_restore" 1; 87 "bs_init" 2; 88 "bs_final" 2; 93 "bs_need_buf" 1;
    110 "bs_bits_to_bytes" 3; 116 "bs_start_match2" 5; 122 "bs_save2" 2; 123 "bs_restore2" 2;
    126 "bs_final2" 2; 127 "bs_bits_to_bytes2" 2; 128 "put_literal" 2; 130 "bs_context_to_binary" 1;
}
        }
    };
}

macro_rules! derive_opcodes {
    (live { $($number:literal $variant:ident $name:literal [$($kind:ident)*] $doc:literal;)* }
     removed { $($old_number:literal $old_name:literal $old_arity:literal;)* }) => {
        /// A generic instruction that is loaded. Its discriminant is its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Opcode { $(#[doc = $doc] $variant = $number,)* }

        impl Opcode {
            /// Every live instruction, in the order of numbers.
            pub const ALL: &[Opcode] = &[$(Opcode::$variant,)*];

            /// OTP's name.
            pub const fn name(self) -> &'static str {
                match self { $(Opcode::$variant => $name,)* }
            }

            /// What its operands are, in file order.
            pub const fn signature(self) -> &'static [Kind] {
                match self { $(Opcode::$variant => &[$(Kind::$kind),*],)* }
            }
        }

        /// Instructions that OTP 25 no longer loads: number, name, arity.
        pub const REMOVED: &[(u8, &str, u8)] = &[$(($old_number, $old_name, $old_arity),)*];
    };
}
for_each_op!(derive_opcodes);

/// A number that is no live instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOpcode {
    Unknown,
    Removed { name: &'static str, arity: u8 },
}

type Lookup = Result<Opcode, NoOpcode>;

static BY_NUMBER: [Lookup; 256] = by_number();

const fn by_number() -> [Lookup; 256] {
    let mut table = [Err(NoOpcode::Unknown); 256];
    let mut next = 0;
    while next < Opcode::ALL.len() {
        let op = Opcode::ALL[next];
        table[op as usize] = Ok(op);
        next += 1;
    }
    next = 0;
    while next < REMOVED.len() {
        let (number, name, arity) = REMOVED[next];
        assert!(matches!(table[number as usize], Err(NoOpcode::Unknown)), "a removed number is also live");
        table[number as usize] = Err(NoOpcode::Removed { name, arity });
        next += 1;
    }
    table
}

impl Opcode {
    /// The instruction with this number.
    pub fn from_number(number: u8) -> Result<Opcode, NoOpcode> {
        BY_NUMBER[usize::from(number)]
    }

    /// How many operands it has.
    pub const fn arity(self) -> usize {
        self.signature().len()
    }
}
