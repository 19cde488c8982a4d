//! What completions touch: two that touch nothing in common in modes that clash can come in either order.
//!
//! Files clash by inode and by the position of their opening; names of files, free numbers (of descriptors and sockets) and
//! addresses (with the ports that are given out) are one object each. Invariant: what an operation touches depends only on
//! what it touches, so that it is the same in every order of operations that it commutes with.

use super::disk::Inode;
use super::numbers::{Open, Opening};
use super::pipe;
use super::socket::{SocketId, State};
use super::{Kernel, Subject};
use crate::dependence::Mode;
use warpbeam::fd::RawFd;
use warpbeam::ring::request::{OpId, Request};

/// A part of the kernel that an operation changes or looks at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Touched {
    /// What is in a file, and its attributes.
    File(Inode),
    /// Where an opening reads and writes.
    Position(Opening),
    /// Whether a descriptor of a file is open.
    Descriptor(RawFd),
    /// The tree of directories.
    Paths,
    /// Which numbers of descriptors are free; of sockets, the next one.
    Numbers,
    Socket(SocketId),
    /// What is in a pipe, and who has its ends.
    Pipe(Inode),
    /// Who has which address and listens there, and the next free port.
    Addresses,
}

pub type Touches = Vec<(Touched, Mode)>;

impl Kernel {
    /// What a completion touches. `None`: anything.
    pub fn touches(&self, id: OpId) -> Option<Touches> {
        let submission = &self.waiting.get(&id)?.submission;
        if let Subject::Opening { pipe, .. } = self.waiting.get(&id)?.subject {
            // A pipe without a name goes with the last that opens it.
            return Some(vec![
                (Touched::Pipe(pipe), Mode::Write),
                (Touched::File(pipe), Mode::Part),
                (Touched::Numbers, Mode::Write),
            ]);
        }
        match submission.fd {
            Some(fd) => self.touches_on(fd, &submission.request),
            None => self.touches_without(&submission.request),
        }
    }

    /// What a request touches that takes effect on a descriptor. `None`: anything.
    pub fn touches_on(&self, fd: RawFd, request: &Request) -> Option<Touches> {
        match self.numbers.get(fd)? {
            Open::File(file) => {
                let mut touches = self.touches_file(fd, file.inode, request)?;
                let closes = matches!(request, Request::Close);
                touches.push((Touched::Descriptor(fd), if closes { Mode::Write } else { Mode::Read }));
                Some(touches)
            }
            &Open::Pipe(end) => Some(touches_pipe(fd, end.inode, request)),
            &Open::Socket(socket) => self.touches_socket(socket, request),
        }
    }

    /// Sockets and pipes that say whether an operation, when it is submitted, has to wait. `None`: anything.
    pub fn awaits(&self, fd: RawFd, request: &Request) -> Option<Vec<Touched>> {
        match (request, self.numbers.get(fd)) {
            (Request::Connect { .. }, _) => None,
            (request, Some(&Open::Socket(socket))) if request.may_wait() => {
                // There is room where the other end has it.
                let other = self.network.get(socket).stream().ok().and_then(|stream| stream.other);
                Some(std::iter::once(socket).chain(other).map(Touched::Socket).collect())
            }
            (request, Some(&Open::Pipe(end))) if pipe::may_wait(request) => {
                Some(vec![Touched::Pipe(end.inode)])
            }
            _ => Some(Vec::new()),
        }
    }

    fn touches_without(&self, request: &Request) -> Option<Touches> {
        use Mode::{Read, Write};
        let named = |path: &[u8], follow, mode| {
            let inode = self.disk.existing(path, follow).ok();
            inode.map(|inode| (Touched::File(inode), mode))
        };
        let mut touches = match request {
            Request::Open { mode, .. } => {
                vec![(Touched::Numbers, Write), (Touched::Paths, if mode.create { Write } else { Read })]
            }
            Request::Stat { .. }
            | Request::ListDir { .. }
            | Request::ReadLink { .. }
            | Request::WorkingDir => {
                vec![(Touched::Paths, Read)]
            }
            // Whether what loses its name goes is a matter of who has it open.
            Request::RemoveDir { .. } | Request::RemoveFile { .. } | Request::Rename { .. } => {
                vec![(Touched::Paths, Write), (Touched::Numbers, Read)]
            }
            Request::MakeDir { .. }
            | Request::MakePipe { .. }
            | Request::HardLink { .. }
            | Request::SymbolicLink { .. }
            | Request::SetPermissions { .. }
            | Request::SetOwner { .. }
            | Request::SetTimes { .. }
            | Request::SetWorkingDir { .. } => vec![(Touched::Paths, Write)],
            Request::Socket { .. } => vec![(Touched::Numbers, Write)],
            Request::Timeout { .. } => Vec::new(),
            _ => return None,
        };
        match request {
            Request::Open { path, mode } => {
                touches.extend(named(path, true, if mode.truncate { Write } else { Read }));
                touches.extend(self.opens_pipe(request).map(|(pipe, _)| (Touched::Pipe(pipe), Write)));
            }
            Request::Stat { path, follow } => touches.extend(named(path, *follow, Read)),
            Request::RemoveFile { path } | Request::RemoveDir { path } => {
                touches.extend(named(path, false, Write));
            }
            Request::Rename { to, .. } => touches.extend(named(to, false, Write)),
            Request::SetPermissions { path, .. } | Request::SetTimes { path, .. } => {
                touches.extend(named(path, true, Write));
            }
            _ => {}
        }
        Some(touches)
    }

