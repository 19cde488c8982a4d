//! The front half of the loader against the real thing: files of OTP's compiler, and damaged ones.
//!
//! What needs `erl` or `erlc` says SKIP aloud where they are missing.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use warpbeam::code::op::{NoOpcode, REMOVED};
use warpbeam::code::{Arg, BeamFile, GenericCode, Limits, LoadError, Opcode, disasm};

/// One function of each shape that matters to the decoder.
const SHAPES: &str = r#"
-module(shapes).
-export([fact/1, nrev/2, classify/1, parse/1, build/2, update/1, keys/1, wait/1, adder/1, safe/1, mean/2, big/0]).
-record(point, {x = 0, y = 0}).
fact(0) -> 1;
fact(N) when N > 0 -> N * fact(N - 1).
nrev([H | T], Acc) -> nrev(T, [H | Acc]);
nrev([], Acc) -> Acc.
classify(X) ->
    case X of
        one -> 1; two -> 2; three -> 3;
        {_} -> t1; {_, _} -> t2; {_, _, _} -> t3;
        X when is_float(X) -> float;
        _ -> "other"
    end.
parse(<<"GET ", L:16/little-signed, B:L/binary, C/utf8, R/bitstring>>) -> {L, B, C, R};
parse(_) -> error.
build(A, B) -> <<"head", A:32/big, B/binary, (A * 2):16/little, 1.5:64/float>>.
update(#point{} = P) -> P#point{y = 17}.
keys(#{a := A, b := B} = M) -> M#{a := B, c => A}.
wait(Pid) ->
    Ref = make_ref(),
    Pid ! {self(), Ref},
    receive {Ref, V} -> V after 100 -> timeout end.
adder(N) -> fun(M) -> N + M end.
safe(F) ->
    try F() catch C:R:S -> {C, R, S} after erase(k) end.
mean(X, Y) -> (X * 1.0 + Y * 2.5) / 2.0.
big() -> [123456789012345678901234567890, -123456789012345678901234567890, -5, 70000, 1 bsl 63, -(1 bsl 63)].
"#;

/// The directory for what this run compiles, emptied.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("the target directory is writable");
    dir
}

/// Compiles a source; `None`, said aloud, without `erlc`.
fn compiled(dir: &Path, module: &str, source: &str, options: &[&str]) -> Option<PathBuf> {
    let file = dir.join(format!("{module}.erl"));
    fs::write(&file, source).expect("the target directory is writable");
    match Command::new("erlc").args(options).arg("-o").arg(dir).arg(&file).output() {
        Ok(done) => {
            assert!(done.status.success(), "erlc: {}", String::from_utf8_lossy(&done.stdout));
            Some(dir.join(format!("{module}.beam")))
        }
        Err(_) => {
            eprintln!("SKIP: no erlc on the path");
            None
        }
    }
}

/// What an Erlang expression prints; `None`, said aloud, without `erl`.
fn erl(expression: &str) -> Option<String> {
    let script = format!("{expression}, halt().");
    match Command::new("erl").args(["-noshell", "-eval", &script]).output() {
        Ok(done) => {
            assert!(done.status.success(), "erl: {}", String::from_utf8_lossy(&done.stderr));
            Some(String::from_utf8(done.stdout).expect("the expression prints text"))
        }
        Err(_) => {
            eprintln!("SKIP: no erl on the path");
            None
        }
    }
}

fn load(bytes: &[u8]) -> Result<(BeamFile, GenericCode), LoadError> {
    let file = BeamFile::parse(bytes, &Limits::default())?;
    let code = GenericCode::decode(&file)?;
    Ok((file, code))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every `.beam` file of the installed Erlang, in a fixed order, and of the directory that
/// `WARPBEAM_EXTRA_BEAMS` names.
fn installed() -> Vec<PathBuf> {
    let library = erl("io:format(\"~ts\", [code:lib_dir()])");
    let mut pending: Vec<PathBuf> = library.map(PathBuf::from).into_iter().collect();
    pending.extend(std::env::var_os("WARPBEAM_EXTRA_BEAMS").map(PathBuf::from));
    let mut files = Vec::new();
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.extension() {
                _ if path.is_dir() => pending.push(path),
                Some(extension) if extension == "beam" => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// A small fixed generator (xorshift64*): the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

#[test]
fn the_opcode_table_is_otps() {
    let expression = "[begin {N, A} = beam_opcodes:opname(I), L = try beam_opcodes:opcode(N, A), live \
                      catch _:_ -> removed end, io:format(\"~w ~s ~w ~w~n\", [I, N, A, L]) end \
                      || I <- lists:seq(1, 180)]";
    let Some(expected) = erl(expression) else { return };
    let ours: String = (1..=180u8)
        .map(|number| match Opcode::from_number(number) {
            Ok(op) => format!("{number} {} {} live\n", op.name(), op.arity()),
            Err(NoOpcode::Removed { name, arity }) => format!("{number} {name} {arity} removed\n"),
            Err(NoOpcode::Unknown) => format!("{number} unknown\n"),
        })
        .collect();
    assert_eq!(ours, expected);
}

#[test]
fn the_opcode_table_has_no_hole() {
    let numbers: Vec<u8> =
        Opcode::ALL.iter().map(|&op| op as u8).chain(REMOVED.iter().map(|row| row.0)).collect();
    for number in 1..=185u8 {
        assert_eq!(numbers.iter().filter(|&&other| other == number).count(), 1, "{number}");
    }
    for number in (0..=0).chain(186..=255) {
        assert_eq!(Opcode::from_number(number), Err(NoOpcode::Unknown));
    }
    let newer =
        [("update_record", 5), ("bs_match", 3), ("executable_line", 2), ("debug_line", 4), ("bif3", 6)];
    for (number, expected) in (181..).zip(newer) {
        let op = Opcode::from_number(number).expect("newer instructions are live");
        assert_eq!((op.name(), op.arity()), expected);
    }
}

#[test]
fn every_installed_module_loads() {
    let files = installed();
    if files.is_empty() {
        eprintln!("SKIP: no installed .beam files");
    }
    let mut ops = 0;
    for (index, path) in files.iter().enumerate() {
        let bytes = fs::read(path).expect("an installed file is readable");
        let (file, code) = load(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(Some(file.module()), path.file_stem().and_then(|stem| stem.to_str()));
        ops += code.ops.len();
        if let Some(lines) = &file.lines {
            let count = code.ops.iter().filter(|op| op.op == Opcode::Line).count();
            assert_eq!(lines.instruction_count as usize, count, "{}", path.display());
        }
        if index % 7 == 0 {
            assert!(disasm::listing(&file, &code).len() > code.ops.len());
        }
    }
    eprintln!("{} modules, {ops} instructions", files.len());
}

#[test]
fn fingerprints_are_beam_libs() {
    let files = installed();
    let list: Vec<String> =
        files.iter().step_by(5).map(|path| format!("{:?}", path.display().to_string())).collect();
    let expression = format!(
        "[begin {{ok, {{M, <<N:128>>}}}} = beam_lib:md5(F), io:format(\"~ts ~32.16.0b~n\", [M, N]) end || F <- [{}]]",
        list.join(",")
    );
    let Some(expected) = erl(&expression) else { return };
    let ours: String = files
        .iter()
        .step_by(5)
        .map(|path| {
            let bytes = fs::read(path).expect("an installed file is readable");
            let file = BeamFile::parse(&bytes, &Limits::default()).expect("an installed file is sound");
            format!("{} {}\n", file.module(), hex(&file.md5))
        })
        .collect();
    assert_eq!(ours, expected);
}

#[test]
fn a_compressed_file_is_the_same_file() {
    let dir = scratch("compressed");
    let Some(path) = compiled(&dir, "shapes", SHAPES, &["+deterministic"]) else { return };
    let plain = fs::read(path).expect("erlc wrote it");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&plain).expect("a vector takes all");
    let gzip = gzip.finish().expect("a vector takes all");
    let (left, right) = (load(&plain).expect("sound"), load(&gzip).expect("sound"));
    assert_eq!(left.0.md5, right.0.md5);
    assert_eq!(disasm::listing(&left.0, &left.1), disasm::listing(&right.0, &right.1));
    let small = Limits { file_bytes: plain.len() as u32 - 1, ..Limits::default() };
    assert!(matches!(BeamFile::parse(&gzip, &small), Err(LoadError::TooLarge { .. })));
    assert!(matches!(BeamFile::parse(&plain, &small), Err(LoadError::TooLarge { .. })));
    for len in 0..gzip.len() {
        assert!(load(&gzip[..len]).is_err(), "{len} bytes of {}", gzip.len());
    }
}

#[test]
fn tables_are_what_beam_lib_shows() {
    let dir = scratch("tables");
    let Some(path) = compiled(&dir, "shapes", SHAPES, &[]) else { return };
    let expression = format!(
        "{{ok, {{_, Cs}}}} = beam_lib:chunks({:?}, [imports, labeled_exports, labeled_locals, atoms]), \
         io:format(\"~w~n\", [[element(2, C) || C <- Cs]])",
        path.display().to_string()
    );
    let Some(expected) = erl(&expression) else { return };
    let (file, _) = load(&fs::read(path).expect("erlc wrote it")).expect("sound");
    let mut imports: Vec<_> =
        file.imports.iter().map(|i| (file.atom(i.module), file.atom(i.function), i.arity)).collect();
    imports.sort_unstable();
    let entries = |entries: &[warpbeam::code::beam::Entry]| -> Vec<String> {
        let mut entries: Vec<_> = entries.iter().map(|e| (file.atom(e.function), e.arity, e.label)).collect();
        entries.sort_unstable();
        entries.iter().map(|(name, arity, label)| format!("{{{},{arity},{label}}}", quoted(name))).collect()
    };
    let imports: Vec<String> =
        imports.iter().map(|(m, f, a)| format!("{{{},{},{a}}}", quoted(m), quoted(f))).collect();
    let atoms: Vec<String> =
        file.atoms().zip(1..).map(|(text, number)| format!("{{{number},{}}}", quoted(text))).collect();
    let tables = [imports, entries(&file.exports), entries(&file.locals), atoms];
    let ours: Vec<String> = tables.iter().map(|table| format!("[{}]", table.join(","))).collect();
    assert_eq!(format!("[{}]\n", ours.join(",")), expected);
}

/// An atom as `~w` prints it.
fn quoted(atom: &str) -> String {
    let reserved = ["after", "catch", "try", "when"];
    let bare = atom.starts_with(|c: char| c.is_ascii_lowercase())
        && atom.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@')
        && !reserved.contains(&atom);
    if bare { atom.to_owned() } else { format!("'{atom}'") }
}

#[test]
fn integers_of_all_sizes_are_decoded() {
    let dir = scratch("integers");
    let values = [
        "0",
        "15",
        "16",
        "2047",
        "2048",
        "-1",
        "-5",
        "32767",
        "-32768",
        "-32769",
        "70000",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "340282366920938463463374607431768211455",
        "-340282366920938463463374607431768211455",
    ];
    let clauses: Vec<String> =
        values.iter().enumerate().map(|(n, v)| format!("f({n}) -> self() ! {v}")).collect();
    let source = format!("-module(ints).\n-export([f/1]).\n{}.\n", clauses.join(";\n"));
    let Some(path) = compiled(&dir, "ints", &source, &[]) else { return };
    let (file, code) = load(&fs::read(path).expect("erlc wrote it")).expect("sound");
    let found: Vec<String> = (code.ops.iter())
        .filter(|op| op.op == Opcode::Move)
        .filter_map(|op| match code.args(op.args)[0] {
            Arg::Integer(value) => Some(value.to_string()),
            Arg::BigInteger(range) => {
                Some(num_bigint::BigInt::from_signed_bytes_be(range.of(&file.bytes)).to_string())
            }
            _ => None,
        })
        .collect();
    for value in values {
        assert!(found.iter().any(|found| found == value), "{value} is not among {found:?}");
    }
}

#[test]
fn a_listing_names_what_indices_point_to() {
    let dir = scratch("listing");
    let source = "-module(tiny).\n-export([f/2]).\nf(X, Y) -> lists:keyfind(X, 2, Y).\n";
    let Some(path) = compiled(&dir, "tiny", source, &["+no_line_info"]) else { return };
    let (file, code) = load(&fs::read(path).expect("erlc wrote it")).expect("sound");
    let listing = disasm::listing(&file, &code);
    let body = [
        "  func_info tiny f 2",
        "L2:",
        "    move x1 x2",
        "    move #2 x1",
        "    call_ext_only 3 lists:keyfind/3",
    ];
    let mut rest = listing.as_str();
    for line in body {
        let at = rest.find(line).unwrap_or_else(|| panic!("no {line:?} in order in\n{listing}"));
        rest = &rest[at + line.len()..];
    }
}

#[test]
fn no_truncation_is_accepted() {
    let dir = scratch("truncated");
    let Some(path) = compiled(&dir, "shapes", SHAPES, &[]) else { return };
    let bytes = fs::read(path).expect("erlc wrote it");
    load(&bytes).expect("the whole file is sound");
    for len in 0..bytes.len() {
        let error = load(&bytes[..len]).err().unwrap_or_else(|| panic!("{len} bytes of {}", bytes.len()));
        assert!(error.to_string().contains(": "), "{error}");
    }
}

/// Rebuilds a file from its chunks, each passed through `change`.
fn with_chunks(bytes: &[u8], mut change: impl FnMut(&[u8; 4], Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let file = BeamFile::parse(bytes, &Limits::default()).expect("the original is sound");
    let mut body = b"BEAM".to_vec();
    for chunk in &file.chunks {
        let data = change(&chunk.id.0, chunk.data.of(&file.bytes).to_vec());
        body.extend(chunk.id.0);
        body.extend((data.len() as u32).to_be_bytes());
        body.extend(&data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut form = b"FOR1".to_vec();
    form.extend((body.len() as u32).to_be_bytes());
    form.extend(body);
    form
}

#[test]
fn damage_is_a_typed_error_or_a_sound_module() {
    let dir = scratch("damaged");
    let Some(path) = compiled(&dir, "shapes", SHAPES, &["+no_debug_info"]) else { return };
    let original = fs::read(path).expect("erlc wrote it");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut refused, mut accepted) = (0, 0);
    for round in 0..20_000 {
        let mut bytes = original.clone();
        for _ in 0..=round % 3 {
            let bit = random.below(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        match load(&bytes) {
            Ok((file, code)) => {
                accepted += 1;
                // Whatever was accepted can be indexed everywhere.
                assert!(!disasm::listing(&file, &code).is_empty());
                for index in 0..file.literal_count() {
                    assert_eq!(file.literal(index as u32)[0], 131);
                }
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    assert!(refused > 1000 && accepted > 1000, "{refused} refused, {accepted} accepted");
}

#[test]
fn otp_28_forms_of_atoms_and_literals_load() {
    let dir = scratch("otp28");
    let Some(path) = compiled(&dir, "shapes", SHAPES, &[]) else { return };
    let original = fs::read(path).expect("erlc wrote it");
    let newer = with_chunks(&original, |id, data| match id {
        b"AtU8" => {
            let count = i32::from_be_bytes([data[0], data[1], data[2], data[3]]);
            let mut out = (-count).to_be_bytes().to_vec();
            let mut rest = &data[4..];
            while let Some((&len, tail)) = rest.split_first() {
                let (text, tail) = tail.split_at(usize::from(len));
                match len {
                    0..16 => out.push(len << 4),
                    _ => out.extend([0x08, len]),
                }
                out.extend(text);
                rest = tail;
            }
            out
        }
        b"LitT" => {
            let mut table = vec![0; 4];
            let mut inflate = flate2::bufread::ZlibDecoder::new(&data[4..]);
            std::io::Read::read_to_end(&mut inflate, &mut table).expect("the original is sound");
            table
        }
        _ => data,
    });
    let (left, right) = (load(&original).expect("sound"), load(&newer).expect("sound"));
    assert_eq!(left.0.atoms().collect::<Vec<_>>(), right.0.atoms().collect::<Vec<_>>());
    assert_eq!(left.0.literal_count(), right.0.literal_count());
    for index in 0..left.0.literal_count() as u32 {
        assert_eq!(left.0.literal(index), right.0.literal(index));
    }
    assert_eq!(disasm::listing(&left.0, &left.1), disasm::listing(&right.0, &right.1));
}
