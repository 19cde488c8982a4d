//! Calls of modules that have an `on_load` function: the first one starts it, and all wait for it.
//!
//! Invariant: a process that waits here is parked on its way into the function, so that it calls again when
//! it goes on. See `process/on_load.rs`.

use super::call::Entered;
use super::machine::{Fault, Machine, Stop};
use crate::code::{CodePtr, CodeView, ExportId};
use crate::heap::parcel::Parcel;
use crate::process::on_load::{Readiness, Version};
use crate::term::{Atom, Word};
use crate::world::{NewProcess, Object, Op, OpKind, Report, SpawnError};

impl Machine<'_> {
    /// A call with its arguments in X registers to `target`, if the module's `on_load` function lets it in.
    /// Stops with the call parked, or gives the place where to go on; `None` where the call is undefined.
    pub(super) fn enter_gated(
        &mut self,
        export: ExportId,
        target: CodePtr,
        live: usize,
        cp: u64,
        view: &CodeView,
    ) -> Result<Option<Entered>, Fault> {
        let version = Version(target.module);
        let refused = std::mem::take(&mut self.p.control.load_refused);
        if self.world.readiness(version) == Some(Readiness::Ready) {
            self.left -= 1;
            return Ok(Some(Entered::Code(target)));
        }
        if refused {
            return Ok(None);
        }
        let me = self.p.control.pid;
        let op = Op::new(OpKind::Load, Object::Name(view.module(target.module).name));
        if self.asks && !self.world.permit(me, op) {
            self.park(CodePtr::default(), cp, live);
            self.p.control.start = Some(export);
            return Ok(Some(Entered::Stop(Stop::Refused)));
        }
        match self.begin_load(version, view)? {
            Readiness::Ready => {}
            // What on_load itself calls by the module's name is not there yet.
            Readiness::Loading(loader) if loader == me => return Ok(None),
            Readiness::Loading(loader) => {
                if self.p.control.await_load(loader, self.world) {
                    self.park(CodePtr::default(), cp, live);
                    self.p.control.start = Some(export);
                    return Ok(Some(Entered::Stop(Stop::Wait)));
                }
                // It has just ended, on another thread: what came of it is known, and is not tried a second time.
                if self.world.readiness(version) != Some(Readiness::Ready) {
                    return Ok(None);
                }
            }
        }
        self.left -= 1;
        Ok(Some(Entered::Code(target)))
    }

    /// Makes the process that runs the `on_load` function, unless somebody has.
    fn begin_load(&mut self, version: Version, view: &CodeView) -> Result<Readiness, Fault> {
        let module = view.module(version.0);
        let pc = module.on_load.expect("only a module with an on_load function is gated");
        let function = module.function_at(pc).expect("the function of its instruction").name;
        let mut new = NewProcess::calling(module.name, function, Parcel::immediate(Word::NIL), 0);
        new.on_load = Some(CodePtr { module: version.0, pc });
        new.group_leader = self.p.control.group_leader;
        let begun = self.world.begin_load(&mut self.p.control, version, new);
        begun.map_err(|SpawnError::SystemLimit| Fault::error(Atom::SYSTEM_LIMIT))
    }

    /// The `on_load` function returned something else than `ok`.
    pub(super) fn load_refused(&mut self) {
        let value = self.p.heap.parcel(Word(self.xr(0)));
        let value = value.unwrap_or_else(|_| Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT)));
        let module = self.p.control.initial_call.0;
        self.world.report(Report::LoadRefused { module, value });
    }
}
