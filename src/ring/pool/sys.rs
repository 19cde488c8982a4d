//! The calls of the operating system, one request each, on whatever thread asks.
//!
//! Invariants: a descriptor is borrowed for one call; `eagain` says that the request has to wait until the descriptor
//! is ready, and only sockets and pipes that were made not to block say so. Source: Linux's manual pages,
//! sections 2 and 7.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "the door to files and sockets")]
#![allow(unsafe_code, reason = "calls of C functions, each with its own note")]

use super::address::{RawAddress, family};
use crate::fd::RawFd;
use crate::ring::errno::Errno;
use crate::ring::net::{Address, Name, Shut, SocketKind, SocketOption};
use crate::ring::request::{Advice, FileKind, Interest, Mode, Request, Stat, Value, Whence};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, IntoRawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

type Done = Result<Value, Errno>;

/// How descriptors are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blocking {
    /// Calls on sockets and pipes say `eagain` in place of waiting.
    Never,
    Allowed,
}

fn errno_of(error: &std::io::Error) -> Errno {
    Errno(error.raw_os_error().unwrap_or(libc::EINVAL))
}

fn last_errno() -> Errno {
    errno_of(&std::io::Error::last_os_error())
}

pub fn check(returned: libc::c_int) -> Result<libc::c_int, Errno> {
    if returned < 0 { Err(last_errno()) } else { Ok(returned) }
}

fn checked_size(returned: isize) -> Done {
    if returned < 0 { Err(last_errno()) } else { Ok(Value::Count(returned as usize)) }
}

fn done(result: std::io::Result<()>) -> Done {
    result.map(|()| Value::Done).map_err(|error| errno_of(&error))
}

fn count(result: std::io::Result<usize>) -> Done {
    result.map(Value::Count).map_err(|error| errno_of(&error))
}

fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// The file that a number stands for, for one call.
fn borrowed(fd: RawFd) -> ManuallyDrop<File> {
    // SAFETY: the number is open, since an operation in flight keeps its descriptor from being closed
    // (`ring::desk`), and `ManuallyDrop` keeps this value from closing it.
    ManuallyDrop::new(unsafe { File::from_raw_fd(fd.0) })
}

/// Does the request.
pub fn perform(fd: Option<RawFd>, request: &mut Request, blocking: Blocking) -> Done {
    if let Some(fd) = fd {
        return on_descriptor(fd, request, blocking);
    }
    match request {
        Request::Open { path, mode } => open(path, *mode, blocking),
        Request::Stat { path: p, follow } => stat_path(p, *follow),
        Request::ListDir { path } => list_dir(path),
        Request::MakeDir { path: p } => done(std::fs::create_dir(path(p))),
        Request::MakePipe { path } => make_pipe(path),
        Request::RemoveDir { path: p } => done(std::fs::remove_dir(path(p))),
        Request::RemoveFile { path: p } => done(std::fs::remove_file(path(p))),
        Request::Rename { from, to } => done(std::fs::rename(path(from), path(to))),
        Request::HardLink { existing, new } => done(std::fs::hard_link(path(existing), path(new))),
        Request::SymbolicLink { existing, new } => {
            done(std::os::unix::fs::symlink(path(existing), path(new)))
        }
        Request::ReadLink { path: p } => match std::fs::read_link(path(p)) {
            Ok(target) => Ok(Value::Path(target.into_os_string().into_vec())),
            Err(error) => Err(errno_of(&error)),
        },
        Request::SetPermissions { path: p, bits } => {
            done(std::fs::set_permissions(path(p), std::fs::Permissions::from_mode(*bits)))
        }
        Request::SetOwner { path: p, uid, gid } => {
            done(std::os::unix::fs::chown(path(p), Some(*uid), Some(*gid)))
        }
        Request::SetTimes { path, accessed_s, modified_s } => set_times(path, *accessed_s, *modified_s),
        Request::WorkingDir => match std::env::current_dir() {
            Ok(directory) => Ok(Value::Path(directory.into_os_string().into_vec())),
            Err(error) => Err(errno_of(&error)),
        },
        Request::SetWorkingDir { path: p } => done(std::env::set_current_dir(path(p))),
        Request::Socket { domain, kind } => socket(family(*domain), *kind, blocking),
        other => panic!("{} needs a descriptor", other.name()),
    }
}

