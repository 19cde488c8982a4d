//! What can be asked of a kernel, and what it answers: plain data, the same for every ring.
//!
//! Invariants: a request owns the bytes that it is about, and its completion gives them back, so nobody can touch a buffer
//! that the kernel uses. The descriptor stands beside the request ([`Submission`]), never in it.

use super::buffers;
use super::errno::Errno;
use super::net::{Address, Domain, Name, Shut, SocketKind, SocketOption};
use crate::fd::RawFd;

/// Identifies a submission; rises, and is never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OpId(pub u64);

/// A path as the kernel takes it, without the zero at its end. It holds none.
pub type Path = Vec<u8>;

/// How a file is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mode {
    pub read: bool,
    pub write: bool,
    pub append: bool,
    pub truncate: bool,
    /// Make it if it is not there.
    pub create: bool,
    /// Fail if it is there.
    pub exclusive: bool,
    /// Each write is on the disk before it has ended.
    pub sync: bool,
    /// Directories can be opened too.
    pub directory: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whence {
    Start,
    Current,
    End,
}

/// How a file's content will be used: `file:advise/4`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advice {
    Normal,
    Random,
    Sequential,
    WillNeed,
    DontNeed,
    NoReuse,
}

/// Directions of readiness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interest {
    pub readable: bool,
    pub writable: bool,
}

/// Everything that a ring can do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    // Files, by path.
    Open {
        path: Path,
        mode: Mode,
    },
    Stat {
        path: Path,
        follow: bool,
    },
    ListDir {
        path: Path,
    },
    MakeDir {
        path: Path,
    },
    /// Makes a named pipe.
    MakePipe {
        path: Path,
    },
    RemoveDir {
        path: Path,
    },
    RemoveFile {
        path: Path,
    },
    Rename {
        from: Path,
        to: Path,
    },
    HardLink {
        existing: Path,
        new: Path,
    },
    SymbolicLink {
        existing: Path,
        new: Path,
    },
    ReadLink {
        path: Path,
    },
    SetPermissions {
        path: Path,
        bits: u32,
    },
    SetOwner {
        path: Path,
        uid: u32,
        gid: u32,
    },
    /// Seconds since 1970.
    SetTimes {
        path: Path,
        accessed_s: i64,
        modified_s: i64,
    },
    WorkingDir,
    SetWorkingDir {
        path: Path,
    },
    // On a descriptor.
    Close,
    /// Reads into `buffer[filled..]`: at the file's position, or at an offset.
    Read {
        at: Option<u64>,
        buffer: Vec<u8>,
        filled: usize,
    },
    /// Writes `bytes[from..]`.
    Write {
        at: Option<u64>,
        bytes: Vec<u8>,
        from: usize,
    },
    Seek {
        offset: i64,
        whence: Whence,
    },
    Sync {
        data_only: bool,
    },
    /// Cuts the file at its position.
    Truncate,
    Allocate {
        offset: u64,
        length: u64,
    },
    Advise {
        offset: u64,
        length: u64,
        advice: Advice,
    },
    StatOpen,
    // Sockets.
    Socket {
        domain: Domain,
        kind: SocketKind,
    },
    Bind {
        address: Address,
    },
    Listen {
        backlog: u32,
    },
    Accept,
    Connect {
        address: Address,
    },
    /// At most as many bytes as `buffer` is long.
    Receive {
        buffer: Vec<u8>,
    },
    Send {
        bytes: Vec<u8>,
        from: usize,
    },
    /// Sends as much as the socket takes without waiting: `eagain` where that is nothing.
    TrySend {
        bytes: Vec<u8>,
    },
    ReceiveFrom {
        buffer: Vec<u8>,
    },
    SendTo {
        bytes: Vec<u8>,
        address: Address,
    },
    Shutdown {
        how: Shut,
    },
    SetOption {
        option: SocketOption,
        value: i64,
    },
    GetOption {
        option: SocketOption,
    },
    GetName {
        name: Name,
    },
    // Waiting.
    Poll {
        interest: Interest,
    },
    Timeout {
        after_ns: u64,
    },
}

impl Request {
    /// Whether it opens a descriptor.
    pub fn opens(&self) -> bool {
        matches!(self, Request::Open { .. } | Request::Socket { .. } | Request::Accept)
    }

