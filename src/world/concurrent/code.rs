//! Code on threads: the server's view until the program replaces a module, its own from then on.
//!
//! Invariant: `version` is that of the program's own view, 0 while there is none, and changes with it.

use super::Local;
use crate::code::{CodeError, CodeServer, CodeView, WorldCode};
use crate::sched::atomics::Lock;
use crate::term::Atom;
use crate::world::code::Code;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct SharedCode {
    version: AtomicU64,
    code: Lock<WorldCode>,
}

impl SharedCode {
    pub fn new(server: Arc<CodeServer>) -> SharedCode {
        SharedCode { version: AtomicU64::new(0), code: Lock::new(WorldCode::new(server)) }
    }

    pub fn view(&self) -> Arc<CodeView> {
        self.code.lock().view()
    }

    fn change<T>(&self, change: impl FnOnce(&mut WorldCode) -> T) -> T {
        let mut code = self.code.lock();
        let changed = change(&mut code);
        self.version.store(code.own_version().unwrap_or(0), Ordering::Release);
        changed
    }
}

impl Code for Local<'_> {
    #[inline]
    fn code_version(&self) -> u64 {
        match self.shared.own_code.version.load(Ordering::Acquire) {
            0 => self.shared.code.version(),
            own => own,
        }
    }

    fn code_view(&self) -> Arc<CodeView> {
        self.shared.own_code.view()
    }

    fn ensure_loaded(&mut self, module: Atom) -> Result<(), CodeError> {
        if self.shared.own_code.version.load(Ordering::Acquire) == 0 {
            return self.shared.code.ensure_loaded(module);
        }
        self.shared.own_code.change(|code| code.ensure_loaded(module))
    }

    fn change_code(&mut self, f: &mut dyn FnMut(&mut WorldCode)) {
        self.shared.own_code.change(f);
    }
}
