//! The rows' types, and finding a row by name.

use super::ets_object::table_object;
use super::families;
use super::outcome::{Ctx, EffectResult, Local, PureResult};
use crate::code::ExportId;
use crate::heap::Heap;
use crate::heap::mutator::{Mutator, Term};
use crate::process::Control;
use crate::process::pid::Pid;
use crate::term::atom::FixedMap;
use crate::term::{Atom, Word};
use crate::world::{Object, Op, OpKind, World};
use std::sync::OnceLock;

/// Number of a native function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NativeIx(pub u16);

/// What the scheduler is told before an effect happens: its kind, and the argument that is its object.
#[derive(Clone, Copy, Debug)]
pub struct Visible {
    pub kind: OpKind,
    /// Index of the argument that names the object: a pid, a registered name or a reference.
    pub object: Option<u8>,
}

pub type PureFn = for<'h> fn(&mut Mutator<'h>, &[Term<'h>]) -> PureResult<'h>;
pub type LocalFn = for<'h, 'p> fn(&mut Local<'h, 'p>, &[Term<'h>]) -> EffectResult<'h>;
pub type EffectFn = for<'h, 'p> fn(&mut Ctx<'h, 'p>, &[Term<'h>]) -> EffectResult<'h>;

#[derive(Clone, Copy)]
pub enum Body {
    Guard(PureFn),
    Pure(PureFn),
    Local(LocalFn),
    Effect(EffectFn, Visible),
}

/// A row.
#[derive(Clone, Copy)]
pub struct Native {
    pub module: &'static str,
    pub function: &'static str,
    pub arity: u8,
    pub body: Body,
}

impl Visible {
    /// The operation that a call with these arguments is. In line, so that it is made where it is passed on from:
    /// copied just after it was written, it would make the processor wait.
    #[inline(always)]
    pub fn op(&self, heap: &Heap, control: &Control, world: &mut dyn World, arguments: &[u64]) -> Op {
        if self.kind.is_ets() {
            return Op::new(self.kind, table_object(self.kind, heap, world, arguments));
        }
        if let OpKind::CounterRead | OpKind::CounterAdd | OpKind::CounterWrite = self.kind {
            return Op::new(self.kind, counter_object(heap, arguments));
        }
        if self.kind == OpKind::Cell {
            return cell_op(heap, arguments[0]);
        }
        if self.kind == OpKind::TrapExit {
            return trap_exit_op(control, arguments);
        }
        let word = self.object.and_then(|i| arguments.get(i as usize)).map(|&w| Word(w));
        let object = match word {
            _ if matches!(self.kind, OpKind::ListAll | OpKind::Accounts) => Object::Everything,
            Some(word) if word.is_pid() || word.is_port() => {
                Object::Process(Pid::of_actor(word).expect("the tag says that it is one"))
            }
            Some(word) if word.is_atom() => Object::Name(word.as_atom().expect("the tag says atom")),
            Some(word) if word.is_boxed() => self.boxed_object(heap, control, word),
            _ => Object::Nothing,
        };
        Op::new(self.kind, object)
    }

    /// What a reference, or `{Name, Node}`, names to this kind of operation.
    #[inline(never)]
    fn boxed_object(&self, heap: &Heap, control: &Control, word: Word) -> Object {
        if let Some(&[name, _node]) = heap.tuple(word) {
            return Word(name).as_atom().map_or(Object::Nothing, Object::Name);
        }
        let Some(reference) = heap.reference(word) else { return Object::Nothing };
        match self.kind {
            OpKind::CancelTimer | OpKind::ReadTimer => Object::Timer(reference.count),
            OpKind::Send => Object::Process(reference.creator_pid()),
            OpKind::Demonitor if reference.creator == control.pid.payload() => {
                let monitoring = control.monitoring.get(reference.count);
                monitoring.and_then(|m| m.target).map_or(Object::Nothing, Object::Process)
            }
            _ => Object::Nothing,
        }
    }
}

/// The integer of a shared array that the first two arguments name.
fn counter_object(heap: &Heap, arguments: &[u64]) -> Object {
    let Some(reference) = heap.reference(Word(arguments[0])) else { return Object::Nothing };
    let array = reference.creator ^ reference.count.rotate_left(40);
    let index = Word(arguments[1]).as_small().and_then(|n| u32::try_from(n).ok());
    index.map_or(Object::Nothing, |index| Object::Counter { array, index })
}

/// Of a process's flags only this one decides what signals do to it, and only where it changes.
#[inline(never)]
fn trap_exit_op(control: &Control, arguments: &[u64]) -> Op {
    let changes = Word(arguments[0]).as_atom() == Some(Atom::TRAP_EXIT)
        && arguments[1] != Word::boolean(control.trap_exit).0;
    Op::of(if changes { OpKind::TrapExit } else { OpKind::MakeCounters })
}

/// Of a buffer or stream that was never sent nobody else can tell, so nothing of it is visible.
#[inline(never)]
fn cell_op(heap: &Heap, cell: u64) -> Op {
    let cell = Word(cell);
    match heap.handle(cell) {
        Some(handle) if heap.is_lent(cell) => {
            let array = handle.id.creator ^ handle.id.count.rotate_left(40);
            Op::new(OpKind::Cell, Object::Counter { array, index: 0 })
        }
        _ => Op::new(OpKind::MakeCounters, Object::Nothing),
    }
}

/// Writes a family's rows:
///
/// ```text
/// natives! { ROWS:
///     guard "erlang" "abs" 1 = abs;
///     pure "lists" "reverse" 2 = reverse2;
///     local "erlang" "get" 1 = get1;
///     effect "erlang" "whereis" 1 = whereis, Whereis 0;   // kind, index of the object's argument
///     effect "erlang" "processes" 0 = processes, ListAll;
/// }
/// ```
macro_rules! natives {
    ($name:ident: $($class:ident $module:literal $function:literal $arity:literal = $body:path
        $(, $kind:ident $($object:literal)?)?;)*) => {
        pub(crate) const $name: &[$crate::bif::Native] = &[$($crate::bif::Native {
            module: $module,
            function: $function,
            arity: $arity,
            body: $crate::bif::table::natives!(@$class $body $(, $kind $($object)?)?),
        }),*];
    };
    (@guard $body:path) => { $crate::bif::Body::Guard($body) };
    (@pure $body:path) => { $crate::bif::Body::Pure($body) };
    (@local $body:path) => { $crate::bif::Body::Local($body) };
    (@effect $body:path, $kind:ident) => {
        $crate::bif::Body::Effect($body, $crate::bif::Visible { kind: $crate::world::OpKind::$kind, object: None })
    };
    (@effect $body:path, $kind:ident $object:literal) => {
        $crate::bif::Body::Effect(
            $body,
            $crate::bif::Visible { kind: $crate::world::OpKind::$kind, object: Some($object) },
        )
    };
}
pub(crate) use natives;

struct Table {
    rows: Vec<Native>,
    /// Module and function of each row.
    names: Vec<(Atom, Atom)>,
    by_name: FixedMap<ExportId, NativeIx>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows: Vec<Native> = families::ALL.iter().flat_map(|family| family.iter().copied()).collect();
        let name = |row: &Native| (Atom::known(row.module), Atom::known(row.function));
        let names: Vec<(Atom, Atom)> = rows.iter().map(name).collect();
        let mut by_name = FixedMap::default();
        for (i, row) in rows.iter().enumerate() {
            let export =
                ExportId::new(Atom::known(row.module), Atom::known(row.function), u32::from(row.arity));
            let twice = by_name.insert(export, NativeIx(i as u16));
            assert!(twice.is_none(), "{}:{}/{} has two rows", row.module, row.function, row.arity);
        }
        Table { rows, names, by_name }
    })
}

/// The row of a native function.
#[inline]
pub fn native(ix: NativeIx) -> &'static Native {
    &table().rows[ix.0 as usize]
}

/// Module and function of a native function.
pub fn name(ix: NativeIx) -> (Atom, Atom) {
    table().names[ix.0 as usize]
}

/// All rows, for callers that index them often.
pub fn rows() -> &'static [Native] {
    &table().rows
}

/// The native function of a name.
pub fn lookup(export: ExportId) -> Option<NativeIx> {
    table().by_name.get(&export).copied()
}

/// Every row with its name's number.
pub fn exports() -> impl Iterator<Item = (ExportId, NativeIx)> {
    table().by_name.iter().map(|(&export, &ix)| (export, ix))
}
