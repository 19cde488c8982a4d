//! Atoms: interned text, for the life of the operating-system process.
//!
//! Invariant: an atom's number depends on who interned first and is never observable; order, hash and
//! text come from the characters. The table only grows and is read without a lock.
//! Source: the Efficiency Guide's limits (1,048,576 atoms, 255 characters each).

use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{OnceLock, RwLock};

/// An interned atom.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Atom(pub(crate) u32);

/// Atoms that may exist at once, as in OTP by default.
pub const ATOM_LIMIT: u32 = 1_048_576;
/// Atoms beyond these that our own source may name.
const OWN_ATOMS: u32 = 4096;
/// Characters of one atom.
pub const ATOM_CHARACTERS_MAX: usize = 255;

/// Why a text is no atom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomError {
    TooLong,
    TableFull,
}

#[derive(Clone, Copy)]
struct Entry {
    text: &'static str,
    /// OTP's hash of an atom, which `phash2` builds on.
    hash: u32,
    /// 64 bits of the text, for digests.
    digest: u64,
}

/// FNV-1a: a fixed hash for tables whose order is never observed.
#[derive(Clone)]
pub struct FixedHasher(u64);

impl Default for FixedHasher {
    fn default() -> Self {
        FixedHasher(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for FixedHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

pub type FixedState = BuildHasherDefault<FixedHasher>;
#[expect(clippy::disallowed_types, reason = "the hasher is fixed")]
pub type FixedMap<K, V> = std::collections::HashMap<K, V, FixedState>;

/// Chunk `k` holds `1024 << k` entries, so that entries never move.
const CHUNKS: usize = 11;
const FIRST_CHUNK: u32 = 1024;

type Chunk = OnceLock<Box<[OnceLock<Entry>]>>;

struct Table {
    numbers: RwLock<FixedMap<&'static str, u32>>,
    chunks: [Chunk; CHUNKS],
}

fn place(number: u32) -> (usize, usize) {
    let n = number + FIRST_CHUNK;
    let chunk = (n.ilog2() - FIRST_CHUNK.ilog2()) as usize;
    (chunk, (n - (FIRST_CHUNK << chunk)) as usize)
}

impl Table {
    fn add(&self, number: u32, text: &'static str) {
        let (chunk, offset) = place(number);
        let chunk = self.chunks[chunk]
            .get_or_init(|| (0..(FIRST_CHUNK as usize) << chunk).map(|_| OnceLock::new()).collect());
        let mut hasher = FixedHasher::default();
        hasher.write(text.as_bytes());
        let entry = Entry { text, hash: otp_atom_hash(text), digest: hasher.finish() };
        assert!(chunk[offset].set(entry).is_ok(), "each atom number is given once");
    }

    fn entry(&self, number: u32) -> &Entry {
        let (chunk, offset) = place(number);
        self.chunks[chunk].get().and_then(|c| c[offset].get()).expect("an atom's number comes from the table")
    }
}

/// The hash that OTP keeps with each atom: a PJW hash over the code points that fit latin-1, and over
/// UTF-8 bytes otherwise, `0` to `255` each.
fn otp_atom_hash(text: &str) -> u32 {
    let mut h: u32 = 0;
    let mut step = |v: u32| {
        h = (h << 4).wrapping_add(v);
        let g = h & 0xf000_0000;
        if g != 0 {
            h ^= g >> 24;
            h ^= g;
        }
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        // A two-byte sequence for a latin-1 character counts as that character.
        if b & 0xfe == 0xc2 && at + 1 < bytes.len() {
            step((u32::from(b) << 6) & 0xff | (u32::from(bytes[at + 1]) & 0x3f));
            at += 2;
        } else {
            step(u32::from(b));
            at += 1;
        }
    }
    h
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let table = Table { numbers: RwLock::default(), chunks: [const { OnceLock::new() }; CHUNKS] };
        {
            let mut numbers = table.numbers.write().expect("no panic while the atom table is locked");
            for (number, text) in atoms::PREDEFINED.iter().enumerate() {
                numbers.insert(text, number as u32);
                table.add(number as u32, text);
            }
        }
        table
    })
}

impl Atom {
    /// The atom of `text`, interned if it is new.
    pub fn new(text: &str) -> Result<Atom, AtomError> {
        Atom::within(text, ATOM_LIMIT)
    }