/// Bytes that a thread copies at most while others wait for it.
const AT_ONCE_MAX: usize = 1 << 18;

/// Whether [`at_once`] is worth a try.
pub fn may_be_at_once(request: &Request) -> bool {
    match request {
        Request::Read { buffer, filled, .. } => buffer.len() - filled <= AT_ONCE_MAX,
        Request::TrySend { .. } | Request::SendTo { .. } | Request::StatOpen | Request::Seek { .. } => true,
        Request::Socket { .. } => false,
        Request::Open { mode, .. } => {
            Mode { directory: false, ..*mode } == Mode { read: true, ..Mode::default() }
        }
        quick => quick.is_quick(),
    }
}

/// Does what takes no time and waits neither for a disk nor for anybody. `None`: it would have to.
pub fn at_once(fd: Option<RawFd>, request: &mut Request) -> Option<Done> {
    if let Request::Open { path, .. } = request {
        return open_cached(path);
    }
    let fd = fd?;
    let done = match request {
        Request::Read { at, buffer, filled } => read_cached(fd, &mut buffer[*filled..], *at),
        Request::SendTo { bytes, address } => send_to(fd, bytes, address, libc::MSG_DONTWAIT),
        Request::TrySend { .. } => return Some(on_socket(fd, request, Blocking::Never)),
        _ => return Some(on_descriptor(fd, request, Blocking::Never)),
    };
    match done {
        Err(Errno::AGAIN | Errno::OPNOTSUPP) => None,
        done => Some(done),
    }
}

/// Opens a regular file to read it, if that waits for no disk. Anything else may wait for somebody: a pipe for its writer.
fn open_cached(name: &[u8]) -> Option<Done> {
    let name = std::ffi::CString::new(name).ok()?;
    let open = |flags: libc::c_int| -> Option<Result<File, Errno>> {
        // SAFETY: a structure of numbers, for which zeros are values.
        let mut how: libc::open_how = unsafe { std::mem::zeroed() };
        how.flags = (flags | libc::O_CLOEXEC) as u64;
        how.resolve = libc::RESOLVE_CACHED;
        let (path, size) = (name.as_ptr(), size_of::<libc::open_how>());
        // SAFETY: the text ends with a zero, and both it and `how`, whose size is told, live through the call.
        let fd = unsafe { libc::syscall(libc::SYS_openat2, libc::AT_FDCWD, path, &raw const how, size) };
        match checked_size(fd as isize) {
            // SAFETY: the number was opened just now, and nobody else knows it.
            Ok(_) => Some(Ok(unsafe { File::from_raw_fd(fd as i32) })),
            Err(Errno::AGAIN | Errno::NOSYS | Errno::INVAL | Errno::PERM) => None,
            Err(errno) => Some(Err(errno)),
        }
    };
    match open(libc::O_PATH)? {
        Ok(found) if !found.metadata().ok()?.is_file() => return None,
        Ok(_) => {}
        Err(errno) => return Some(Err(errno)),
    }
    Some(open(libc::O_RDONLY | libc::O_NONBLOCK)?.map(|file| {
        let fd = RawFd(file.into_raw_fd());
        // SAFETY: the number was opened just now, and the call touches no memory of ours.
        unsafe { libc::fcntl(fd.0, libc::F_SETFL, 0) };
        Value::Opened(fd, None)
    }))
}

/// Reads what lies in memory.
fn read_cached(fd: RawFd, buffer: &mut [u8], at: Option<u64>) -> Done {
    let part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let offset = at.map_or(Ok(-1), i64::try_from).map_err(|_| Errno::INVAL)?;
    // SAFETY: the number is open (see `borrowed`), and the call writes at most as many bytes as the buffer, which is ours
    // alone, has.
    checked_size(unsafe { libc::preadv2(fd.0, &raw const part, 1, offset, libc::RWF_NOWAIT) })
}

