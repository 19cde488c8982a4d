//! Terms as text, as `io:format("~tw", [Term])` writes them.
//!
//! Invariant: explicit stack only, and a limit on characters holds while writing, so that a huge term costs
//! no more than what is shown of it. Source: the reference manual on atoms and escapes, and a live `erl` of
//! OTP 25. Pids, ports and references show the numbers that identify them here.

use super::float_text;
use super::fun::{export_key, fun_key};
use super::map::Entries;
use super::{Atom, Word};
use crate::heap::Heap;
use crate::heap::binary::Bits;
use crate::heap::read::View;
use crate::process::pid::Pid;
use num_bigint::{BigInt, BigUint, Sign};
use std::fmt::Write;

/// What a text that was cut ends in.
const CUT: &str = "...";

/// For whom a term is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As `~tw`.
    Exact,
    /// For people: lists of printable characters, and binaries of them, as strings.
    Story,
    /// As `erlang:display/1`, with its own idea of strings, floats and atoms.
    Display,
}

/// The whole term.
pub fn show(heap: &Heap, word: Word) -> String {
    show_limited(heap, word, usize::MAX)
}

/// What a pid or reference is called, for those who know better names than numbers.
pub type NameOf<'a> = &'a dyn Fn(View<'_>) -> Option<String>;

/// At most about `max_chars` characters of the term, and `...` where something is missing.
pub fn show_limited(heap: &Heap, word: Word, max_chars: usize) -> String {
    write_limited(heap, word, max_chars, &|_| None, Style::Exact)
}

/// As `erlang:display/1` writes it.
pub fn display(heap: &Heap, word: Word) -> String {
    write_limited(heap, word, usize::MAX, &|_| None, Style::Display)
}

/// The same for people: pids and references by name where they have one, lists of characters as strings.
pub fn show_named(heap: &Heap, word: Word, max_chars: usize, name_of: NameOf<'_>) -> String {
    write_limited(heap, word, max_chars, name_of, Style::Story)
}

fn write_limited(heap: &Heap, word: Word, max_chars: usize, name_of: NameOf<'_>, style: Style) -> String {
    let max_bytes = max_chars.saturating_mul(4);
    let mut writer = Writer { heap, text: String::new(), max_bytes, name_of, style, stack: Vec::new() };
    writer.term(word);
    while writer.text.len() <= writer.max_bytes {
        let Some(task) = writer.stack.pop() else { break };
        writer.task(task);
    }
    let whole = writer.stack.is_empty();
    let mut text = writer.text;
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => text.truncate(end),
        None if whole => return text,
        None => {}
    }
    text + CUT
}

/// The text of a proper list of printable characters that is not empty.
pub fn show_string(heap: &Heap, list: Word) -> Option<String> {
    printable(heap, list, usize::MAX)
}

/// The same; from `max_bytes` on nothing more is looked at.
fn printable(heap: &Heap, list: Word, max_bytes: usize) -> Option<String> {
    let (mut at, mut string) = (list, String::new());
    while at.is_list() && string.len() <= max_bytes {
        let (head, tail) = heap.cell(at);
        let code = head.as_small().and_then(|n| u32::try_from(n).ok());
        string.push(code.and_then(char::from_u32).filter(|&c| !c.is_control() || c == '\n')?);
        at = tail;
    }
    ((at.is_nil() || at.is_list()) && !string.is_empty()).then_some(string)
}

/// The text of a binary of printable characters that is not empty; of a long one the first characters are enough.
fn printable_bytes(bits: Bits<'_>, max_bytes: usize) -> Option<String> {
    let looked_at = bits.byte_size().min(max_bytes.saturating_add(8));
    let bytes: Vec<u8> = (0..looked_at).map(|i| bits.byte(i)).collect();
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // A character that the end of what was looked at cuts in two.
        Err(e) if e.error_len().is_none() && looked_at < bits.byte_size() => {
            std::str::from_utf8(&bytes[..e.valid_up_to()]).expect("so far it is valid")
        }
        Err(_) => return None,
    };
    let is_text = bits.size.is_multiple_of(8) && !text.is_empty();
    (is_text && text.chars().all(|c| !c.is_control() || c == '\n')).then(|| text.to_string())
}

/// A list that `erlang:display/1` takes for a string, in quotes.
fn displayed_string(heap: &Heap, list: Word) -> Option<String> {
    let (mut at, mut characters) = (list, Vec::new());
    while at.is_list() {
        let (head, tail) = heap.cell(at);
        let code = head.as_small().and_then(|n| u8::try_from(n).ok()).map(char::from);
        characters.push(code.filter(|&c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))?);
        at = tail;
    }
    let mut text = String::new();
    push_quoted(&mut text, characters.into_iter(), ["\"", "\""]);
    at.is_nil().then_some(text)
}

/// Whether `erlang:display/1` takes the bits for text.
fn is_text(bits: Bits<'_>) -> bool {
    bits.size > 0
        && bits.size.is_multiple_of(8)
        && (0..bits.byte_size()).all(|i| matches!(bits.byte(i), b' '..=b'~'))
}