    /// The same, if there are fewer than `limit`.
    fn within(text: &str, limit: u32) -> Result<Atom, AtomError> {
        if let Some(atom) = Atom::existing(text) {
            return Ok(atom);
        }
        if text.chars().count() > ATOM_CHARACTERS_MAX {
            return Err(AtomError::TooLong);
        }
        let table = table();
        let mut numbers = table.numbers.write().expect("no panic while the atom table is locked");
        if let Some(&n) = numbers.get(text) {
            return Ok(Atom(n));
        }
        let number = numbers.len() as u32;
        if number >= limit {
            return Err(AtomError::TableFull);
        }
        let text: &'static str = Box::leak(text.into());
        table.add(number, text);
        numbers.insert(text, number);
        Ok(Atom(number))
    }

    /// The atom of `text` if it was interned before.
    pub fn existing(text: &str) -> Option<Atom> {
        table().numbers.read().expect("no panic while the atom table is locked").get(text).copied().map(Atom)
    }

    /// An atom named in our own source. There is room for these when a program has filled the table.
    pub fn known(text: &'static str) -> Atom {
        Atom::within(text, ATOM_LIMIT + OWN_ATOMS).expect("our own atoms are short and few")
    }

    pub fn text(self) -> &'static str {
        table().entry(self.0).text
    }

    /// OTP's 32-bit hash of the text.
    pub fn hash32(self) -> u32 {
        table().entry(self.0).hash
    }

    /// 64 bits that depend on the text alone.
    pub fn digest(self) -> u64 {
        table().entry(self.0).digest
    }

