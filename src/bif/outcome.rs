//! What native functions are given and what they answer.

use crate::code::ExportId;
use crate::heap::HeapFull;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::process::Control;
pub use crate::process::request::Answer;
use crate::term::Atom;
use crate::time::Deadline;
use crate::world::World;

/// The class of an exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    Error,
    Exit,
    Throw,
}

impl Class {
    pub fn atom(self) -> Atom {
        match self {
            Class::Error => Atom::ERROR,
            Class::Exit => Atom::EXIT_CLASS,
            Class::Throw => Atom::THROW,
        }
    }
}

/// An exception that a native function raises.
#[derive(Clone, Copy, Debug)]
pub enum Raise<'h> {
    /// An `error` with this atom as reason.
    Error(Atom),
    /// The same, and the atom that stands as `cause` in the trace's `error_info`.
    Caused(Atom, Atom),
    /// Any class and reason; the trace starts at the caller.
    With(Class, Term<'h>),
    /// `erlang:raise/3`: the trace is given.
    Traced(Class, Term<'h>, Term<'h>),
    /// `erlang:error/2,3`: an `error` with this reason; the list of arguments, where there is one, stands in
    /// the trace's first entry, and so does `{error_info, Map}`.
    WithArguments { reason: Term<'h>, arguments: Option<Term<'h>>, error_info: Option<Term<'h>> },
    /// No room: ends the process.
    HeapFull,
}

impl Raise<'_> {
    pub const BADARG: Raise<'static> = Raise::Error(Atom::BADARG);
    /// A bad option among good arguments.
    pub const BADOPT: Raise<'static> = Raise::Caused(Atom::BADARG, Atom::BADOPT);
    pub const BADARITH: Raise<'static> = Raise::Error(Atom::BADARITH);
    pub const SYSTEM_LIMIT: Raise<'static> = Raise::Error(Atom::SYSTEM_LIMIT);
}

impl From<HeapFull> for Raise<'_> {
    fn from(_: HeapFull) -> Self {
        Raise::HeapFull
    }
}

pub type PureResult<'h> = Result<Term<'h>, Raise<'h>>;

/// What an effect, or a function on the own process, came to.
#[derive(Debug)]
pub enum Outcome<'h> {
    Value(Term<'h>),
    /// Continue in this function with these arguments, in place of the native call.
    Call(ExportId, Vec<Term<'h>>),
    /// Call a fun with these arguments, in place of the native call.
    CallFun(Term<'h>, Vec<Term<'h>>),
    /// `erlang:hibernate/3`.
    Hibernate(ExportId, Vec<Term<'h>>),
    /// The value comes with the reply to this request signal, which has been sent: the process waits as
    /// [`crate::process::Waiting::Reply`] says and goes on with what `Process::answered` gives.
    Await(RefId, Answer),
    /// As `receive after` this deadline without patterns would: the value is `ok` then.
    SleepUntil(Deadline),
    /// End the slice; the value is `true`.
    YieldNow,
    /// `garbage_collect/0`: the value is `true`.
    Collect,
    /// The process ends now, uncatchably.
    ExitSelf(Parcel),
}

impl<'h> From<Term<'h>> for Outcome<'h> {
    fn from(term: Term<'h>) -> Self {
        Outcome::Value(term)
    }
}

pub type EffectResult<'h> = Result<Outcome<'h>, Raise<'h>>;

/// The own process, for functions that reach no further.
pub struct Local<'h, 'p> {
    pub m: Mutator<'h>,
    pub control: &'p mut Control,
}

/// The own process and the world.
pub struct Ctx<'h, 'p> {
    pub m: Mutator<'h>,
    pub control: &'p mut Control,
    pub world: &'p mut dyn World,
}
