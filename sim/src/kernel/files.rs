//! Operations on files: by path, and on open ones.
//!
//! Invariant: each takes effect as a whole when it completes. Answers are those of Linux on a plain file system, by whose
//! calls `tests/ring` compares them.

use super::Kernel;
use super::disk::{Change, Disk, File, Inode, Node};
use super::fault::Fault;
use super::numbers::{Open, OpenFile};
use super::pipe::Ends;
use std::collections::BTreeMap;
use std::sync::Arc;
use warpbeam::fd::RawFd;
use warpbeam::ring::Errno;
use warpbeam::ring::request::{FileKind, Mode, Request, Stat, Value, Whence};

type Done = Result<Value, Errno>;

/// Bytes that a simulated file may have.
const SIZE_MAX: u64 = 1 << 32;

impl Kernel {
    pub(super) fn disk_mut(&mut self) -> &mut Disk {
        Arc::make_mut(&mut self.disk)
    }

    pub(super) fn by_path(&mut self, request: &mut Request) -> Done {
        match request {
            Request::Open { path, mode } => self.open(path, *mode),
            Request::Stat { path, follow } => {
                let inode = self.disk.existing(path, *follow)?;
                Ok(Value::Stat(Box::new(self.stat(inode))))
            }
            Request::ListDir { path } => {
                let inode = self.disk.existing(path, true)?;
                Ok(Value::Names(self.disk.names(inode)?.keys().cloned().collect()))
            }
            Request::MakeDir { path } => {
                self.disk_mut().add(path, Node::Directory(BTreeMap::new()), 0o755).map(|_| Value::Done)
            }
            Request::MakePipe { path } => self.make_pipe(path),
            Request::RemoveDir { path } => self.remove(path, true),
            Request::RemoveFile { path } => self.remove(path, false),
            Request::Rename { from, to } => self.rename(from, to),
            Request::HardLink { existing, new } => {
                let inode = self.disk.existing(existing, false)?;
                if self.disk.names(inode).is_ok() {
                    return Err(Errno::PERM);
                }
                let place = self.disk.find(new, false)?;
                if place.inode.is_some() {
                    return Err(Errno::EXIST);
                }
                self.disk_mut().names_mut(place.parent)?.insert(place.name, inode);
                Ok(Value::Done)
            }
            Request::SymbolicLink { existing, new } => {
                self.disk_mut().add(new, Node::Link(existing.clone()), 0o777).map(|_| Value::Done)
            }
            Request::ReadLink { path } => match &self.disk.get(self.disk.existing(path, false)?).node {
                Node::Link(target) => Ok(Value::Path(target.clone())),
                _ => Err(Errno::INVAL),
            },
            Request::SetPermissions { path, bits } => {
                let inode = self.disk.existing(path, true)?;
                self.disk_mut().get_mut(inode).bits = *bits;
                Ok(Value::Done)
            }
            Request::SetOwner { path, .. } => self.disk.existing(path, true).map(|_| Value::Done),
            Request::SetTimes { path, accessed_s, modified_s } => {
                let inode = self.disk.existing(path, true)?;
                let entry = self.disk_mut().get_mut(inode);
                (entry.accessed_s, entry.modified_s) = (*accessed_s, *modified_s);
                Ok(Value::Done)
            }
            Request::WorkingDir => Ok(Value::Path(self.disk.working_dir.clone())),
            Request::SetWorkingDir { path } => self.set_working_dir(path),
            _ => Err(Errno::NOSYS),
        }
    }

    fn open(&mut self, path: &[u8], mode: Mode) -> Done {
        let place = self.disk.find(path, true)?;
        let inode = match place.inode {
            Some(_) if mode.create && mode.exclusive => return Err(Errno::EXIST),
            Some(inode) => inode,
            None if mode.create && path.ends_with(b"/") => return Err(Errno::ISDIR),
            None if mode.create => {
                // Where a symbolic link leads nowhere, what it names is made.
                self.disk_mut().add(path, Node::File(File::default()), 0o644)?
            }
            None => return Err(Errno::NOENT),
        };
        if self.disk.names(inode).is_ok() && (mode.write || !mode.directory) {
            return Err(Errno::ISDIR);
        }
        if let Node::Pipe = self.disk.get(inode).node {
            return self.open_pipe(inode, Ends::of(mode));
        }
        let (readable, writable) = (mode.read || !mode.write, mode.write);
        let file = OpenFile { inode, position: 0, readable, writable, append: mode.append, sync: mode.sync };
        let fd = self.numbers_mut().open(Open::File(file))?;
        if mode.truncate {
            self.disk_mut().change(inode, Change::Size(0))?;
        }
        Ok(Value::Opened(fd, None))
    }

