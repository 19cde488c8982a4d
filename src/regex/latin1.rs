//! Classes and cases of the characters of Latin-1, for patterns without `unicode`, as OTP's PCRE has them.
//!
//! Invariant: the layout is that of PCRE2's character tables (pcre2build's `pcre2_dftables`), which the version in
//! Cargo.lock reads: lower case, other case, ten sets of bits, and types. Source: what a live `erl` matches.

/// Bytes of the tables.
pub const LENGTH: usize = 1088;

/// Where the sets of bits begin, and the types.
const SETS: usize = 512;
const TYPES: usize = SETS + 320;

pub static TABLES: [u8; LENGTH] = tables();

const fn is_upper(c: u8) -> bool {
    c.is_ascii_uppercase() || matches!(c, 0xc0..=0xd6 | 0xd8..=0xde)
}

const fn is_lower(c: u8) -> bool {
    c.is_ascii_lowercase() || matches!(c, 0xaa | 0xb5 | 0xba | 0xdf..=0xf6 | 0xf8..=0xff)
}

const fn is_space(c: u8) -> bool {
    matches!(c, 9..=13 | b' ')
}

/// In the order of the sets.
const fn classes(c: u8) -> [bool; 10] {
    let letter = is_upper(c) || is_lower(c);
    let alnum = letter || c.is_ascii_digit();
    let graph = c.is_ascii_graphic() || c >= 0xa0;
    let control = c.is_ascii_control() || matches!(c, 0x80..=0x9f);
    [
        is_space(c),
        c.is_ascii_hexdigit(),
        c.is_ascii_digit(),
        is_upper(c),
        is_lower(c),
        alnum || c == b'_',
        graph,
        graph || c == b' ',
        graph && !alnum,
        control,
    ]
}

const fn tables() -> [u8; LENGTH] {
    let mut tables = [0; LENGTH];
    let mut at = 0;
    while at < 256 {
        let c = at as u8;
        let has_case = !matches!(c, 0xaa | 0xb5 | 0xba | 0xdf | 0xff);
        tables[at] = if is_upper(c) { c + 32 } else { c };
        tables[256 + at] = match (is_upper(c), is_lower(c) && has_case) {
            (true, _) => c + 32,
            (_, true) => c - 32,
            _ => c,
        };
        let classes = classes(c);
        let mut set = 0;
        while set < 10 {
            if classes[set] {
                tables[SETS + 32 * set + at / 8] |= 1 << (at % 8);
            }
            set += 1;
        }
        let [space, _, digit, upper, lower, word, ..] = classes;
        tables[TYPES + at] = space as u8
            | ((upper || lower) as u8) << 1
            | (lower as u8) << 2
            | (digit as u8) << 3
            | (word as u8) << 4;
        at += 1;
    }
    tables
}
