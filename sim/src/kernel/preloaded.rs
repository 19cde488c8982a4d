//! Files of a real directory that are there, in `/files`, when a simulated program begins.
//!
//! Invariants: the real directory is only read, once, before any run; a program changes its own copies. What is here is known by the
//! name that the user gave and a hash of all names and contents, so that a schedule runs with the files that it was found with.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "reads the directory that the user named"
)]

use super::disk::{self, Disk, Node};
use crate::digest::Digest;
use std::collections::BTreeMap;
use std::fs::FileType;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use warpbeam::code::file;

/// Where the program finds them.
pub const PLACE: &[u8] = b"/files";
/// Bytes that all files together may have.
const BYTES_MAX: u64 = 1 << 28;

#[derive(Clone, Debug)]
pub struct Preloaded {
    /// The directory as it was given.
    pub directory: String,
    /// Of all names and contents: 16 hexadecimal digits.
    pub hash: String,
    disk: Arc<Disk>,
}

impl PartialEq for Preloaded {
    fn eq(&self, other: &Preloaded) -> bool {
        self.directory == other.directory && self.hash == other.hash
    }
}

impl Eq for Preloaded {}

impl Preloaded {
    /// Known by name and hash, as a schedule has it: the files are yet to be read.
    pub fn named(directory: String, hash: String) -> Preloaded {
        Preloaded { directory, hash, disk: Arc::default() }
    }

    /// Reads the directory `place`, which was given as `directory`.
    pub fn read(directory: String, place: &Path) -> Result<Preloaded, String> {
        let mut reading = Reading { disk: Disk::default(), digest: Digest::START, left: BYTES_MAX };
        reading.directory(place, PLACE.to_vec())?;
        let Reading { disk, digest, .. } = reading;
        Ok(Preloaded { directory, hash: digest.to_string(), disk: Arc::new(disk) })
    }

    /// Reads the directory that was given as `directory`, from here or else from `beside`.
    pub fn find(directory: String, beside: &Path) -> Result<Preloaded, String> {
        let here = Path::new(&directory).to_path_buf();
        let other = beside.join(&directory);
        let place = if !here.exists() && other.exists() { other } else { here };
        Preloaded::read(directory, &place)
    }

    pub fn disk(&self) -> &Arc<Disk> {
        &self.disk
    }
}

struct Reading {
    disk: Disk,
    digest: Digest,
    left: u64,
}

impl Reading {
    fn directory(&mut self, from: &Path, to: Vec<u8>) -> Result<(), String> {
        let mut pending = vec![(from.to_path_buf(), to)];
        while let Some((from, to)) = pending.pop() {
            self.add(&from, &to, Node::Directory(BTreeMap::new()))?;
            let failed = |e: std::io::Error| format!("{} cannot be read: {e}", from.display());
            let mut names = Vec::new();
            for entry in std::fs::read_dir(&from).map_err(failed)? {
                names.push(entry.map_err(failed)?.file_name());
            }
            // Numbers of inodes do not depend on the order in which a real directory has its names.
            names.sort();
            for name in names {
                let (from, to) = (from.join(&name), [&to[..], b"/", name.as_bytes()].concat());
                let about = std::fs::symlink_metadata(&from);
                let about = about.map_err(|e| format!("{} cannot be read: {e}", from.display()))?;
                if about.is_dir() {
                    pending.push((from, to));
                } else {
                    self.one(&from, &to, about.file_type())?;
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, from: &Path, to: &[u8], kind: FileType) -> Result<(), String> {
        let failed = |why: String| format!("{} cannot be read: {why}", from.display());
        if kind.is_fifo() {
            return self.add(from, to, Node::Pipe);
        }
        if kind.is_symlink() {
            let target = std::fs::read_link(from).map_err(|e| failed(e.to_string()))?;
            return self.add(from, to, Node::Link(target.as_os_str().as_bytes().to_vec()));
        }
        let bytes = file::read(from, self.left).map_err(|e| failed(e.to_string()))?;
        self.left -= bytes.len() as u64;
        self.add(from, to, Node::File(disk::File::new(bytes)))
    }

    fn add(&mut self, from: &Path, to: &[u8], node: Node) -> Result<(), String> {
        let failed = |why: String| format!("{} cannot be read: {why}", from.display());
        let about = std::fs::symlink_metadata(from).map_err(|e| failed(e.to_string()))?;
        let bits = about.permissions().mode() & 0o7777;
        self.digest = match &node {
            Node::Directory(_) => self.digest.bytes(to).bytes(b"directory"),
            Node::File(file) => self.digest.bytes(to).bytes(&file.contents),
            Node::Pipe => self.digest.bytes(to).bytes(b"pipe"),
            Node::Link(target) => self.digest.bytes(to).bytes(b"link").bytes(target),
        };
        let made = self.disk.add(to, node, bits);
        made.map(|_| ()).map_err(|errno| failed(errno.atom().text().to_string()))
    }
}