    /// Whether a descriptor leads to it, or an opening that waits.
    pub(super) fn is_open(&self, inode: Inode) -> bool {
        self.pipes.contains_key(&inode)
            || self.numbers.iter().any(|open| matches!(open, Open::File(file) if file.inode == inode))
    }

    fn remove(&mut self, path: &[u8], directory: bool) -> Done {
        let place = self.disk.find(path, false)?;
        let inode = place.inode.ok_or(Errno::NOENT)?;
        match self.disk.names(inode) {
            Ok(names) if directory && !names.is_empty() => return Err(Errno::NOTEMPTY),
            Ok(_) if directory && place.name.is_empty() => return Err(Errno::BUSY),
            Ok(_) if !directory => return Err(Errno::ISDIR),
            Err(_) if directory => return Err(Errno::NOTDIR),
            _ => {}
        }
        self.disk_mut().names_mut(place.parent)?.remove(&place.name);
        let open = self.is_open(inode);
        self.disk_mut().drop_unnamed(inode, open);
        Ok(Value::Done)
    }

    fn rename(&mut self, from: &[u8], to: &[u8]) -> Done {
        let old = self.disk.find(from, false)?;
        let inode = old.inode.ok_or(Errno::NOENT)?;
        let new = self.disk.find(to, false)?;
        if old.name.is_empty() || new.name.is_empty() {
            // `.`, `..` and the root.
            return Err(Errno::BUSY);
        }
        let moves_directory = self.disk.names(inode).is_ok();
        if let Some(replaced) = new.inode {
            if replaced == inode {
                return Ok(Value::Done);
            }
            match (moves_directory, self.disk.names(replaced)) {
                (true, Ok(names)) if !names.is_empty() => return Err(Errno::NOTEMPTY),
                (true, Err(_)) => return Err(Errno::NOTDIR),
                (false, Ok(_)) => return Err(Errno::ISDIR),
                _ => {}
            }
        }
        if moves_directory && self.lies_in(new.parent, inode) {
            return Err(Errno::INVAL);
        }
        self.disk_mut().names_mut(old.parent)?.remove(&old.name);
        let replaced = self.disk_mut().names_mut(new.parent)?.insert(new.name, inode);
        if let Some(replaced) = replaced {
            let open = self.is_open(replaced);
            self.disk_mut().drop_unnamed(replaced, open);
        }
        Ok(Value::Done)
    }

    /// Whether a directory is another, or lies in it.
    fn lies_in(&self, directory: Inode, other: Inode) -> bool {
        let mut pending = vec![other];
        while let Some(inode) = pending.pop() {
            if inode == directory {
                return true;
            }
            if let Ok(names) = self.disk.names(inode) {
                pending.extend(names.values());
            }
        }
        false
    }

