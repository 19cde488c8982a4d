//! PCRE2 behind a safe interface. All of the project's foreign calls are here.
//!
//! Invariant: a [`Code`] owns its code and is used by one thread; nothing of PCRE2's outlives the call that made it
//! but that. No just-in-time compilation, no callouts. Source: pcre2api(3).
#![allow(unsafe_code, reason = "PCRE2 is a C library; this file is its only caller")]

use super::latin1::TABLES;
use pcre2_sys as sys;
use std::ptr::{self, NonNull};

pub use sys::{
    PCRE2_ANCHORED as ANCHORED, PCRE2_CASELESS as CASELESS, PCRE2_DOLLAR_ENDONLY as DOLLAR_ENDONLY,
    PCRE2_DOTALL as DOTALL, PCRE2_DUPNAMES as DUPNAMES, PCRE2_EXTENDED as EXTENDED,
    PCRE2_FIRSTLINE as FIRSTLINE, PCRE2_MULTILINE as MULTILINE, PCRE2_NEVER_UTF as NEVER_UTF,
    PCRE2_NO_AUTO_CAPTURE as NO_AUTO_CAPTURE, PCRE2_NO_START_OPTIMIZE as NO_START_OPTIMIZE,
    PCRE2_NOTBOL as NOTBOL, PCRE2_NOTEMPTY as NOTEMPTY, PCRE2_NOTEMPTY_ATSTART as NOTEMPTY_ATSTART,
    PCRE2_NOTEOL as NOTEOL, PCRE2_UCP as UCP, PCRE2_UNGREEDY as UNGREEDY, PCRE2_UTF as UTF,
};

/// What ends a line, numbered as PCRE2 does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Newline {
    Cr = 1,
    Lf = 2,
    Crlf = 3,
    Any = 4,
    Anycrlf = 5,
}

/// What `\R` matches, numbered as PCRE2 does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Bsr {
    Unicode = 1,
    Anycrlf = 2,
}

/// All that the code is a function of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    pub bytes: Vec<u8>,
    pub options: u32,
    pub newline: Newline,
    pub bsr: Bsr,
}

/// Why a pattern is refused: PCRE2's number, its text, and the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub number: i32,
    pub text: String,
    pub offset: usize,
}

/// Bounds on the work of one match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    pub steps: u32,
    pub depth: u32,
    pub heap_kib: u32,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    Steps,
    Depth,
    /// The subject is no UTF-8, or the offset is inside a character.
    BadUtf,
    Other,
}

/// Start and end of a part of the subject.
pub type Range = (usize, usize);

#[derive(Debug)]
pub struct Code(NonNull<sys::pcre2_code_8>);

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: the pointer comes from `pcre2_compile_8`, and this is the only time that it is freed.
        unsafe { sys::pcre2_code_free_8(self.0.as_ptr()) }
    }
}

/// A compile context, freed with its owner.
struct CompileContext(NonNull<sys::pcre2_compile_context_8>);

impl Drop for CompileContext {
    fn drop(&mut self) {
        // SAFETY: made by `pcre2_compile_context_create_8`, freed here alone.
        unsafe { sys::pcre2_compile_context_free_8(self.0.as_ptr()) }
    }
}

struct MatchContext(NonNull<sys::pcre2_match_context_8>);

impl Drop for MatchContext {
    fn drop(&mut self) {
        // SAFETY: made by `pcre2_match_context_create_8`, freed here alone.
        unsafe { sys::pcre2_match_context_free_8(self.0.as_ptr()) }
    }
}

struct MatchData(NonNull<sys::pcre2_match_data_8>);

impl Drop for MatchData {
    fn drop(&mut self) {
        // SAFETY: made by `pcre2_match_data_create_from_pattern_8`, freed here alone.
        unsafe { sys::pcre2_match_data_free_8(self.0.as_ptr()) }
    }
}

const NO_MEMORY: &str = "the C library has memory";

fn text_of(number: i32) -> String {
    let mut text = [0u8; 256];
    // SAFETY: PCRE2 writes at most as many bytes as it is told that there are.
    let length = unsafe { sys::pcre2_get_error_message_8(number, text.as_mut_ptr(), text.len()) };
    String::from_utf8_lossy(&text[..usize::try_from(length).unwrap_or(0)]).into_owned()
}

impl Code {
    pub fn compile(pattern: &Pattern) -> Result<Code, Refusal> {
        // SAFETY: a null general context means the C library's own allocator.
        let context = unsafe { sys::pcre2_compile_context_create_8(ptr::null_mut()) };
        let context = CompileContext(NonNull::new(context).expect(NO_MEMORY));
        let (mut number, mut offset) = (0, 0);
        // Its set of first bytes lacks what classes have of 128 to 255 in UTF-8.
        let narrow = pattern.options & (UTF | UCP) == UTF;
        let options = pattern.options | if narrow { NO_START_OPTIMIZE } else { 0 };
        // SAFETY: the context is alive; the tables are static and have PCRE2's layout; the pattern is as long as is said and not kept; both outputs are our own.
        let code = unsafe {
            sys::pcre2_set_newline_8(context.0.as_ptr(), pattern.newline as u32);
            sys::pcre2_set_bsr_8(context.0.as_ptr(), pattern.bsr as u32);
            sys::pcre2_set_character_tables_8(context.0.as_ptr(), TABLES.as_ptr());
            sys::pcre2_compile_8(
                pattern.bytes.as_ptr(),
                pattern.bytes.len(),
                options,
                &raw mut number,
                &raw mut offset,
                context.0.as_ptr(),
            )
        };
        match NonNull::new(code) {
            Some(code) => Ok(Code(code)),
            None => Err(Refusal { number, text: text_of(number), offset }),
        }
    }

