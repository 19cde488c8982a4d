//! What the decoder of instructions accepts and refuses, on modules assembled byte by byte.

use std::io::Write;

use warpbeam::code::{BeamFile, GenericCode, Limits, LoadError, disasm};

const ATOMS: [&str; 13] = [
    "m",
    "f",
    "erlang",
    "+",
    "copy",
    "line",
    "ensure_exactly",
    "integer",
    "=:=",
    "skip",
    "string",
    "get_tail",
    "safe",
];

// Compact tags.
const U: u8 = 0;
const I: u8 = 1;
const A: u8 = 2;
const X: u8 = 3;
const Y: u8 = 4;
const F: u8 = 5;

/// A compact term with a value below 2048.
fn term(tag: u8, value: u16) -> Vec<u8> {
    if value < 16 {
        return vec![(value as u8) << 4 | tag];
    }
    vec![(value >> 3) as u8 & 0xe0 | 8 | tag, value as u8]
}

/// An instruction: its number and its terms.
fn op(number: u8, terms: &[(u8, u16)]) -> Vec<u8> {
    let mut bytes = vec![number];
    bytes.extend(terms.iter().flat_map(|&(tag, value)| term(tag, value)));
    bytes
}

/// An instruction whose last operand is a list.
fn op_list(number: u8, terms: &[(u8, u16)], list: &[(u8, u16)]) -> Vec<u8> {
    let mut bytes = op(number, terms);
    bytes.push(0x17);
    bytes.extend(term(U, list.len() as u16));
    bytes.extend(list.iter().flat_map(|&(tag, value)| term(tag, value)));
    bytes
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

type Chunks = Vec<([u8; 4], Vec<u8>)>;

/// The chunks of module `m` whose one function `f/0` has this body. It has labels 1 to 4 (1 and 2 are taken), one
/// import (`erlang:+/2`), one literal, the strings `abcd` and two lines.
fn chunks(body: &[u8]) -> Chunks {
    let mut atoms = words(&[ATOMS.len() as u32]);
    for atom in ATOMS {
        atoms.push(atom.len() as u8);
        atoms.extend(atom.bytes());
    }
    let mut code = words(&[16, 0, 185, 5, 1]);
    code.extend([op(1, &[(U, 1)]), op(2, &[(A, 1), (A, 2), (U, 0)]), op(1, &[(U, 2)])].concat());
    code.extend(body);
    let mut lines = words(&[0, 0, 1, 2, 0]);
    lines.extend([term(I, 3), term(I, 100)].concat());
    vec![
        (*b"AtU8", atoms),
        (*b"Code", code),
        (*b"StrT", b"abcd".to_vec()),
        (*b"ImpT", words(&[1, 3, 4, 2])),
        (*b"ExpT", words(&[1, 2, 0, 2])),
        (*b"LitT", [words(&[0, 1, 2]), vec![131, 106]].concat()),
        (*b"Line", lines),
    ]
}

fn form(chunks: &Chunks) -> Vec<u8> {
    let mut body = b"BEAM".to_vec();
    for (id, data) in chunks {
        body.extend(id);
        body.extend(words(&[data.len() as u32]));
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    [b"FOR1".to_vec(), words(&[body.len() as u32]), body].concat()
}

/// The listing of `f/0`'s body, or what is wrong.
fn load(bytes: &[u8]) -> Result<String, LoadError> {
    let file = BeamFile::parse(bytes, &Limits::default())?;
    let code = GenericCode::decode(&file)?;
    let listing = disasm::listing(&file, &code);
    let lines = listing.lines().skip(4).map(str::trim).filter(|line| *line != "int_code_end");
    Ok(lines.collect::<Vec<_>>().join("; "))
}

/// Loads `f/0` with this body and a proper end.
fn load_body(body: &[u8]) -> Result<String, LoadError> {
    load(&form(&chunks(&[body, &[3]].concat())))
}

#[test]
fn instructions_newer_than_the_installed_compilers_decode() {
    let return_at_3 = [op(1, &[(U, 3)]), op(19, &[])].concat();
    let cases: [(Vec<u8>, &str); 6] = [
        (
            op_list(181, &[(A, 5), (U, 3), (X, 0), (X, 1)], &[(U, 2), (X, 2), (U, 3), (A, 0)]),
            "update_record copy 3 x0 x1 [2 x2 3 []]",
        ),
        (
            [
                op_list(
                    182,
                    &[(F, 3), (X, 1)],
                    &[
                        (A, 7),
                        (U, 24),
                        (A, 8),
                        (U, 2),
                        (A, 0),
                        (U, 8),
                        (U, 1),
                        (X, 0),
                        (A, 9),
                        (A, 0),
                        (U, 8),
                        (U, 65),
                    ],
                ),
                return_at_3.clone(),
            ]
            .concat(),
            "bs_match L3 x1 [ensure_exactly 24 integer 2 [] 8 1 x0 '=:=' [] 8 65]; L3:; return",
        ),
        (
            op_list(182, &[(F, 0), (X, 1)], &[(A, 10), (U, 8), (A, 12), (U, 1), (U, 8), (X, 0)]),
            "bs_match - x1 [skip 8 get_tail 1 8 x0]",
        ),
        (op(183, &[(U, 2), (U, 7)]), "executable_line m.erl:100 7"),
        (op(184, &[(A, 6), (U, 1), (U, 7), (U, 2)]), "debug_line line m.erl:3 7 2"),
        (op(153, &[(U, 0)]), "line -"),
    ];
    for (body, expected) in cases {
        assert_eq!(load_body(&body).expect(expected), expected);
    }
    // A matching command's value may have 64 bits.
    for (high, expected) in [(0, "#0xffffffffffffffff"), (0xff, "only an integer may be negative")] {
        let mut wide = op(182, &[(F, 0), (X, 1)]);
        wide.extend([vec![0x17, 0x40], term(A, 9), term(A, 0), term(U, 64), vec![0xf8, 0x00, high]].concat());
        wide.extend([0xff; 8]);
        match load_body(&wide) {
            Ok(listing) => assert_eq!(listing, format!("bs_match - x1 ['=:=' [] 64 {expected}]")),
            Err(error) => assert!(high != 0 && error.to_string().contains(expected), "{error}"),
        }
    }
    let mut bif3 = chunks(&[op(185, &[(F, 0), (U, 0), (X, 0), (I, 1), (Y, 2), (X, 1)]), vec![3]].concat());
    bif3[3].1 = words(&[1, 3, 4, 3]);
    assert_eq!(load(&form(&bif3)).expect("sound"), "bif3 - erlang:'+'/3 x0 #1 y2 x1");
}

#[test]
fn bodies_that_break_a_promise_are_refused() {
    let nested = [op(164, &[(X, 0)]), vec![0x17, 0x10, 0x17, 0x10, 0x03]].concat();
    let endless_length = [op(64, &[]), vec![0xf9; 64]].concat();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (vec![255], "instruction 255 is unknown"),
        (vec![0], "instruction 0 is unknown"),
        (op(27, &[]), "instruction 27 (m_plus) is obsolete"),
        (op(1, &[(U, 2)]), "label 2 is defined twice"),
        (op(1, &[(U, 0)]), "operand 1 of label must be the number of a label, from 1"),
        (op(1, &[(U, 5)]), "label 5 is out of range: there are 5"),
        (op(61, &[(F, 4)]), "label 4 is not defined"),
        (op(61, &[(F, 0)]), "operand 1 of jump must be a label other than 0"),
        (op(61, &[(F, 5)]), "label 5 is out of range: there are 5"),
        (op(61, &[(U, 2)]), "operand 1 of jump must be a label"),
        (op(64, &[(X, 1024), (X, 0)]), "register x 1024 is out of range"),
        (op(64, &[(X, 0), (Y, 1024)]), "register y 1024 is out of range"),
        (op(64, &[(X, 0), (I, 1)]), "operand 2 of move must be an X or Y register"),
        (op(64, &[(U, 1), (X, 0)]), "operand 1 of move must be a register or a constant"),
        (op(64, &[(A, 14), (X, 0)]), "atom 14 is out of range: there are 13"),
        ([vec![64, 0x47], term(U, 1), term(X, 0)].concat(), "literal 1 is out of range: there are 1"),
        ([vec![64, 0x27], term(U, 1024), term(X, 0)].concat(), "register fr 1024 is out of range"),
        (
            [vec![64, 0x57], term(F, 1), term(U, 0), term(X, 0)].concat(),
            "a typed register must be an X or Y register",
        ),
        ([vec![64, 0x67], term(X, 0)].concat(), "an extended term of unknown kind"),
        ([vec![64, 0x0f], term(X, 0)].concat(), "an extended term's kind must fit its first byte"),
        ([vec![64, 0x07, 0x7f, 0xf0], vec![0; 6], term(X, 0)].concat(), "a float must be finite"),
        (op_list(64, &[], &[(X, 0)]), "operand 1 of move must be"),
        (nested, "a list must not contain a list"),
        ([op(164, &[(X, 0)]), vec![0x17, 0x58, 0x7f, 0xff, 0xff, 0xff]].concat(), "no room for a list"),
        (endless_length, "a compact term's length must be a short untagged number"),
        ([op(61, &[]), vec![0x1d, 0xff, 0xff]].concat(), "only an integer may be negative"),
        (op(12, &[(U, 1025), (U, 0)]), "operand 1 of allocate must be a number of stack slots, at most 1024"),
        (
            op(12, &[(U, 1), (U, 1025)]),
            "operand 2 of allocate must be a number of live registers, at most 1024",
        ),
        (op(7, &[(U, 2), (U, 1)]), "import 1 is out of range: there are 1"),
        (op(7, &[(U, 1), (U, 0)]), "the import that is called has another arity"),
        (op(10, &[(F, 0), (U, 0), (X, 0), (X, 0)]), "the guard function has another arity"),
        (op(4, &[(U, 0), (F, 1)]), "label 1 is not the entry of a function of that arity"),
        (op(4, &[(U, 1), (F, 2)]), "label 2 is not the entry of a function of that arity"),
        (op(103, &[(U, 0)]), "lambda 0 is out of range: there are 0"),
        (
            op(178, &[(A, 1), (U, 0), (X, 0)]),
            "operand 1 of call_fun2 must be the index of a lambda, safe or unsafe",
        ),
        (op(153, &[(U, 3)]), "line 3 is out of range: there are 3"),
        (op(92, &[(U, 3), (U, 2)]), "string offset 2 is out of range: there are 4"),
        (op(132, &[(F, 0), (X, 0), (U, 9), (U, 3)]), "string offset 3 is out of range: there are 4"),
        (
            op_list(59, &[(X, 0), (F, 2)], &[(A, 1), (F, 2), (A, 2)]),
            "operand 3 of select_val must be a list of constants",
        ),
        (op_list(59, &[(X, 0), (F, 2)], &[(A, 1), (F, 4)]), "label 4 is not defined"),
        (
            op_list(59, &[(X, 0), (F, 2)], &[(X, 1), (F, 2)]),
            "operand 3 of select_val must be a list of constants",
        ),
        (op_list(172, &[], &[(X, 0)]), "operand 1 of init_yregs must be a list of Y registers"),
        (
            op_list(181, &[(A, 5), (U, 3), (X, 0), (X, 1)], &[(U, 0), (X, 2)]),
            "must be a list of positions from 1",
        ),
        (op_list(181, &[(A, 5), (U, 3), (X, 0), (X, 1)], &[(U, 4), (X, 2)]), "beyond the tuple's size"),
        (op(96, &[(X, 0), (X, 1)]), "fmove names no floating-point register"),
        (op_list(182, &[(F, 0), (X, 1)], &[(A, 1)]), "must be a list of binary matching commands"),
        (op_list(182, &[(F, 0), (X, 1)], &[(A, 7)]), "must be a list of binary matching commands"),
        (
            op_list(
                177,
                &[(F, 0), (U, 0), (U, 0), (U, 1), (X, 0)],
                &[(A, 11), (U, 1), (U, 8), (A, 0), (U, 1), (I, 4)],
            ),
            "string offset 1 is out of range: there are 4",
        ),
        (
            op_list(
                177,
                &[(F, 0), (U, 0), (U, 0), (U, 1), (X, 0)],
                &[(A, 11), (U, 1), (U, 8), (A, 0), (U, 1)],
            ),
            "operand 6 of bs_create_bin must be a list of binary segments",
        ),
        (op(2, &[(A, 1), (A, 2), (U, 0)]), "func_info must be followed by the function's entry label"),
        (
            [op(2, &[(A, 1), (A, 1), (U, 0)]), op(1, &[(U, 3)])].concat(),
            "the number of functions is declared as 1 but is 2",
        ),
        (vec![3], "code follows int_code_end"),
    ];
    for (body, expected) in cases {
        let error = load_body(&body).expect_err(expected).to_string();
        assert!(
            error.starts_with("chunk Code, byte ") && error.contains(expected),
            "{error}\nexpected: {expected}"
        );
    }
    let error = load(&form(&chunks(&[19]))).expect_err("no int_code_end").to_string();
    assert!(error.contains("the code must end with int_code_end"), "{error}");
}

/// The chunks of a sound module with one of them replaced, or removed.
fn with(id: &[u8; 4], data: Option<Vec<u8>>) -> Vec<u8> {
    let mut chunks = chunks(&[19, 3]);
    chunks.retain(|(other, _)| other != id);
    chunks.extend(data.map(|data| (*id, data)));
    form(&chunks)
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(bytes).expect("a vector takes all");
    zlib.finish().expect("a vector takes all")
}

#[test]
fn tables_that_lie_are_refused() {
    let huge = u32::MAX;
    let bomb = zlib(&vec![0; 80 << 20]);
    let literals = zlib(&words(&[0]));
    let mut twice = chunks(&[19, 3]);
    twice.push((*b"ImpT", words(&[0])));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "file, byte 0: not a BEAM file: expected the form header FOR1"),
        (b"FOR1\0\0\0\x04AIFF".to_vec(), "file, byte 8: not a BEAM file: expected the form type BEAM"),
        (form(&twice), "the file has two ImpT chunks"),
        (with(b"Code", None), "the file has no Code chunk"),
        (with(b"AtU8", None), "the file has no AtU8 chunk"),
        (with(b"StrT", None), "the file has no StrT chunk"),
        (with(b"ImpT", None), "the file has no ImpT chunk"),
        (with(b"ExpT", None), "the file has no ExpT chunk"),
        (with(b"AtU8", Some(words(&[0]))), "the atom table is empty"),
        (with(b"AtU8", Some(words(&[huge >> 1]))), "no room for the atoms: 2147483647 bytes needed, 0 left"),
        (with(b"AtU8", Some(words(&[1 << 31]))), "no room for the atoms: 2147483648 bytes needed, 0 left"),
        (with(b"AtU8", Some([words(&[1]), vec![1, 0xff]].concat())), "an atom's text is not UTF-8"),
        (
            with(b"AtU8", Some([words(&[huge]), term(U, 256), vec![b'a'; 256]].concat())),
            "an atom's length is 256 or more, the limit is 255",
        ),
        (with(b"Code", Some(words(&[16, 0, 1, huge, 0]))), "the label count is 4294967295 or more"),
        (with(b"Code", Some(words(&[16, 1, 1, 1, 0]))), "the instruction set must be 0"),
        (
            with(b"Code", Some(words(&[huge, 0, 1, 1, 0]))),
            "no room for the code header: 4294967295 bytes needed",
        ),
        (
            with(b"Code", Some(words(&[4, 0, 1, 1, 0]))),
            "no room for the code header: 16 bytes needed, 4 left",
        ),
        (with(b"ImpT", Some(words(&[huge]))), "no room for the imports: 51539607540 bytes needed, 0 left"),
        (with(b"ImpT", Some(words(&[1, 0, 1, 0]))), "atom 0 is out of range"),
        (with(b"ImpT", Some(words(&[1, 1, 1, 256]))), "the arity is 256 or more, the limit is 255"),
        (
            with(b"ExpT", Some(words(&[1, 2, 0, 1]))),
            "label 1 is not the entry of the function that the table names",
        ),
        (
            with(b"ExpT", Some(words(&[1, 2, 1, 2]))),
            "label 2 is not the entry of the function that the table names",
        ),
        (with(b"ExpT", Some(words(&[1, 2, 0, 5]))), "label 5 is out of range: there are 5"),
        (
            with(b"FunT", Some(words(&[1, 2, 0, 2, 0, 1, 0]))),
            "more free variables than its function arguments",
        ),
        (with(b"LitT", Some([words(&[80 << 20]), bomb].concat())), "the literal table is 67108865 or more"),
        (with(b"LitT", Some([words(&[5]), literals].concat())), "size is declared as 5 but is 4"),
        (with(b"LitT", Some(words(&[5, 7]))), "the literal table cannot be inflated"),
        (
            with(b"LitT", Some(words(&[0, huge]))),
            "no room for the literals: 21474836475 bytes needed, 0 left",
        ),
        (
            with(b"LitT", Some(words(&[0, 1, huge, 0]))),
            "no room for a literal: 4294967295 bytes needed, 4 left",
        ),
        (
            with(b"LitT", Some(words(&[0, 1, 4, 0]))),
            "a literal must start with the external format's version",
        ),
        (
            with(b"Line", Some(words(&[0, 0, 1, huge, 0]))),
            "no room for the line items: 4294967295 bytes needed",
        ),
        (
            with(b"Line", Some([words(&[0, 0, 1, 1, 0]), term(A, 1), term(I, 1)].concat())),
            "file 1 is out of range",
        ),
    ];
    for (bytes, expected) in cases {
        let error = load(&bytes).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}\nexpected: {expected}");
    }
}