    /// Whether it may wait for somebody else for as long as that takes.
    pub fn may_wait(&self) -> bool {
        matches!(
            self,
            Request::Accept
                | Request::Connect { .. }
                | Request::Receive { .. }
                | Request::Send { .. }
                | Request::TrySend { .. }
                | Request::ReceiveFrom { .. }
                | Request::SendTo { .. }
                | Request::Poll { .. }
                | Request::Timeout { .. }
        )
    }

    /// Whether it is done in no time: a call that only looks or sets something.
    pub fn is_quick(&self) -> bool {
        matches!(
            self,
            Request::Socket { .. }
                | Request::Bind { .. }
                | Request::Listen { .. }
                | Request::Shutdown { .. }
                | Request::SetOption { .. }
                | Request::GetOption { .. }
                | Request::GetName { .. }
        )
    }

    pub fn is_timeout(&self) -> bool {
        matches!(self, Request::Timeout { .. })
    }

    /// The name in traces.
    pub fn name(&self) -> &'static str {
        match self {
            Request::Open { .. } => "open",
            Request::Stat { .. } => "stat",
            Request::ListDir { .. } => "list directory",
            Request::MakeDir { .. } => "make directory",
            Request::MakePipe { .. } => "make pipe",
            Request::RemoveDir { .. } => "remove directory",
            Request::RemoveFile { .. } => "remove file",
            Request::Rename { .. } => "rename",
            Request::HardLink { .. } | Request::SymbolicLink { .. } => "link",
            Request::ReadLink { .. } => "read link",
            Request::SetPermissions { .. } | Request::SetOwner { .. } | Request::SetTimes { .. } => "set",
            Request::WorkingDir | Request::SetWorkingDir { .. } => "working directory",
            Request::Close => "close",
            Request::Read { .. } => "read",
            Request::Write { .. } => "write",
            Request::Seek { .. } => "seek",
            Request::Sync { .. } => "sync",
            Request::Truncate => "truncate",
            Request::Allocate { .. } => "allocate",
            Request::Advise { .. } => "advise",
            Request::StatOpen => "stat",
            Request::Socket { .. } => "socket",
            Request::Bind { .. } => "bind",
            Request::Listen { .. } => "listen",
            Request::Accept => "accept",
            Request::Connect { .. } => "connect",
            Request::Receive { .. } | Request::ReceiveFrom { .. } => "receive",
            Request::Send { .. } | Request::TrySend { .. } | Request::SendTo { .. } => "send",
            Request::Shutdown { .. } => "shutdown",
            Request::SetOption { .. } | Request::GetOption { .. } => "socket option",
            Request::GetName { .. } => "socket name",
            Request::Poll { .. } => "poll",
            Request::Timeout { .. } => "timeout",
        }
    }
}

/// A request on its way to a kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission {
    pub id: OpId,
    /// What it is done on, where it is done on a descriptor.
    pub fd: Option<RawFd>,
    pub request: Request,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    Regular,
    Directory,
    SymbolicLink,
    Device,
    Other,
}

/// What is known of a file. Times are seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    pub kind: FileKind,
    pub size: u64,
    /// Permission bits and type, as in `st_mode`.
    pub mode: u32,
    pub links: u64,
    pub major_device: u64,
    pub minor_device: u64,
    pub inode: u64,
    pub uid: u32,
    pub gid: u32,
    pub accessed_s: i64,
    pub modified_s: i64,
    pub changed_s: i64,
    /// Whether this program may read it, and write it.
    pub readable: bool,
    pub writable: bool,
}

/// What a request came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    Done,
    /// A new descriptor; of `Accept`, with the peer's address.
    Opened(RawFd, Option<Address>),
    /// Bytes read into the buffer, or written.
    Count(usize),
    /// A datagram of so many bytes, from somebody.
    Datagram(usize, Address),
    Position(u64),
    Stat(Box<Stat>),
    /// Names in a directory, in no order.
    Names(Vec<Path>),
    Path(Path),
    Address(Address),
    Option(i64),
    Ready(Interest),
}

/// The one answer to a submission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    pub id: OpId,
    pub result: Result<Value, Errno>,
    /// The submitted request, with its buffers.
    pub request: Request,
}

impl Completion {
    /// Everybody has been told who is to be.
    pub fn is_over(self) {
        if let Request::Receive { buffer } | Request::ReceiveFrom { buffer } = self.request {
            buffers::give_back(buffer);
        }
    }
}