fn on_descriptor(fd: RawFd, request: &mut Request, blocking: Blocking) -> Done {
    let mut file = borrowed(fd);
    match request {
        Request::Close => {
            // SAFETY: the number is open and nobody else uses it: the desk hands a close over last, and once.
            check(unsafe { libc::close(fd.0) }).map(|_| Value::Done)
        }
        Request::Read { at: None, buffer, filled } => count(file.read(&mut buffer[*filled..])),
        Request::Read { at: Some(at), buffer, filled } => count(file.read_at(&mut buffer[*filled..], *at)),
        Request::Write { at: None, bytes, from } => count(file.write(&bytes[*from..])),
        Request::Write { at: Some(at), bytes, from } => count(file.write_at(&bytes[*from..], *at)),
        Request::Seek { offset, whence } => seek(&mut file, *offset, *whence),
        Request::Sync { data_only: true } => done(file.sync_data()),
        Request::Sync { data_only: false } => done(file.sync_all()),
        Request::Truncate => done(file.stream_position().and_then(|at| file.set_len(at))),
        Request::Allocate { offset, length } => allocate(fd, *offset, *length),
        Request::Advise { offset, length, advice } => advise(fd, *offset, *length, *advice),
        Request::StatOpen => match file.metadata() {
            Ok(metadata) => {
                Ok(Value::Stat(Box::new(stat_of(&metadata, Access { readable: true, writable: true }))))
            }
            Err(error) => Err(errno_of(&error)),
        },
        _ => on_socket(fd, request, blocking),
    }
}

fn open(name: &[u8], mode: Mode, blocking: Blocking) -> Done {
    let mut flags = 0;
    for (set, flag) in [
        (mode.create, libc::O_CREAT),
        (mode.truncate, libc::O_TRUNC),
        (mode.exclusive, libc::O_EXCL),
        (mode.sync, libc::O_SYNC),
        (mode.append, libc::O_APPEND),
    ] {
        flags |= if set { flag } else { 0 };
    }
    let mut options = File::options();
    options.read(mode.read || !mode.write).write(mode.write).custom_flags(flags);
    let file = options.open(path(name)).map_err(|error| errno_of(&error))?;
    let kind = file.metadata().map_err(|error| errno_of(&error))?.file_type();
    if kind.is_dir() && !mode.directory {
        return Err(Errno::ISDIR);
    }
    let fd = RawFd(file.into_raw_fd());
    if blocking == Blocking::Never && (kind.is_fifo() || kind.is_socket()) {
        not_blocking(fd);
    }
    Ok(Value::Opened(fd, None))
}

fn make_pipe(name: &[u8]) -> Done {
    let name = std::ffi::CString::new(name).map_err(|_| Errno::INVAL)?;
    // SAFETY: the text ends with a zero and lives through the call, which only reads it.
    check(unsafe { libc::mkfifo(name.as_ptr(), 0o666) }).map(|_| Value::Done)
}

/// Processor time that this process of the machine has used outside the kernel, all its threads together.
pub fn user_cpu_us() -> u64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a record of our own, to which the call writes.
    let returned = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    // SAFETY: it consists of integers, for which zeroes are values.
    let time = unsafe { usage.assume_init() }.ru_utime;
    if returned < 0 { 0 } else { time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64 }
}

/// Whether it opens a named pipe, which waits for who opens the other end.
pub fn opens_pipe(request: &Request) -> bool {
    let Request::Open { path: name, .. } = request else { return false };
    std::fs::metadata(path(name)).is_ok_and(|found| found.file_type().is_fifo())
}

/// Whether it reads or writes at a place of what has none, as pipes have not.
pub fn is_misplaced(fd: Option<RawFd>, request: &Request) -> bool {
    let (Some(fd), Request::Read { at: Some(_), .. } | Request::Write { at: Some(_), .. }) = (fd, request)
    else {
        return false;
    };
    place_of(fd).is_none()
}

/// The position of an open file; `None` for what has none.
pub fn place_of(fd: RawFd) -> Option<u64> {
    // SAFETY: the call touches no memory.
    u64::try_from(unsafe { libc::lseek(fd.0, 0, libc::SEEK_CUR) }).ok()
}

pub fn set_place(fd: RawFd, place: u64) {
    let Ok(place) = libc::off_t::try_from(place) else { return };
    // SAFETY: the call touches no memory.
    unsafe { libc::lseek(fd.0, place, libc::SEEK_SET) };
}