fn push_quoted(text: &mut String, characters: impl Iterator<Item = char>, [open, close]: [&str; 2]) {
    text.push_str(open);
    for c in characters {
        match c {
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
    text.push_str(close);
}

enum Task<'a> {
    Text(&'static str),
    Term(Word),
    /// Elements after the first, each behind a comma.
    Elements(&'a [u64]),
    /// The rest of a list, from its tail on.
    Tail(Word),
    Entries {
        left: Entries<'a>,
        first: bool,
    },
}

struct Writer<'a> {
    heap: &'a Heap,
    text: String,
    max_bytes: usize,
    name_of: NameOf<'a>,
    style: Style,
    stack: Vec<Task<'a>>,
}

impl<'a> Writer<'a> {
    fn task(&mut self, task: Task<'a>) {
        match task {
            Task::Text(text) => self.text.push_str(text),
            Task::Term(word) => self.term(word),
            Task::Elements([first, rest @ ..]) => {
                self.stack.push(Task::Elements(rest));
                self.text.push(',');
                self.term(Word(*first));
            }
            Task::Elements([]) => {}
            Task::Tail(tail) if tail.is_nil() => self.text.push(']'),
            Task::Tail(tail) if tail.is_list() => {
                let (head, tail) = self.heap.cell(tail);
                self.stack.push(Task::Tail(tail));
                self.text.push(',');
                self.term(head);
            }
            Task::Tail(tail) => {
                self.stack.push(Task::Text("]"));
                self.text.push('|');
                self.term(tail);
            }
            Task::Entries { mut left, first } => match left.next() {
                None => self.text.push('}'),
                Some((key, value)) => {
                    self.stack.push(Task::Entries { left, first: false });
                    self.stack.push(Task::Term(value));
                    self.stack.push(Task::Text(if self.style == Style::Display { "=>" } else { " => " }));
                    self.text.push_str(if first { "" } else { "," });
                    self.term(key);
                }
            },
        }
    }

    fn term(&mut self, word: Word) {
        match self.heap.view(word) {
            View::Cons(..) if self.push_string(word) => {}
            View::Cons(head, tail) => {
                self.text.push('[');
                self.stack.push(Task::Tail(tail));
                // Not at once: the heads of lists in lists nest.
                self.stack.push(Task::Term(head));
            }
            View::Tuple(elements) => {
                self.text.push('{');
                self.stack.push(Task::Text("}"));
                if let [first, rest @ ..] = elements {
                    self.stack.push(Task::Elements(rest));
                    self.stack.push(Task::Term(Word(*first)));
                }
            }
            View::FlatMap { .. } | View::HashMap { .. } => {
                self.text.push_str("#{");
                self.stack.push(Task::Entries { left: Entries::of(self.heap, word), first: true });
            }
            view => self.leaf(view),
        }
    }

    /// Writes a proper list of printable characters as a string, where the style has strings. Whether it did.
    fn push_string(&mut self, list: Word) -> bool {
        let string = match self.style {
            Style::Exact => None,
            Style::Story => printable(self.heap, list, self.max_bytes).map(|string| format!("{string:?}")),
            Style::Display => displayed_string(self.heap, list),
        };
        string.map(|string| self.text.push_str(&string)).is_some()
    }

    fn leaf(&mut self, view: View<'_>) {
        let text = &mut self.text;
        if let View::Pid(_) | View::Reference(_) = view
            && let Some(name) = (self.name_of)(view)
        {
            text.push_str(&name);
            return;
        }
        let written = match view {
            View::Small(n) => write!(text, "{n}"),
            View::Big { negative, limbs } => write!(text, "{}", integer(negative, limbs)),
            View::Float(f) if self.style == Style::Display => text.write_str(&float_text::scientific(f, 6)),
            View::Float(f) => text.write_str(&float_text::short(f)),
            View::Atom(atom) if self.style == Style::Display => {
                push_atom_displayed(text, atom);
                Ok(())
            }
            View::Atom(atom) => {
                push_atom(text, atom);
                Ok(())
            }
            View::Pid(pid) => write!(text, "<0.{}.0>", pid.0 >> 4),
            View::Port(port) => write!(text, "#Port<0.{}>", Pid::from_payload(port.0 >> 4).port_number()),
            View::Reference(id) => {
                write!(text, "#Ref<0.{}.{}.{}>", id.creator, id.count >> 32, id.count as u32)
            }
            View::Nil => text.write_str("[]"),
            View::Bits(bits) if self.style == Style::Display && is_text(bits) => {
                push_quoted(text, (0..bits.byte_size()).map(|i| char::from(bits.byte(i))), ["<<\"", "\">>"]);
                Ok(())
            }
            View::Bits(bits) if self.style == Style::Story => match printable_bytes(bits, self.max_bytes) {
                Some(string) if string.is_ascii() => write!(text, "<<{string:?}>>"),
                Some(string) => write!(text, "<<{string:?}/utf8>>"),
                None => push_bits(text, bits, self.max_bytes),
            },
            View::Bits(bits) => push_bits(text, bits, self.max_bytes),
            View::Fun { id, .. } => match fun_key(id) {
                Some(key) => {
                    text.push_str("#Fun<");
                    push_atom(text, key.module);
                    write!(text, ".{}.{}>", key.index, key.uniq)
                }
                None => write!(text, "#Fun<{id}>"),
            },
            View::ExternalFun { export } => match export_key(export) {
                Some(key) => {
                    text.push_str("fun ");
                    push_atom(text, key.module);
                    text.push(':');
                    push_atom(text, key.function);
                    write!(text, "/{}", key.arity)
                }
                None => write!(text, "#Fun<external.{export}>"),
            },
            View::Cons(..) | View::Tuple(_) | View::FlatMap { .. } | View::HashMap { .. } => {
                panic!("a term that holds others is no leaf")
            }
        };
        written.expect("a string takes any text");
    }
}

fn integer(negative: bool, limbs: &[u64]) -> BigInt {
    let halves = limbs.iter().flat_map(|&l| [l as u32, (l >> 32) as u32]).collect();
    BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, BigUint::new(halves))
}

fn push_bits(text: &mut String, bits: Bits<'_>, max_bytes: usize) -> std::fmt::Result {
    text.push_str("<<");
    let whole = bits.size / 8;
    for i in 0..bits.byte_size() {
        if text.len() > max_bytes {
            break;
        }
        if i > 0 {
            text.push(',');
        }
        if i < whole {
            write!(text, "{}", bits.byte(i))?;
        } else {
            let rest = bits.size % 8;
            write!(text, "{}:{rest}", bits.byte(i) >> (8 - rest))?;
        }
    }
    text.write_str(">>")
}

/// Words of the language, which are atoms only in quotes.
const RESERVED: &[&str] = &[
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond",
    "div", "end", "fun", "if", "let", "not", "of", "or", "orelse", "receive", "rem", "try", "when", "xor",
];

/// Writes an atom as `erlang:display/1` does, which knows no words of the language and no `@`.
fn push_atom_displayed(text: &mut String, atom: Atom) {
    let name = atom.text();
    if RESERVED.binary_search(&name).is_ok() {
        text.push_str(name);
    } else if name.contains('@') {
        push_atom_quoted(text, name);
    } else {
        push_atom(text, atom);
    }
}

/// Writes an atom, in quotes where Erlang needs them.
pub fn push_atom(text: &mut String, atom: Atom) {
    let name = atom.text();
    let lower = |c: char| c.is_ascii_lowercase() || matches!(c, 'ß'..='ö' | 'ø'..='ÿ');
    let upper = |c: char| c.is_ascii_uppercase() || matches!(c, 'À'..='Ö' | 'Ø'..='Þ');
    let inner = |c: char| lower(c) || upper(c) || c.is_ascii_digit() || c == '_' || c == '@';
    if name.starts_with(lower) && name.chars().all(inner) && RESERVED.binary_search(&name).is_err() {
        text.push_str(name);
    } else {
        push_atom_quoted(text, name);
    }
}

fn push_atom_quoted(text: &mut String, name: &str) {
    text.push('\'');
    for c in name.chars() {
        let escape = match c {
            '\'' => '\'',
            '\\' => '\\',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '\u{7f}' => 'd',
            c if c < ' ' || ('\u{80}'..='\u{9f}').contains(&c) => {
                write!(text, "\\{:03o}", u32::from(c)).expect("a string takes any text");
                continue;
            }
            c => {
                text.push(c);
                continue;
            }
        };
        text.push('\\');
        text.push(escape);
    }
    text.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::parcel::Parcel;
    use std::sync::Arc;

    #[test]
    fn people_read_binaries_of_text_as_text() {
        let cases: [(&[u8], usize, &str); 5] = [
            (b"tea", 20, "<<\"tea\">>"),
            ("\u{e9}".as_bytes(), 20, "<<\"\u{e9}\"/utf8>>"),
            (b"", 20, "<<>>"),
            (b"a\0", 20, "<<97,0>>"),
            (&[0xc3], 20, "<<195>>"),
        ];
        for (bytes, max_chars, expected) in cases {
            let parcel = Parcel::build(|heap| heap.binary(bytes)).expect("it is small");
            let (heap, word) = parcel.unpack(&Arc::default());
            assert_eq!(show_named(&heap, word, max_chars, &|_| None), expected, "{bytes:?}");
        }
        let long = "\u{20ac}".repeat(100);
        let parcel = Parcel::build(|heap| heap.binary(long.as_bytes())).expect("it is small");
        let (heap, word) = parcel.unpack(&Arc::default());
        for max_chars in 4..40 {
            let shown = show_named(&heap, word, max_chars, &|_| None);
            assert_eq!(shown, format!("<<\"{}...", "\u{20ac}".repeat(max_chars - 3)));
        }
    }
}
