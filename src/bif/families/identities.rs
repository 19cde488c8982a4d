//! Pids, ports and references as text and back.
//!
//! Invariant: what was printed reads back as the same identity. Source: the documentation of `erlang`. A pid's
//! middle number is all of its identity here, so the last one is always 0, and the numbers may be larger than OTP's.

use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::RefId;
use crate::process::pid::Pid;

natives! { ROWS:
    pure "erlang" "pid_to_list" 1 = pid_to_list;
    pure "erlang" "list_to_pid" 1 = list_to_pid;
    pure "erlang" "ref_to_list" 1 = ref_to_list;
    pure "erlang" "list_to_ref" 1 = list_to_ref;
    pure "erlang" "port_to_list" 1 = port_to_list;
    pure "erlang" "list_to_port" 1 = list_to_port;
}

/// Bits of a pid's or port's identity.
const IDENTITY_BITS: u32 = 60;

fn shown<'h>(m: &mut Mutator<'h>, term: Term<'h>, is_one: bool) -> PureResult<'h> {
    if !is_one {
        return Err(Raise::BADARG);
    }
    let text = m.show(term);
    Ok(m.text_list(&text)?)
}

/// The numbers between `start` and `>` in a list's text, with points between them.
fn numbers<'h>(m: &Mutator<'h>, list: Term<'h>, start: &str) -> Option<Vec<u64>> {
    let character = |t: Term<'h>| t.as_small().and_then(|n| u8::try_from(n).ok()).map(char::from);
    let text: String = m.list_elements(list)?.into_iter().map(character).collect::<Option<_>>()?;
    let inner = text.strip_prefix(start)?.strip_suffix('>')?;
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    inner.split('.').map(number).collect()
}

fn pid_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    shown(m, a[0], a[0].is_pid())
}

fn list_to_pid<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match numbers(m, a[0], "<").as_deref() {
        Some(&[0, identity, 0])
            if identity >> IDENTITY_BITS == 0 && !Pid::from_payload(identity).is_port() =>
        {
            Ok(Term::of(Pid::from_payload(identity).word()))
        }
        _ => Err(Raise::BADARG),
    }
}

fn ref_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let is_one = m.heap().reference(a[0].word()).is_some();
    shown(m, a[0], is_one)
}

fn list_to_ref<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match numbers(m, a[0], "#Ref<").as_deref() {
        Some(&[0, creator, high, low]) if high >> 32 == 0 && low >> 32 == 0 => {
            Ok(m.reference(RefId { creator, count: high << 32 | low })?)
        }
        _ => Err(Raise::BADARG),
    }
}

fn port_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let is_one = a[0].word().is_port();
    shown(m, a[0], is_one)
}

fn list_to_port<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match numbers(m, a[0], "#Port<").as_deref() {
        Some(&[0, identity]) if identity >> IDENTITY_BITS == 0 => {
            Ok(Term::of(Pid::from_payload(identity).port().word()))
        }
        _ => Err(Raise::BADARG),
    }
}