/// Whether what is written goes to the end, wherever the position is.
pub fn appends(fd: RawFd) -> bool {
    // SAFETY: the call touches no memory.
    let flags = unsafe { libc::fcntl(fd.0, libc::F_GETFL) };
    flags >= 0 && flags & libc::O_APPEND != 0
}

/// From now on calls say `eagain` in place of waiting. Nothing is lost where that fails: a thread waits then.
fn not_blocking(fd: RawFd) {
    // SAFETY: the number was opened just now, and `fcntl` with these commands touches no memory of ours.
    let flags = unsafe { libc::fcntl(fd.0, libc::F_GETFL) };
    if flags >= 0 {
        // SAFETY: as above.
        unsafe { libc::fcntl(fd.0, libc::F_SETFL, flags | libc::O_NONBLOCK) };
    }
}

fn seek(file: &mut File, offset: i64, whence: Whence) -> Done {
    let to = match whence {
        Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::INVAL)?),
        Whence::Current => SeekFrom::Current(offset),
        Whence::End => SeekFrom::End(offset),
    };
    file.seek(to).map(Value::Position).map_err(|error| errno_of(&error))
}

fn offsets(offset: u64, length: u64) -> Result<(i64, i64), Errno> {
    let fits = |n: u64| i64::try_from(n).map_err(|_| Errno::INVAL);
    Ok((fits(offset)?, fits(length)?))
}

fn allocate(fd: RawFd, offset: u64, length: u64) -> Done {
    let (offset, length) = offsets(offset, length)?;
    // SAFETY: the number is open (see `borrowed`), and the call touches no memory of ours.
    check(unsafe { libc::fallocate(fd.0, 0, offset, length) }).map(|_| Value::Done)
}

fn advise(fd: RawFd, offset: u64, length: u64, advice: Advice) -> Done {
    let (offset, length) = offsets(offset, length)?;
    let advice = match advice {
        Advice::Normal => libc::POSIX_FADV_NORMAL,
        Advice::Random => libc::POSIX_FADV_RANDOM,
        Advice::Sequential => libc::POSIX_FADV_SEQUENTIAL,
        Advice::WillNeed => libc::POSIX_FADV_WILLNEED,
        Advice::DontNeed => libc::POSIX_FADV_DONTNEED,
        Advice::NoReuse => libc::POSIX_FADV_NOREUSE,
    };
    // SAFETY: the number is open (see `borrowed`), and the call touches no memory of ours.
    match unsafe { libc::posix_fadvise(fd.0, offset, length, advice) } {
        0 => Ok(Value::Done),
        error => Err(Errno(error)),
    }
}

#[derive(Clone, Copy)]
struct Access {
    readable: bool,
    writable: bool,
}

fn stat_path(name: &[u8], follow: bool) -> Done {
    let metadata = if follow { std::fs::metadata(path(name)) } else { std::fs::symlink_metadata(path(name)) };
    let metadata = metadata.map_err(|error| errno_of(&error))?;
    let access = Access { readable: may(name, libc::R_OK), writable: may(name, libc::W_OK) };
    Ok(Value::Stat(Box::new(stat_of(&metadata, access))))
}

fn may(name: &[u8], what: libc::c_int) -> bool {
    let Ok(name) = std::ffi::CString::new(name) else { return false };
    // SAFETY: the text ends with a zero and lives through the call, which only reads it.
    unsafe { libc::access(name.as_ptr(), what) == 0 }
}

fn stat_of(metadata: &std::fs::Metadata, access: Access) -> Stat {
    let kind = metadata.file_type();
    let kind = if kind.is_file() {
        FileKind::Regular
    } else if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_symlink() {
        FileKind::SymbolicLink
    } else if kind.is_char_device() || kind.is_block_device() {
        FileKind::Device
    } else {
        FileKind::Other
    };
    Stat {
        kind,
        size: metadata.size(),
        mode: metadata.mode(),
        links: metadata.nlink(),
        major_device: metadata.dev(),
        minor_device: metadata.rdev(),
        inode: metadata.ino(),
        uid: metadata.uid(),
        gid: metadata.gid(),
        accessed_s: metadata.atime(),
        modified_s: metadata.mtime(),
        changed_s: metadata.ctime(),
        readable: access.readable,
        writable: access.writable,
    }
}