#[test]
fn older_and_optional_forms_are_accepted() {
    let mut latin1 = words(&[2]);
    latin1.extend([&[1, b'm', 2, 0xe5, b'f'][..]].concat());
    let mut old = chunks(&[op(64, &[(A, 2), (X, 0)]), vec![19, 3]].concat());
    old[0] = (*b"Atom", latin1);
    old[3].1 = words(&[0]);
    assert_eq!(load(&form(&old)).expect("sound"), "move 'åf' x0; return");
    // Without a line table, or with one of an unknown version, every line is the undefined one.
    for lines in [None, Some(words(&[9, 9]))] {
        let mut chunks = chunks(&[op(153, &[(U, 7)]), vec![3]].concat());
        chunks.retain(|(id, _)| id != b"Line");
        chunks.extend(lines.map(|lines| (*b"Line", lines)));
        assert_eq!(load(&form(&chunks)).expect("sound"), "line -");
    }
    let float = [vec![64, 0x07], 1.5f64.to_be_bytes().to_vec(), term(X, 0)].concat();
    assert_eq!(load_body(&float).expect("sound"), "move 1.5 x0");
    let alloc = [
        vec![16, 0x37],
        [(U, 2), (U, 0), (U, 3), (U, 1), (U, 2)].map(|(t, v)| term(t, v)).concat(),
        term(U, 4),
    ];
    assert_eq!(load_body(&alloc.concat()).expect("sound"), "test_heap {words 3 floats 2 funs 0} 4");
}
