//! Which objects input and output touch, for an exploring run: [`crate::dependence`] says which of them clash.
//!
//! A call of a process touches the runtime's books alone: the descriptor, who owns it, the operation by its name; and, of
//! an operation that may have to wait, the sockets that say whether it does. A completion touches those and the kernel
//! ([`crate::kernel::touch`]). Invariant: an operation begins and ends on a descriptor without a clash with others on it,
//! while closing one clashes with all of them.

use super::SimWorld;
use crate::dependence::{Kind, Mode};
use crate::digest::fold;
use crate::kernel::touch::{Touched, Touches};
use warpbeam::fd::life::State;
use warpbeam::fd::{FdId, RawFd};
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::ring::pending::Role;
use warpbeam::ring::request::OpId;
use warpbeam::ring::{Call, Request};

impl SimWorld {
    fn ref_hash(&self, name: RefId) -> u64 {
        fold(self.births.pid_hash(Pid::from_payload(name.creator)), name.count)
    }

    fn touch_descriptor(&mut self, fd: FdId, mode: Mode) {
        self.touch_object(Kind::Descriptor, self.ref_hash(fd.0), mode);
    }

    /// An operation in flight, or its timer.
    pub(super) fn touch_operation(&mut self, name: RefId) {
        self.touch_object(Kind::Operation, self.ref_hash(name), Mode::Write);
    }

    fn touch_owned(&mut self, owner: Pid, mode: Mode) {
        self.touch(Kind::Owned, owner, mode);
    }

    /// A process may own a descriptor no more.
    fn touch_loss(&mut self, fd: FdId) {
        if let Some(owner) = self.ring.desk.fds.get(fd).map(|row| row.owner) {
            self.touch_owned(owner, Mode::Part);
        }
    }

    /// The descriptors of a process, but those that somebody closes already.
    pub(super) fn open_ones(&self, owner: Pid) -> impl Iterator<Item = FdId> + '_ {
        let fds = &self.ring.desk.fds;
        let closing = |fd| matches!(fds.get(fd).map(|row| row.life.state()), Some(State::Closing(_)));
        fds.owned_by(owner).filter(move |&fd| !closing(fd))
    }

    /// What a process is about to ask of its descriptors.
    #[inline]
    pub(super) fn touch_call(&mut self, me: Pid, call: &Call) {
        if self.watch.is_some() {
            self.touch_call_now(me, call);
        }
    }

    #[inline(never)]
    fn touch_call_now(&mut self, me: Pid, call: &Call) {
        match call {
            Call::Create(fd) => {
                self.touch_descriptor(*fd, Mode::Write);
                self.touch_owned(me, Mode::Write);
            }
            Call::Begin(order) => {
                self.touch_operation(order.name);
                if let Some(opened) = order.opens {
                    self.touch_descriptor(opened, Mode::Write);
                }
                let Some(fd) = order.fd else { return };
                self.touch_descriptor(fd, Mode::Read);
                let Some(State::Open(raw)) = self.ring.desk.fds.get(fd).map(|row| row.life.state()) else {
                    return;
                };
                match self.ring.desk.ring.awaits(raw, &order.request) {
                    Some(parts) => parts.into_iter().for_each(|part| self.touch_part(part, Mode::Read)),
                    None => self.touch_object(Kind::Kernel, 0, Mode::Write),
                }
            }
            Call::Close { fd, name, .. } => {
                self.touch_operation(*name);
                self.touch_descriptor(*fd, Mode::Write);
                self.touch_loss(*fd);
            }
            Call::LetGo(fd) => {
                self.touch_descriptor(*fd, Mode::Write);
                self.touch_loss(*fd);
            }
            Call::Cancel(name) => self.touch_operation(*name),
            Call::SetOwner(fd, owner) => {
                self.touch_descriptor(*fd, Mode::Write);
                let before = self.ring.desk.fds.get(*fd).map(|row| row.owner);
                for owner in before.into_iter().chain([*owner]) {
                    self.touch_owned(owner, Mode::Write);
                }
            }
            Call::OwnerEnds => {
                self.touch_owned(me, Mode::Write);
                let owned: Vec<FdId> = self.open_ones(me).collect();
                for fd in owned {
                    self.touch_descriptor(fd, Mode::Write);
                }
            }
            Call::ShutDown => self.touch_object(Kind::Kernel, 0, Mode::Write),
        }
    }

    /// Whether a process that ends owns descriptors.
    pub(super) fn touch_whether_owns(&mut self, me: Pid) {
        if self.watch.is_some() && self.ring.used {
            self.touch_owned(me, Mode::Whole);
        }
    }

    /// What a completion touches.
    pub(super) fn touch_completion(&mut self, id: OpId) {
        if self.watch.is_none() {
            return;
        }
        if let Some(pending) = self.ring.desk.register.get(id) {
            let (name, role) = (pending.name, pending.role);
            self.touch_operation(name);
            if let Role::Opens { opened: fd, .. } | Role::Closes(fd) = role {
                self.touch_descriptor(fd, Mode::Write);
            }
            if let Role::Opens { opened, .. } = role {
                // It goes if it was not opened.
                self.touch_loss(opened);
            }
            if let Some(fd) = role.used() {
                // The last that ends on a descriptor that is to be closed lets its close begin.
                let row = self.ring.desk.fds.get(fd);
                let let_go = row.is_some_and(|row| row.let_go);
                let stays = row.is_some_and(|row| matches!(row.life.state(), State::Open(_))) && !let_go;
                self.touch_descriptor(fd, if stays { Mode::Read } else { Mode::Write });
                if let_go {
                    self.touch_loss(fd);
                }
            }
        }
        self.touch_effect(self.ring.desk.ring.touches(id));
    }

    /// What a send touches that its process does itself.
    pub(super) fn touch_send_at_once(&mut self, fd: FdId, raw: RawFd) {
        if self.watch.is_none() {
            return;
        }
        self.touch_descriptor(fd, Mode::Read);
        let request = Request::TrySend { bytes: Vec::new() };
        self.touch_effect(self.ring.desk.ring.touches_on(raw, &request));
    }

    /// What takes effect touches this of the kernel. `None`: anything.
    fn touch_effect(&mut self, touches: Option<Touches>) {
        let Some(touches) = touches else {
            return self.touch_object(Kind::Kernel, 0, Mode::Write);
        };
        self.touch_object(Kind::Kernel, 0, Mode::Part);
        for (part, mode) in touches {
            self.touch_part(part, mode);
        }
    }

    fn touch_part(&mut self, part: Touched, mode: Mode) {
        let (kind, number) = match part {
            Touched::File(inode) => (Kind::KernelFile, inode.0),
            Touched::Position(opening) => (Kind::KernelPosition, opening.0),
            // The desk's descriptor is touched with the operation.
            Touched::Descriptor(_) => return,
            Touched::Paths => (Kind::KernelPaths, 0),
            Touched::Numbers => (Kind::KernelNumbers, 0),
            Touched::Socket(socket) => (Kind::KernelSocket, socket.0),
            Touched::Pipe(inode) => (Kind::KernelPipe, inode.0),
            Touched::Addresses => (Kind::KernelAddresses, 0),
        };
        self.touch_object(kind, number, mode);
    }
}