fn list_dir(name: &[u8]) -> Done {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path(name)).map_err(|error| errno_of(&error))? {
        names.push(entry.map_err(|error| errno_of(&error))?.file_name().into_vec());
    }
    Ok(Value::Names(names))
}

fn set_times(name: &[u8], accessed_s: i64, modified_s: i64) -> Done {
    let name = std::ffi::CString::new(name).map_err(|_| Errno::INVAL)?;
    let spec = |tv_sec| libc::timespec { tv_sec, tv_nsec: 0 };
    let times = [spec(accessed_s), spec(modified_s)];
    // SAFETY: the text ends with a zero, `times` has the two elements that the call reads, and both live through it.
    check(unsafe { libc::utimensat(libc::AT_FDCWD, name.as_ptr(), times.as_ptr(), 0) }).map(|_| Value::Done)
}

fn socket(family: libc::c_int, kind: SocketKind, blocking: Blocking) -> Done {
    let kind = match kind {
        SocketKind::Stream => libc::SOCK_STREAM,
        SocketKind::Datagram => libc::SOCK_DGRAM,
    };
    let flags = libc::SOCK_CLOEXEC | if blocking == Blocking::Never { libc::SOCK_NONBLOCK } else { 0 };
    // SAFETY: the call touches no memory of ours.
    check(unsafe { libc::socket(family, kind | flags, 0) }).map(|fd| Value::Opened(RawFd(fd), None))
}

fn on_socket(fd: RawFd, request: &mut Request, blocking: Blocking) -> Done {
    match request {
        Request::Bind { address } => {
            let raw = RawAddress::new(address).ok_or(Errno::INVAL)?;
            // SAFETY: the address is as long as `length` says and lives through the call.
            check(unsafe { libc::bind(fd.0, raw.as_ptr(), raw.length) }).map(|_| Value::Done)
        }
        Request::Connect { address } => {
            let raw = RawAddress::new(address).ok_or(Errno::INVAL)?;
            // SAFETY: the address is as long as `length` says and lives through the call.
            match check(unsafe { libc::connect(fd.0, raw.as_ptr(), raw.length) }) {
                Err(Errno::INPROGRESS) => Err(Errno::AGAIN),
                other => other.map(|_| Value::Done),
            }
        }
        Request::Listen { backlog } => {
            // SAFETY: the call touches no memory of ours.
            check(unsafe { libc::listen(fd.0, (*backlog).min(i32::MAX as u32) as i32) }).map(|_| Value::Done)
        }
        Request::Accept => accept(fd, blocking),
        Request::Receive { buffer } => {
            // SAFETY: the buffer is ours alone, and as long as the call is told.
            checked_size(unsafe { libc::recv(fd.0, buffer.as_mut_ptr().cast(), buffer.len(), 0) })
        }
        Request::Send { bytes, from } => {
            let rest = &bytes[*from..];
            // SAFETY: the bytes live through the call, which only reads as many as there are.
            checked_size(unsafe { libc::send(fd.0, rest.as_ptr().cast(), rest.len(), libc::MSG_NOSIGNAL) })
        }
        Request::TrySend { bytes } => try_send(fd, bytes),
        Request::ReceiveFrom { buffer } => receive_from(fd, buffer),
        Request::SendTo { bytes, address } => send_to(fd, bytes, address, 0),
        Request::Shutdown { how } => {
            // SAFETY: the call touches no memory of ours.
            check(unsafe { libc::shutdown(fd.0, shut(*how)) }).map(|_| Value::Done)
        }
        Request::SetOption { option, value } => set_option(fd, *option, *value),
        Request::GetOption { option } => get_option(fd, *option),
        Request::GetName { name } => name_of(fd, *name),
        Request::Poll { interest } => ready(fd, *interest),
        other => panic!("{} needs no descriptor", other.name()),
    }
}

/// Sends as much as the socket takes without waiting.
pub fn try_send(fd: RawFd, bytes: &[u8]) -> Done {
    let (start, flags) = (bytes.as_ptr().cast(), libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT);
    // SAFETY: the bytes live through the call, which only reads as many as there are.
    checked_size(unsafe { libc::send(fd.0, start, bytes.len(), flags) })
}