    fn touches_file(&self, fd: RawFd, inode: Inode, request: &Request) -> Option<Touches> {
        use Mode::{Part, Read, Write};
        let (file, position) = (Touched::File(inode), Touched::Position(self.numbers.opening(fd)?));
        Some(match request {
            Request::Read { at: Some(_), .. } | Request::Advise { .. } => vec![(file, Read)],
            Request::Read { at: None, .. } | Request::Seek { .. } => vec![(file, Read), (position, Write)],
            Request::Write { at: Some(_), .. } | Request::Sync { .. } | Request::Allocate { .. } => {
                vec![(file, Write)]
            }
            Request::Write { at: None, .. } => vec![(file, Write), (position, Write)],
            Request::Truncate => vec![(file, Write), (position, Read)],
            Request::StatOpen => vec![(file, Read), (Touched::Paths, Read)],
            // A file without a name goes with its last descriptor. Numbers become free in any order.
            Request::Close => vec![(file, Part), (position, Write), (Touched::Numbers, Part)],
            _ => return None,
        })
    }

    fn touches_socket(&self, socket: SocketId, request: &Request) -> Option<Touches> {
        use Mode::{Part, Read, Write};
        let own = (Touched::Socket(socket), Write);
        let at = self.network.get(socket);
        let other = at.stream().ok().and_then(|stream| stream.other);
        let other = other.map(|other| (Touched::Socket(other), Write));
        let mut touches = vec![own];
        match (request, &at.state) {
            (
                Request::Receive { .. }
                | Request::Send { .. }
                | Request::TrySend { .. }
                | Request::Poll { .. }
                | Request::Shutdown { .. },
                State::Stream(_),
            ) => touches.extend(other),
            (Request::Receive { .. } | Request::ReceiveFrom { .. }, State::Datagrams(_)) => {}
            (Request::GetOption { .. }, _) => {}
            (Request::GetName { .. }, _) => touches = vec![(Touched::Socket(socket), Read)],
            // Some say who may have an address.
            (Request::SetOption { .. }, _) => {
                touches.extend(other);
                touches.push((Touched::Addresses, Write));
            }
            (Request::Bind { .. } | Request::Listen { .. }, _) => touches.push((Touched::Addresses, Write)),
            (Request::Accept, State::Listening { queue, .. }) => {
                touches.push((Touched::Numbers, Write));
                touches.extend(queue.front().map(|&first| (Touched::Socket(first), Write)));
            }
            (Request::Connect { address }, _) => {
                let listener = self.connects_to(socket, address);
                touches.extend(listener.map(|listener| (Touched::Socket(listener), Write)));
                touches.extend([(Touched::Addresses, Write), (Touched::Numbers, Write)]);
            }
            (Request::Close, state) => {
                touches.extend(other);
                touches.extend([(Touched::Addresses, Part), (Touched::Numbers, Part)]);
                // What a listener has in its queue goes with it.
                if let State::Listening { queue, .. } = state {
                    for &waiting in queue {
                        let other = self.network.get(waiting).stream().ok().and_then(|stream| stream.other);
                        let both = std::iter::once(waiting).chain(other);
                        touches.extend(both.map(|socket| (Touched::Socket(socket), Write)));
                    }
                }
            }
            _ => return None,
        }
        Some(touches)
    }
}

fn touches_pipe(fd: RawFd, inode: Inode, request: &Request) -> Touches {
    use Mode::{Part, Read, Write};
    let (file, pipe) = (Touched::File(inode), (Touched::Pipe(inode), Write));
    let closes = matches!(request, Request::Close);
    let mut touches = vec![(Touched::Descriptor(fd), if closes { Write } else { Read })];
    match request {
        Request::Close => touches.extend([(file, Part), pipe, (Touched::Numbers, Part)]),
        Request::StatOpen => touches.extend([(file, Read), (Touched::Paths, Read)]),
        request if pipe::may_wait(request) => touches.push(pipe),
        // It has no places and nothing to sync.
        _ => {}
    }
    touches
}