    fn number(&self, what: u32) -> u32 {
        let mut value = 0u32;
        // SAFETY: the code is alive, and each `what` that this file gives is answered with a `uint32_t`.
        let answer = unsafe { sys::pcre2_pattern_info_8(self.0.as_ptr(), what, (&raw mut value).cast()) };
        assert!(answer == 0, "PCRE2 knows what it is asked about");
        value
    }

    /// Subpatterns that capture.
    pub fn captures(&self) -> usize {
        self.number(sys::PCRE2_INFO_CAPTURECOUNT) as usize
    }

    /// Names of subpatterns with their numbers, in the order of the names.
    pub fn names(&self) -> Vec<(Vec<u8>, usize)> {
        let count = self.number(sys::PCRE2_INFO_NAMECOUNT) as usize;
        let size = self.number(sys::PCRE2_INFO_NAMEENTRYSIZE) as usize;
        if count == 0 {
            return Vec::new();
        }
        let mut table: *const u8 = ptr::null();
        // SAFETY: the code is alive; this question is answered with a pointer, into the code.
        let answer = unsafe {
            let place = (&raw mut table).cast();
            sys::pcre2_pattern_info_8(self.0.as_ptr(), sys::PCRE2_INFO_NAMETABLE, place)
        };
        assert!(answer == 0 && !table.is_null(), "PCRE2 has a table of the names that it counts");
        // SAFETY: the table has `count` entries of `size` bytes each and lives as long as the code.
        let table = unsafe { std::slice::from_raw_parts(table, count * size) };
        let entry = |entry: &[u8]| {
            let name = entry[2..].split(|&b| b == 0).next().unwrap_or_default();
            (name.to_vec(), usize::from(entry[0]) << 8 | usize::from(entry[1]))
        };
        table.chunks(size).map(entry).collect()
    }

    /// Looks for the pattern from `offset` on: the whole match and the subpatterns, as far as the last that is set.
    pub fn run(
        &self,
        subject: &[u8],
        offset: usize,
        options: u32,
        limits: Limits,
    ) -> Result<Option<Vec<Option<Range>>>, Fault> {
        assert!(offset <= subject.len(), "a search begins in its subject");
        // SAFETY: null general contexts mean the C library's own allocator; the code is alive.
        let (context, data) = unsafe {
            (
                sys::pcre2_match_context_create_8(ptr::null_mut()),
                sys::pcre2_match_data_create_from_pattern_8(self.0.as_ptr(), ptr::null_mut()),
            )
        };
        let context = MatchContext(NonNull::new(context).expect(NO_MEMORY));
        let data = MatchData(NonNull::new(data).expect(NO_MEMORY));
        // SAFETY: all three are alive; the subject is as long as is said, and is read only.
        let answer = unsafe {
            sys::pcre2_set_match_limit_8(context.0.as_ptr(), limits.steps);
            sys::pcre2_set_depth_limit_8(context.0.as_ptr(), limits.depth);
            sys::pcre2_set_heap_limit_8(context.0.as_ptr(), limits.heap_kib);
            sys::pcre2_match_8(
                self.0.as_ptr(),
                subject.as_ptr(),
                subject.len(),
                offset,
                options,
                data.0.as_ptr(),
                context.0.as_ptr(),
            )
        };
        match answer {
            sys::PCRE2_ERROR_NOMATCH => Ok(None),
            sys::PCRE2_ERROR_MATCHLIMIT => Err(Fault::Steps),
            sys::PCRE2_ERROR_DEPTHLIMIT | sys::PCRE2_ERROR_HEAPLIMIT => Err(Fault::Depth),
            // From the last to the first fault of UTF-8.
            -23..=-3 | sys::PCRE2_ERROR_BADUTFOFFSET => Err(Fault::BadUtf),
            1.. => Ok(Some(ranges(&data, answer as usize))),
            _ => Err(Fault::Other),
        }
    }
}

/// The first `count` pairs of what a match has found.
fn ranges(data: &MatchData, count: usize) -> Vec<Option<Range>> {
    // SAFETY: the data is alive and has as many pairs as it says.
    let pairs = unsafe {
        let all = sys::pcre2_get_ovector_count_8(data.0.as_ptr()) as usize;
        assert!(count <= all, "a match sets pairs that there are");
        std::slice::from_raw_parts(sys::pcre2_get_ovector_pointer_8(data.0.as_ptr()), 2 * count)
    };
    // An unset pair is two times the greatest number. `\K` in a look-around may end a match before it begins.
    let range = |pair: &[usize]| (pair[0] != usize::MAX).then(|| (pair[0], pair[1].max(pair[0])));
    pairs.chunks(2).map(range).collect()
}

/// The release that is bundled, and its day.
pub fn version() -> String {
    let mut text = [0u8; 64];
    // SAFETY: the text is at most 24 bytes long, says pcre2api(3).
    let length = unsafe { sys::pcre2_config_8(sys::PCRE2_CONFIG_VERSION, text.as_mut_ptr().cast()) };
    let length = usize::try_from(length).unwrap_or(1).clamp(1, text.len());
    // The last one is zero.
    String::from_utf8_lossy(&text[..length - 1]).into_owned()
}