fn send_to(fd: RawFd, bytes: &[u8], address: &Address, flags: libc::c_int) -> Done {
    let raw = RawAddress::new(address).ok_or(Errno::INVAL)?;
    let (start, flags) = (bytes.as_ptr().cast(), flags | libc::MSG_NOSIGNAL);
    // SAFETY: bytes and address live through the call, which only reads them, as long as it is told they are.
    checked_size(unsafe { libc::sendto(fd.0, start, bytes.len(), flags, raw.as_ptr(), raw.length) })
}

pub fn shut(how: Shut) -> libc::c_int {
    match how {
        Shut::Read => libc::SHUT_RD,
        Shut::Write => libc::SHUT_WR,
        Shut::Both => libc::SHUT_RDWR,
    }
}

fn accept(fd: RawFd, blocking: Blocking) -> Done {
    let mut raw = RawAddress::room();
    let flags = libc::SOCK_CLOEXEC | if blocking == Blocking::Never { libc::SOCK_NONBLOCK } else { 0 };
    let (address, mut length) = (raw.as_mut_ptr(), raw.length);
    // SAFETY: the call writes at most `length` bytes of the address, and how many there are; both are ours alone.
    let accepted = check(unsafe { libc::accept4(fd.0, address, &raw mut length, flags) })?;
    raw.length = length;
    Ok(Value::Opened(RawFd(accepted), raw.read()))
}

fn receive_from(fd: RawFd, buffer: &mut [u8]) -> Done {
    let mut raw = RawAddress::room();
    let (start, size) = (buffer.as_mut_ptr().cast(), buffer.len());
    let (address, mut length) = (raw.as_mut_ptr(), raw.length);
    // SAFETY: the call writes at most `size` bytes of the buffer and `length` of the address; both are ours alone.
    let received = unsafe { libc::recvfrom(fd.0, start, size, 0, address, &raw mut length) };
    raw.length = length;
    match checked_size(received)? {
        Value::Count(count) => Ok(Value::Datagram(count, raw.read().unwrap_or(Address::Local(Vec::new())))),
        other => Ok(other),
    }
}

fn name_of(fd: RawFd, name: Name) -> Done {
    let mut raw = RawAddress::room();
    let (address, mut length) = (raw.as_mut_ptr(), raw.length);
    let returned = match name {
        // SAFETY: the call writes at most `length` bytes of the address, and how many there are; both are ours alone.
        Name::Own => unsafe { libc::getsockname(fd.0, address, &raw mut length) },
        // SAFETY: as above.
        Name::Peer => unsafe { libc::getpeername(fd.0, address, &raw mut length) },
    };
    check(returned)?;
    raw.length = length;
    raw.read().map(Value::Address).ok_or(Errno::AFNOSUPPORT)
}

fn option_number(option: SocketOption) -> (libc::c_int, libc::c_int) {
    use libc::{IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET};
    match option {
        SocketOption::ReuseAddress => (SOL_SOCKET, libc::SO_REUSEADDR),
        SocketOption::ReusePort => (SOL_SOCKET, libc::SO_REUSEPORT),
        SocketOption::KeepAlive => (SOL_SOCKET, libc::SO_KEEPALIVE),
        SocketOption::NoDelay => (IPPROTO_TCP, libc::TCP_NODELAY),
        SocketOption::SendBuffer => (SOL_SOCKET, libc::SO_SNDBUF),
        SocketOption::ReceiveBuffer => (SOL_SOCKET, libc::SO_RCVBUF),
        SocketOption::Broadcast => (SOL_SOCKET, libc::SO_BROADCAST),
        SocketOption::Linger => (SOL_SOCKET, libc::SO_LINGER),
        SocketOption::V6Only => (IPPROTO_IPV6, libc::IPV6_V6ONLY),
        SocketOption::TypeOfService => (IPPROTO_IP, libc::IP_TOS),
        SocketOption::Priority => (SOL_SOCKET, libc::SO_PRIORITY),
        SocketOption::TimeToLive => (IPPROTO_IP, libc::IP_TTL),
        SocketOption::MulticastTimeToLive => (IPPROTO_IP, libc::IP_MULTICAST_TTL),
        SocketOption::MulticastLoop => (IPPROTO_IP, libc::IP_MULTICAST_LOOP),
        SocketOption::MulticastInterface => (IPPROTO_IP, libc::IP_MULTICAST_IF),
        SocketOption::AddMembership => (IPPROTO_IP, libc::IP_ADD_MEMBERSHIP),
        SocketOption::DropMembership => (IPPROTO_IP, libc::IP_DROP_MEMBERSHIP),
        SocketOption::Error => (SOL_SOCKET, libc::SO_ERROR),
    }
}

