//! Lists of bytes, binaries and such lists, made into binaries.
//!
//! Invariant: an explicit stack holds what is left of the lists that a walk is inside of, and room for the
//! result is made before anything is copied. Source: the documentation of `erlang` on iolists; what
//! `iolist_to_iovec/1` joins comes from a live `erl` of OTP 25.

use super::arguments::bits;
use super::binaries::{from_bits, from_bytes, room};
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::binary::Bits;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::bitsyntax::BitBuilder;
use crate::term::bitsyntax::run::append_bytes;
use std::borrow::Cow;

natives! { ROWS:
    pure "erlang" "iolist_to_binary" 1 = iolist_to_binary;
    pure "erlang" "iolist_size" 1 = iolist_size;
    pure "erlang" "iolist_to_iovec" 1 = iolist_to_iovec;
    pure "erlang" "list_to_binary" 1 = list_to_binary;
    pure "binary" "list_to_bin" 1 = list_to_binary;
    pure "erlang" "list_to_bitstring" 1 = list_to_bitstring;
}

/// Binaries up to here are joined with their neighbours in an I/O vector.
const JOINED_BYTES_MAX: usize = 256;

/// A leaf of an iolist.
pub(super) enum Piece<'a> {
    Byte(u8),
    Bits(Word, Bits<'a>),
}

/// Gives each leaf of an iolist to `visit`; `None` if it is no iolist, or `visit` says so.
pub(super) fn walk<'a>(
    heap: &'a Heap,
    root: Word,
    visit: &mut impl FnMut(Piece<'a>) -> Option<()>,
) -> Option<()> {
    let mut rests: Vec<Word> = Vec::new();
    let mut at = root;
    loop {
        if at.is_list() {
            let (head, tail) = heap.cell(at);
            at = tail;
            if let Some(n) = head.as_small() {
                visit(Piece::Byte(u8::try_from(n).ok()?))?;
            } else if head.is_list() {
                rests.push(tail);
                at = head;
            } else if !head.is_nil() {
                visit(Piece::Bits(head, heap.bits(head)?))?;
            }
            continue;
        }
        if !at.is_nil() {
            visit(Piece::Bits(at, heap.bits(at)?))?;
        }
        match rests.pop() {
            Some(rest) => at = rest,
            None => return Some(()),
        }
    }
}

/// Bytes of an iolist; `None` if it is none.
pub(super) fn size(heap: &Heap, root: Word) -> Option<usize> {
    let mut size = 0usize;
    walk(heap, root, &mut |piece| {
        let more = match piece {
            Piece::Byte(_) => 1,
            Piece::Bits(_, bits) => bits.is_binary().then_some(bits.size / 8)?,
        };
        size = size.checked_add(more)?;
        Some(())
    })?;
    Some(size)
}

/// The bytes of an iolist, where they lie if it is one binary.
pub(super) fn bytes_of<'m, 'h>(m: &'m Mutator<'h>, iolist: Term<'h>) -> Result<Cow<'m, [u8]>, Raise<'h>> {
    match m.bits(iolist).filter(|bits| bits.is_binary()).and_then(|bits| bits.aligned()) {
        Some(bytes) => Ok(Cow::Borrowed(bytes)),
        None => to_bytes(m, iolist).map(Cow::Owned),
    }
}

/// The bytes of an iolist.
pub(super) fn to_bytes<'h>(m: &Mutator<'h>, iolist: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    let heap = m.heap();
    // Mostly it is one binary.
    if let Some(bits) = heap.bits(iolist.word())
        && bits.is_binary()
        && let Some(aligned) = bits.aligned()
    {
        let mut bytes = room(heap, aligned.len())?;
        bytes.extend_from_slice(aligned);
        return Ok(bytes);
    }
    let size = size(heap, iolist.word()).ok_or(Raise::BADARG)?;
    let mut bytes = room(heap, size)?;
    walk(heap, iolist.word(), &mut |piece| {
        match piece {
            Piece::Byte(byte) => bytes.push(byte),
            Piece::Bits(_, bits) => append_bytes(bits, &mut bytes),
        }
        Some(())
    })
    .expect("what has a size is an iolist");
    Ok(bytes)
}