    fn set_working_dir(&mut self, path: &[u8]) -> Done {
        let inode = self.disk.existing(path, true)?;
        self.disk.names(inode)?;
        let mut whole = if path.starts_with(b"/") { Vec::new() } else { self.disk.working_dir.clone() };
        for part in path.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => whole.truncate(whole.iter().rposition(|&b| b == b'/').unwrap_or(0)),
                name => {
                    if !whole.ends_with(b"/") {
                        whole.push(b'/');
                    }
                    whole.extend_from_slice(name);
                }
            }
        }
        self.disk_mut().working_dir = if whole.is_empty() { b"/".to_vec() } else { whole };
        Ok(Value::Done)
    }

    pub(super) fn stat(&self, inode: Inode) -> Stat {
        let entry = self.disk.get(inode);
        let (kind, size, type_bits) = match &entry.node {
            Node::File(file) => (FileKind::Regular, file.contents.len() as u64, 0o100_000),
            Node::Directory(_) => (FileKind::Directory, 4096, 0o040_000),
            Node::Pipe => (FileKind::Other, 0, 0o010_000),
            Node::Link(target) => (FileKind::SymbolicLink, target.len() as u64, 0o120_000),
        };
        Stat {
            kind,
            size,
            mode: entry.bits | type_bits,
            links: self.disk.links(inode).max(1),
            major_device: 1,
            minor_device: 0,
            inode: inode.0,
            uid: 0,
            gid: 0,
            accessed_s: entry.accessed_s,
            modified_s: entry.modified_s,
            changed_s: 0,
            readable: true,
            writable: true,
        }
    }

    pub(super) fn on_file(&mut self, fd: RawFd, request: &mut Request, fault: Option<Fault>) -> Done {
        let Some(Open::File(file)) = self.numbers.get(fd) else { return Err(Errno::BADF) };
        let OpenFile { inode, position, readable, writable, append, sync } = *file;
        let short = fault == Some(Fault::Short);
        match request {
            Request::Read { at, buffer, filled } => {
                if !readable {
                    return Err(Errno::BADF);
                }
                let contents = self.disk.contents(inode)?;
                let start = usize::try_from(at.unwrap_or(position)).map_err(|_| Errno::INVAL)?;
                let rest = contents.get(start..).unwrap_or_default();
                let room = &mut buffer[*filled..];
                let most = rest.len().min(room.len());
                let count = if short { most.div_ceil(2) } else { most };
                room[..count].copy_from_slice(&rest[..count]);
                if at.is_none() {
                    self.set_position(fd, position + count as u64);
                }
                Ok(Value::Count(count))
            }
            Request::Write { at, bytes, from } => {
                if !writable {
                    return Err(Errno::BADF);
                }
                let end = self.disk.contents(inode)?.len() as u64;
                let start = if append { end } else { at.unwrap_or(position) };
                let bytes = &bytes[*from..];
                let bytes = if short { &bytes[..bytes.len().div_ceil(2)] } else { bytes };
                let stop = start.checked_add(bytes.len() as u64).filter(|&stop| stop <= SIZE_MAX);
                let stop = stop.ok_or(Errno::FBIG)?;
                self.disk_mut().change(inode, Change::Write { at: start as usize, bytes: bytes.to_vec() })?;
                if sync {
                    self.disk_mut().sync(inode);
                }
                if at.is_none() {
                    self.set_position(fd, stop);
                }
                Ok(Value::Count(bytes.len()))
            }
            Request::Seek { offset, whence } => {
                let base = match whence {
                    Whence::Start => 0,
                    Whence::Current => position,
                    Whence::End => self.disk.contents(inode)?.len() as u64,
                };
                let position = base.checked_add_signed(*offset).ok_or(Errno::INVAL)?;
                self.set_position(fd, position);
                Ok(Value::Position(position))
            }
            Request::Truncate => {
                if !writable {
                    return Err(Errno::INVAL);
                }
                let size = usize::try_from(position.min(SIZE_MAX)).map_err(|_| Errno::INVAL)?;
                self.disk_mut().change(inode, Change::Size(size))?;
                Ok(Value::Done)
            }
            Request::Allocate { offset, length } => {
                if !writable {
                    return Err(Errno::BADF);
                }
                if *length == 0 {
                    return Err(Errno::INVAL);
                }
                let stop = offset.checked_add(*length).filter(|&stop| stop <= SIZE_MAX);
                let stop = stop.ok_or(Errno::FBIG)? as usize;
                if self.disk.contents(inode)?.len() < stop {
                    self.disk_mut().change(inode, Change::Size(stop))?;
                }
                Ok(Value::Done)
            }
            Request::Sync { .. } => {
                self.disk_mut().sync(inode);
                Ok(Value::Done)
            }
            Request::Advise { .. } => Ok(Value::Done),
            Request::StatOpen => Ok(Value::Stat(Box::new(self.stat(inode)))),
            Request::Poll { interest } => Ok(Value::Ready(*interest)),
            _ => Err(Errno::NOTSOCK),
        }
    }

    fn set_position(&mut self, fd: RawFd, position: u64) {
        if let Some(Open::File(file)) = self.numbers_mut().get_mut(fd) {
            file.position = position;
        }
    }

    /// A descriptor of a file has been closed.
    pub(super) fn closed(&mut self, inode: Inode) {
        let still = self.is_open(inode);
        self.disk_mut().drop_unnamed(inode, still);
    }
}