/// An option's value: a number, whether to linger and how long, or addresses as they go over the net.
type OptionValue = [libc::c_int; 2];

/// The value, and how many of its numbers count.
fn option_value(option: SocketOption, value: i64) -> Result<(OptionValue, usize), Errno> {
    let address = |value: i64| (value as u32).to_be() as i32;
    Ok(match option {
        SocketOption::MulticastInterface => ([address(value), 0], 1),
        SocketOption::AddMembership | SocketOption::DropMembership => {
            ([address(value >> 32), address(value)], 2)
        }
        _ => {
            let small = i32::try_from(value).map_err(|_| Errno::INVAL)?;
            let lingers = option == SocketOption::Linger;
            if lingers { ([i32::from(small >= 0), small.max(0)], 2) } else { ([small, 0], 1) }
        }
    })
}

fn set_option(fd: RawFd, option: SocketOption, value: i64) -> Done {
    let (level, number) = option_number(option);
    let (pair, numbers) = option_value(option, value)?;
    let length = (numbers * size_of::<libc::c_int>()) as u32;
    // SAFETY: the call reads `length` bytes, and the pair has that many.
    check(unsafe { libc::setsockopt(fd.0, level, number, pair.as_ptr().cast(), length) }).map(|_| Value::Done)
}

pub fn get_option(fd: RawFd, option: SocketOption) -> Done {
    let (level, number) = option_number(option);
    let mut pair: OptionValue = [0; 2];
    let mut length = size_of::<OptionValue>() as u32;
    let start = pair.as_mut_ptr().cast();
    // SAFETY: the call writes at most `length` bytes of the pair, and how many; both are ours alone.
    check(unsafe { libc::getsockopt(fd.0, level, number, start, &raw mut length) })?;
    Ok(Value::Option(match (option, pair) {
        (SocketOption::Linger, [0, _]) => -1,
        (SocketOption::Linger, [_, seconds]) => i64::from(seconds),
        (SocketOption::MulticastInterface, [address, _]) => i64::from(u32::from_be(address as u32)),
        (_, [value, _]) => i64::from(value),
    }))
}

/// What to wait for on a descriptor.
pub fn poll_events(interest: Interest) -> i16 {
    let bit = |set: bool, bit: i16| if set { bit } else { 0 };
    bit(interest.readable, libc::POLLIN) | bit(interest.writable, libc::POLLOUT)
}

/// What a descriptor is ready for. Where it failed or the other end is gone, every call on it returns at once.
pub fn interest_of(events: i16, wanted: Interest) -> Interest {
    let over = events & (libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0;
    Interest {
        readable: wanted.readable && (over || events & libc::POLLIN != 0),
        writable: wanted.writable && (over || events & libc::POLLOUT != 0),
    }
}

fn ready(fd: RawFd, wanted: Interest) -> Done {
    let mut polled = [libc::pollfd { fd: fd.0, events: poll_events(wanted), revents: 0 }];
    match wait(&mut polled, Some(Duration::ZERO))? {
        0 => Err(Errno::AGAIN),
        _ => Ok(Value::Ready(interest_of(polled[0].revents, wanted))),
    }
}

/// Waits until one of the descriptors is ready. How many are.
pub fn wait(polled: &mut [libc::pollfd], at_most: Option<Duration>) -> Result<i32, Errno> {
    let count = polled.len() as libc::nfds_t;
    let limit = at_most.map(|limit| libc::timespec {
        tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(limit.subsec_nanos()),
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), |limit| &raw const *limit);
    // SAFETY: the slice has as many elements as the call is told, and is ours alone; the limit lives through the call, which
    // changes no signals.
    check(unsafe { libc::ppoll(polled.as_mut_ptr(), count, limit, std::ptr::null()) })
}