/// Gives the bytes of an iolist to `take`, run by run. On an error some have been given already.
pub(super) fn each_run<'h>(
    m: &Mutator<'h>,
    iolist: Term<'h>,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Raise<'h>> {
    let visited = walk(m.heap(), iolist.word(), &mut |piece| {
        match piece {
            Piece::Byte(byte) => take(&[byte]),
            Piece::Bits(_, bits) if !bits.is_binary() => return None,
            Piece::Bits(_, bits) => match bits.aligned() {
                Some(bytes) => take(bytes),
                None => take(&bits.to_vec()),
            },
        }
        Some(())
    });
    visited.ok_or(Raise::BADARG)
}

fn iolist_to_binary<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match m.bits(a[0]) {
        Some(bits) if bits.is_binary() => Ok(a[0]),
        Some(_) => Err(Raise::BADARG),
        None => {
            let bytes = to_bytes(m, a[0])?;
            Ok(from_bytes(m, bytes)?)
        }
    }
}

fn iolist_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = size(m.heap(), a[0].word()).ok_or(Raise::BADARG)?;
    Ok(m.integer(size as i64)?)
}

fn list_to_binary<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    if bits(m, a[0]).is_ok() {
        return Err(Raise::BADARG);
    }
    let bytes = to_bytes(m, a[0])?;
    Ok(from_bytes(m, bytes)?)
}

fn list_to_bitstring<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let heap = m.heap();
    if heap.is_bits(a[0].word()) {
        return Err(Raise::BADARG);
    }
    let mut size = 0usize;
    let counted = walk(heap, a[0].word(), &mut |piece| {
        size = size.checked_add(if let Piece::Bits(_, bits) = piece { bits.size } else { 8 })?;
        Some(())
    });
    counted.ok_or(Raise::BADARG)?;
    let mut builder = BitBuilder::on(room(heap, size.div_ceil(8))?);
    walk(heap, a[0].word(), &mut |piece| {
        match piece {
            Piece::Byte(byte) => builder.push_big(u64::from(byte), 8),
            Piece::Bits(_, bits) => builder.push_run(bits),
        }
        Some(())
    })
    .expect("the same walk went through before");
    let (bytes, size) = builder.into_bytes();
    Ok(from_bits(m, bytes, size)?)
}

/// A part of an I/O vector.
enum Part {
    Joined(Vec<u8>),
    Whole(Word),
}

fn iolist_to_iovec<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let heap = m.heap();
    let mut parts: Vec<Part> = Vec::new();
    let mut total = 0usize;
    let visited = walk(heap, a[0].word(), &mut |piece| {
        let mut byte = [0];
        let owned;
        let bytes = match piece {
            Piece::Byte(b) => {
                byte[0] = b;
                &byte[..]
            }
            Piece::Bits(_, bits) if !bits.is_binary() => return None,
            Piece::Bits(word, bits) if bits.size / 8 > JOINED_BYTES_MAX => {
                parts.push(Part::Whole(word));
                return Some(());
            }
            Piece::Bits(_, bits) => {
                owned = bits.to_vec();
                &owned
            }
        };
        total = total.saturating_add(bytes.len());
        match parts.last_mut() {
            _ if bytes.is_empty() || total / 8 > heap.policy.ceiling_words => {}
            Some(Part::Joined(joined)) => joined.extend_from_slice(bytes),
            _ => parts.push(Part::Joined(bytes.to_vec())),
        }
        Some(())
    });
    visited.ok_or(Raise::BADARG)?;
    if total / 8 > heap.policy.ceiling_words {
        return Err(HeapFull.into());
    }
    let mut vector = Vec::with_capacity(parts.len());
    for part in parts {
        vector.push(match part {
            Part::Joined(bytes) => from_bytes(m, bytes)?,
            Part::Whole(word) => Term::of(word),
        });
    }
    Ok(m.list(&vector)?)
}
