//! Timers. Source: `erlang:start_timer/3,4`, `send_after/3,4`, `cancel_timer/1,2`, `read_timer/1,2`.

use super::arguments::{boolean, list, option, reference};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::parcel::{Parcel, Part};
use crate::heap::read::RefId;
use crate::planted;
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::term::{Atom, Word};
use crate::time::{Deadline, Instant};
use crate::world::{NewTimer, TimerTarget};

crate::bif::table::natives! { ROWS:
    effect "erlang" "start_timer" 3 = start_timer3, StartTimer 1;
    effect "erlang" "start_timer" 4 = start_timer4, StartTimer 1;
    effect "erlang" "send_after" 3 = send_after3, StartTimer 1;
    effect "erlang" "send_after" 4 = send_after4, StartTimer 1;
    effect "erlang" "cancel_timer" 1 = cancel_timer1, CancelTimer 0;
    effect "erlang" "cancel_timer" 2 = cancel_timer2, CancelTimer 0;
    effect "erlang" "read_timer" 1 = read_timer1, ReadTimer 0;
    effect "erlang" "read_timer" 2 = read_timer2, ReadTimer 0;
}

/// What a timer sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sends {
    /// The message itself.
    Message,
    /// `{timeout, Timer, Message}`.
    Timeout,
}

fn start_timer3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    start(ctx, args, false, Sends::Timeout)
}

fn start_timer4<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let absolute = is_absolute(&ctx.m, args[3])?;
    start(ctx, args, absolute, Sends::Timeout)
}

fn send_after3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    start(ctx, args, false, Sends::Message)
}

fn send_after4<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let absolute = is_absolute(&ctx.m, args[3])?;
    start(ctx, args, absolute, Sends::Message)
}

fn is_absolute<'h>(m: &Mutator<'h>, options: Term<'h>) -> Result<bool, Raise<'h>> {
    let mut absolute = false;
    for term in list(m, options).map_err(|_| Raise::BADOPT)? {
        absolute = match option(m, term) {
            Some((Atom::ABS, value)) => boolean(value).ok_or(Raise::BADOPT)?,
            _ => return Err(Raise::BADOPT),
        };
    }
    Ok(absolute)
}

/// The latest time of a timer, in milliseconds since the beginning: OTP's end of time.
const END_MS: u64 = 9_223_372_035_000;
/// The earliest time that OTP has, seen from the beginning.
const BEGIN_MS: i64 = -576_460_752_000;
const MS_NS: u64 = 1_000_000;

fn start<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>], absolute: bool, sends: Sends) -> EffectResult<'h> {
    let bad_time = Raise::Caused(Atom::BADARG, Atom::TIME);
    let ms = args[0].as_small().ok_or(bad_time)?;
    // Times before the beginning are past, but not before OTP's.
    let ms = if absolute && (BEGIN_MS..0).contains(&ms) { 0 } else { ms };
    let ms = u64::try_from(ms).map_err(|_| bad_time)?;
    let start_ns = if absolute { 0 } else { ctx.world.now().ns };
    if ms > END_MS.saturating_sub(start_ns / MS_NS) {
        return Err(bad_time);
    }
    let target = match args[1].as_atom() {
        Some(name) => TimerTarget::Name(name),
        None => TimerTarget::Pid(Pid::of_word(args[1].word()).ok_or(Raise::BADARG)?),
    };
    let deadline = Deadline(Instant { ns: start_ns + ms * MS_NS });
    let id = ctx.control.next_reference();
    let timer = ctx.m.reference(id)?;
    let message = match sends {
        Sends::Message => args[2],
        Sends::Timeout => ctx.m.tuple(&[Term::atom(Atom::TIMEOUT), timer, args[2]])?,
    };
    let message = ctx.m.heap_mut().parcel(message.word())?;
    if target == TimerTarget::Pid(ctx.control.pid) {
        ctx.control.timers_started += 1;
    }
    ctx.world.start_timer(ctx.control.pid, NewTimer { id, deadline, target, message });
    Ok(timer.into())
}

/// Milliseconds left until a deadline, a part counting as a whole, or `false`.
fn left(ctx: &mut Ctx<'_, '_>, deadline: Option<Deadline>) -> Word {
    let Some(Deadline(at)) = deadline else { return Word::FALSE };
    let ns = at.ns.saturating_sub(ctx.world.now().ns);
    Word::small(ns.div_ceil(MS_NS) as i64)
}

/// How the result of cancelling or reading a timer is told.
#[derive(Clone, Copy)]
struct Telling {
    asynchronous: bool,
    info: bool,
}

/// The value of a call, or a message `{Name, Timer, Result}`.
fn tell<'h>(
    ctx: &mut Ctx<'h, '_>,
    name: Atom,
    timer: RefId,
    result: Word,
    telling: Telling,
) -> EffectResult<'h> {
    match telling {
        Telling { info: false, .. } => Ok(Term::atom(Atom::OK).into()),
        Telling { asynchronous: false, .. } => Ok(Term::of(result).into()),
        Telling { asynchronous: true, .. } => {
            let parts = [Part::Word(Word::atom(name)), Part::Reference(timer), Part::Word(result)];
            ctx.control.send_self(Signal::Message(Parcel::tuple(&parts)), ctx.world);
            Ok(Term::atom(Atom::OK).into())
        }
    }
}

fn telling<'h>(m: &Mutator<'h>, options: Term<'h>, may_skip_info: bool) -> Result<Telling, Raise<'h>> {
    let mut telling = Telling { asynchronous: false, info: true };
    for term in list(m, options)? {
        match option(m, term) {
            Some((Atom::ASYNC, value)) => telling.asynchronous = boolean(value).ok_or(Raise::BADARG)?,
            Some((Atom::INFO, value)) if may_skip_info => {
                telling.info = boolean(value).ok_or(Raise::BADARG)?;
            }
            _ => return Err(Raise::BADARG),
        }
    }
    Ok(telling)
}

fn cancel<'h>(ctx: &mut Ctx<'h, '_>, timer: RefId, telling: Telling) -> EffectResult<'h> {
    let deadline = ctx.world.cancel_timer(timer);
    if planted!(CancelDropsMessage) && deadline.is_none() {
        ctx.control.mailbox.unread.pop_back();
    }
    let left = left(ctx, deadline);
    tell(ctx, Atom::CANCEL_TIMER, timer, left, telling)
}

fn cancel_timer1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let timer = reference(&ctx.m, args[0])?;
    cancel(ctx, timer, Telling { asynchronous: false, info: true })
}

fn cancel_timer2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let timer = reference(&ctx.m, args[0])?;
    let telling = telling(&ctx.m, args[1], true)?;
    cancel(ctx, timer, telling)
}

fn read<'h>(ctx: &mut Ctx<'h, '_>, timer: RefId, telling: Telling) -> EffectResult<'h> {
    let deadline = ctx.world.read_timer(timer);
    let left = left(ctx, deadline);
    tell(ctx, Atom::READ_TIMER, timer, left, telling)
}

fn read_timer1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let timer = reference(&ctx.m, args[0])?;
    read(ctx, timer, Telling { asynchronous: false, info: true })
}

fn read_timer2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let timer = reference(&ctx.m, args[0])?;
    let telling = telling(&ctx.m, args[1], false)?;
    read(ctx, timer, telling)
}