    /// Atoms interned so far.
    pub fn count() -> usize {
        table().numbers.read().expect("no panic while the atom table is locked").len()
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The atoms that the runtime itself names, with fixed numbers.
pub mod atoms {
    use super::Atom;

    macro_rules! predefined {
        ($($name:ident = $text:literal),* $(,)?) => {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            #[repr(u32)]
            enum Number { $($name),* }
            impl Atom { $(pub const $name: Atom = Atom(Number::$name as u32);)* }
            pub(super) const PREDEFINED: &[&str] = &[$($text),*];
        };
    }

    predefined! {
        TRUE = "true", FALSE = "false", EMPTY = "", OK = "ok", ERROR = "error", UNDEFINED = "undefined",
        ERLANG = "erlang", NORMAL = "normal", EXIT = "EXIT", EXIT_CLASS = "exit", DOWN = "DOWN", KILL = "kill", KILLED = "killed",
        NOPROC = "noproc", NOCONNECTION = "noconnection", SHUTDOWN = "shutdown", BADARG = "badarg",
        BADARITH = "badarith", BADMATCH = "badmatch", BADARITY = "badarity", BADFUN = "badfun",
        BADMAP = "badmap", BADKEY = "badkey", BADRECORD = "badrecord", CASE_CLAUSE = "case_clause",
        IF_CLAUSE = "if_clause", FUNCTION_CLAUSE = "function_clause", TRY_CLAUSE = "try_clause",
        ELSE_CLAUSE = "else_clause", UNDEF = "undef", SYSTEM_LIMIT = "system_limit", NOCATCH = "nocatch",
        TIMEOUT_VALUE = "timeout_value", TIMEOUT = "timeout", INFINITY = "infinity", THROW = "throw",
        PROCESS = "process", PORT = "port", TIME_OFFSET = "time_offset", CLOCK_SERVICE = "clock_service",
        LINK = "link", MONITOR = "monitor", FLUSH = "flush", INFO = "info", TAG = "tag", ALIAS = "alias",
        EXPLICIT_UNALIAS = "explicit_unalias", DEMONITOR = "demonitor", REPLY_DEMONITOR = "reply_demonitor",
        TRAP_EXIT = "trap_exit", PRIORITY = "priority", LOW = "low", HIGH = "high", MAX = "max",
        MIN_HEAP_SIZE = "min_heap_size", MIN_BIN_VHEAP_SIZE = "min_bin_vheap_size",
        MAX_HEAP_SIZE = "max_heap_size", FULLSWEEP_AFTER = "fullsweep_after", SIZE = "size",
        ERROR_LOGGER = "error_logger", MESSAGE_QUEUE_DATA = "message_queue_data", ON_HEAP = "on_heap",
        OFF_HEAP = "off_heap", SAVE_CALLS = "save_calls", SENSITIVE = "sensitive",
        ERROR_HANDLER = "error_handler", ASYNC_DIST = "async_dist", LABEL = "label", REPLY = "reply", REPLY_TAG = "reply_tag",
        SPAWN_REPLY = "spawn_reply", SPAWN_REQUEST = "spawn_request", YES = "yes", NO = "no",
        ERROR_ONLY = "error_only", SUCCESS_ONLY = "success_only", NOSUSPEND = "nosuspend",
        NOCONNECT = "noconnect", ASYNC = "async", ABS = "abs", MONOTONIC = "monotonic", POSITIVE = "positive",
        NATIVE = "native", SECOND = "second", MILLISECOND = "millisecond", MICROSECOND = "microsecond",
        NANOSECOND = "nanosecond", PERF_COUNTER = "perf_counter", REGISTERED_NAME = "registered_name",
        LINKS = "links", MONITORS = "monitors", MONITORED_BY = "monitored_by", MESSAGES = "messages",
        MESSAGE_QUEUE_LEN = "message_queue_len", DICTIONARY = "dictionary", STATUS = "status",
        CURRENT_FUNCTION = "current_function", CURRENT_LOCATION = "current_location",
        CURRENT_STACKTRACE = "current_stacktrace", INITIAL_CALL = "initial_call", GROUP_LEADER = "group_leader",
        HEAP_SIZE = "heap_size", TOTAL_HEAP_SIZE = "total_heap_size", STACK_SIZE = "stack_size",
        MEMORY = "memory", REDUCTIONS = "reductions", GARBAGE_COLLECTION = "garbage_collection",
        GARBAGE_COLLECTION_INFO = "garbage_collection_info", MINOR_GCS = "minor_gcs", PARENT = "parent",
        CATCHLEVEL = "catchlevel", BACKTRACE = "backtrace", BINARY = "binary",
        SUSPENDING = "suspending", TRACE = "trace", RUNNING = "running", RUNNABLE = "runnable",
        WAITING = "waiting", EXITING = "exiting", SUSPENDED = "suspended", GARBAGE_COLLECTING = "garbage_collecting",
        MODULE = "module", NAME = "name", ARITY = "arity", ENV = "env", TYPE = "type", LOCAL = "local",
        EXTERNAL = "external", INDEX = "index", UNIQ = "uniq", NEW_INDEX = "new_index", NEW_UNIQ = "new_uniq",
        PID = "pid", FILE = "file", LINE = "line", FUNCTION = "function", ERROR_INFO = "error_info",
        CAUSE = "cause", MODULE_INFO = "module_info", EXPORTS = "exports", IMPORTS = "imports",
        ATTRIBUTES = "attributes", COMPILE = "compile", MD5 = "md5", NATIVE_ADDRESSES = "native_addresses",
        NIFS = "nifs", FUNCTIONS = "functions", NOT_LOADED = "not_loaded", BIG = "big", LITTLE = "little",
        ALL = "all", ALL_BUT_FIRST = "all_but_first", START = "start", FINISH = "finish",
        NONODE_NOHOST = "nonode@nohost", APPLY = "apply", BADFILE = "badfile", NOT_PURGED = "not_purged",
        LATIN1 = "latin1", UTF8 = "utf8", UTF16 = "utf16", UTF32 = "utf32", UNICODE = "unicode",
        BIT_SIZE = "bit_size", INIT = "init", HEART = "heart", SET = "set", NONE = "none", ENABLED = "enabled",
        BADOPT = "badopt", HEAP_FULL = "heap_full", MAIN = "main", COMPACT = "compact", DECIMALS = "decimals",
        SCIENTIFIC = "scientific", SHORT = "short", SAFE = "safe", USED = "used", COMPRESSED = "compressed",
        MINOR_VERSION = "minor_version", DETERMINISTIC = "deterministic", GLOBAL = "global", TRIM = "trim",
        TRIM_ALL = "trim_all", SCOPE = "scope", MINUS = "-", PLUS = "+", STAR = "*", ELEMENT = "element", NOMATCH = "nomatch",
        PERSISTENT_TERM = "persistent_term", MAPS = "maps", LISTS = "lists", MATH = "math", DIV = "div",
        REM = "rem", BAND = "band", BOR = "bor", BXOR = "bxor", BSL = "bsl", BSR = "bsr", BNOT = "bnot",
        ABORT = "abort",
        EOF = "eof",
        WARPBEAM_IO = "warpbeam_io",
        ALLOW_GC = "allow_gc",
        ALLOW_PASSIVE_CONNECT = "allow_passive_connect",
        CANCEL_TIMER = "cancel_timer",
        CHECK_PROCESS_CODE = "check_process_code",
        PURGE_MODULE = "purge_module",
        MONITOR_NODES = "monitor_nodes",
        COUNT = "count",
        ERL_ERTS_ERRORS = "erl_erts_errors",
        ERL_KERNEL_ERRORS = "erl_kernel_errors",
        ERL_STDLIB_ERRORS = "erl_stdlib_errors",
        INTERNAL = "internal",
        MICRO_SECONDS = "micro_seconds",
        MILLI_SECONDS = "milli_seconds",
        NANO_SECONDS = "nano_seconds",
        READ_TIMER = "read_timer",
        SECONDS = "seconds",
        TIME = "time",
        WORDSIZE = "wordsize",
        ASYNCHRONOUS = "asynchronous",
        BADTYPE = "badtype",
        BAD_OPTION = "bad_option",
        BIN_OLD_VHEAP_BLOCK_SIZE = "bin_old_vheap_block_size",
        BIN_OLD_VHEAP_SIZE = "bin_old_vheap_size",
        BIN_VHEAP_BLOCK_SIZE = "bin_vheap_block_size",
        BIN_VHEAP_SIZE = "bin_vheap_size",
        CONNECTED = "connected",
        CONNECTION_ID = "connection_id",
        GARBAGE_COLLECT = "garbage_collect",
        HEAP_BLOCK_SIZE = "heap_block_size",
        HIDDEN = "hidden",
        IGNORED = "ignored",
        INCLUDE_SHARED_BINARIES = "include_shared_binaries",
        KNOWN = "known",
        LAST_CALLS = "last_calls",
        MAGIC_REF = "magic_ref",
        MBUF_SIZE = "mbuf_size",
        NOCOOKIE = "nocookie",
        NODE_TYPE = "node_type",
        NOTALIVE = "notalive",
        OLD_HEAP_BLOCK_SIZE = "old_heap_block_size",
        OLD_HEAP_SIZE = "old_heap_size",
        RECENT_SIZE = "recent_size",
        SCHEDULER = "scheduler",
        SEQUENTIAL_TRACE_TOKEN = "sequential_trace_token",
        THIS = "this",
        UNLESS_SUSPENDING = "unless_suspending",
        VISIBLE = "visible",
        SPAWN = "spawn", MAJOR = "major", MINOR = "minor", FULLSWEEP = "fullsweep",
        HIBERNATE = "hibernate", PROC_LIB_INIT = "proc_lib_init", NOT = "not", AND = "and", OR = "or", XOR = "xor",
        ETS_TRANSFER = "ETS-TRANSFER", ID = "id", ACCESS = "access", ALREADY_EXISTS = "already_exists",
        KEYPOS = "keypos", POSITION = "position", TABLE_TYPE = "table_type", NOT_OWNER = "not_owner", OWNER = "owner",
        ORDERED_SET = "ordered_set", BAG = "bag", DUPLICATE_BAG = "duplicate_bag", NAMED_TABLE = "named_table",
        PUBLIC = "public", PROTECTED = "protected", PRIVATE = "private", HEIR = "heir",
        READ_CONCURRENCY = "read_concurrency", WRITE_CONCURRENCY = "write_concurrency", AUTO = "auto",
        DECENTRALIZED_COUNTERS = "decentralized_counters", PROTECTION = "protection", NODE = "node",
        FIXED = "fixed", SAFE_FIXED = "safe_fixed", SAFE_FIXED_MONOTONIC_TIME = "safe_fixed_monotonic_time",
        STATS = "stats", END_OF_TABLE = "$end_of_table", ETS = "ets",
        ITERATOR = "iterator", VALUE = "value", NOT_A_LIST = "not_a_list",
        NO_INTEGER = "no_integer", NO_FLOAT = "no_float", BM = "bm", AC = "ac", INCOMPLETE = "incomplete",
        TCP = "tcp", TCP_PASSIVE = "tcp_passive", ONCE = "once",
    }
}
