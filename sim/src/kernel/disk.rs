//! Files and directories in memory.
//!
//! Invariant: an inode's number is never used again; a file stays while a name or an open descriptor leads to it. Contents are
//! shared between copied worlds until one writes. Where the machine can crash, a file remembers what was synced and
//! every change since; names are on the disk at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use warpbeam::ring::Errno;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Inode(pub u64);

#[derive(Clone, Debug)]
pub enum Node {
    File(File),
    Directory(BTreeMap<Vec<u8>, Inode>),
    /// A named pipe; what is in it is no matter of the disk.
    Pipe,
    /// A symbolic link.
    Link(Vec<u8>),
}

#[derive(Clone, Debug, Default)]
pub struct File {
    /// As programs see it.
    pub contents: Arc<Vec<u8>>,
    /// As it was synced last, where that is remembered.
    durable: Arc<Vec<u8>>,
    unsynced: Vec<Change>,
}

/// A change that a crash may lose.
#[derive(Clone, Debug)]
pub enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Size(usize),
}

impl File {
    pub fn new(contents: Vec<u8>) -> File {
        let contents = Arc::new(contents);
        File { durable: Arc::clone(&contents), contents, unsynced: Vec::new() }
    }
}

impl Change {
    fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Change::Write { at, bytes } => {
                let stop = at + bytes.len();
                if contents.len() < stop {
                    contents.resize(stop, 0);
                }
                contents[*at..stop].copy_from_slice(bytes);
            }
            Change::Size(size) => contents.resize(*size, 0),
        }
    }

    /// What is left of it if the power goes while it is written.
    fn torn(&self) -> Option<Change> {
        match self {
            Change::Write { at, bytes } => {
                Some(Change::Write { at: *at, bytes: bytes[..bytes.len() / 2].to_vec() })
            }
            Change::Size(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub node: Node,
    /// Permission bits.
    pub bits: u32,
    /// Seconds since 1970, as they were set: nothing else changes them.
    pub accessed_s: i64,
    pub modified_s: i64,
}

impl Entry {
    fn new(node: Node, bits: u32) -> Entry {
        Entry { node, bits, accessed_s: 0, modified_s: 0 }
    }
}

#[derive(Clone, Debug)]
pub struct Disk {
    nodes: BTreeMap<Inode, Entry>,
    last: u64,
    pub working_dir: Vec<u8>,
    /// The machine can crash.
    pub remembers: bool,
}

const ROOT: Inode = Inode(1);
/// Symbolic links that a path may lead through.
const LINKS_MAX: u32 = 40;
/// Bytes of a name.
const NAME_MAX: usize = 255;

impl Default for Disk {
    fn default() -> Self {
        let root = Entry::new(Node::Directory(BTreeMap::new()), 0o755);
        let mut disk = Disk {
            nodes: BTreeMap::from([(ROOT, root)]),
            last: ROOT.0,
            working_dir: b"/".to_vec(),
            remembers: false,
        };
        for directory in [&b"/tmp"[..], b"/home"] {
            let made = disk.add(directory, Node::Directory(BTreeMap::new()), 0o755);
            assert!(made.is_ok(), "an empty disk has room for names");
        }
        disk
    }
}

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory that has, or would have, the last name.
    pub parent: Inode,
    /// The last name; empty for the root.
    pub name: Vec<u8>,
    pub inode: Option<Inode>,
}

impl Disk {
    pub fn get(&self, inode: Inode) -> &Entry {
        self.nodes.get(&inode).expect("a name or a descriptor leads to a node that is there")
    }

    pub fn get_mut(&mut self, inode: Inode) -> &mut Entry {
        self.nodes.get_mut(&inode).expect("a name or a descriptor leads to a node that is there")
    }

    pub fn names(&self, directory: Inode) -> Result<&BTreeMap<Vec<u8>, Inode>, Errno> {
        match &self.get(directory).node {
            Node::Directory(names) => Ok(names),
            _ => Err(Errno::NOTDIR),
        }
    }

    pub fn names_mut(&mut self, directory: Inode) -> Result<&mut BTreeMap<Vec<u8>, Inode>, Errno> {
        match &mut self.get_mut(directory).node {
            Node::Directory(names) => Ok(names),
            _ => Err(Errno::NOTDIR),
        }
    }

    /// Follows a path; a symbolic link at its end where `follow` says so.
    pub fn find(&self, path: &[u8], follow: bool) -> Result<Place, Errno> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        let mut rest: Vec<Vec<u8>> = Vec::new();
        let push = |rest: &mut Vec<Vec<u8>>, path: &[u8]| {
            rest.extend(path.split(|&b| b == b'/').rev().filter(|part| !part.is_empty()).map(<[u8]>::to_vec));
        };
        push(&mut rest, path);
        if !path.starts_with(b"/") {
            push(&mut rest, &self.working_dir);
        }
        // The directories down to where the path has come.
        let mut above = vec![ROOT];
        let mut links = 0;
        let mut place = Place { parent: ROOT, name: Vec::new(), inode: Some(ROOT) };
        while let Some(name) = rest.pop() {
            let parent = *above.last().expect("the root stays");
            let names = self.names(parent)?;
            match &name[..] {
                b"." => {
                    place = Place { parent, name: Vec::new(), inode: Some(parent) };
                    continue;
                }
                b".." => {
                    if above.len() > 1 {
                        above.pop();
                    }
                    let here = *above.last().expect("the root stays");
                    place = Place { parent: here, name: Vec::new(), inode: Some(here) };
                    continue;
                }
                _ if name.len() > NAME_MAX => return Err(Errno::NAMETOOLONG),
                _ => {}
            }
            let Some(&inode) = names.get(&name) else {
                let last = rest.iter().all(|part| part == b".");
                return if last { Ok(Place { parent, name, inode: None }) } else { Err(Errno::NOENT) };
            };
            if let Node::Link(target) = &self.get(inode).node
                && (follow || !rest.is_empty())
            {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::LOOP);
                }
                if target.starts_with(b"/") {
                    above.truncate(1);
                }
                push(&mut rest, target);
                continue;
            }
            place = Place { parent, name, inode: Some(inode) };
            above.push(inode);
        }
        if path.ends_with(b"/") && place.inode.is_some_and(|inode| self.names(inode).is_err()) {
            return Err(Errno::NOTDIR);
        }
        Ok(place)
    }

    /// What is there.
    pub fn existing(&self, path: &[u8], follow: bool) -> Result<Inode, Errno> {
        self.find(path, follow)?.inode.ok_or(Errno::NOENT)
    }

    /// Makes something new.
    pub fn add(&mut self, path: &[u8], node: Node, bits: u32) -> Result<Inode, Errno> {
        let place = self.find(path, false)?;
        if place.inode.is_some() {
            return Err(Errno::EXIST);
        }
        self.last += 1;
        let inode = Inode(self.last);
        self.nodes.insert(inode, Entry::new(node, bits));
        self.names_mut(place.parent)?.insert(place.name, inode);
        Ok(inode)
    }

    /// Whether a name leads to it.
    fn is_named(&self, inode: Inode) -> bool {
        self.links(inode) > 0
    }

    /// How many names lead to it.
    pub fn links(&self, inode: Inode) -> u64 {
        let count = |entry: &Entry| match &entry.node {
            Node::Directory(names) => names.values().filter(|&&other| other == inode).count() as u64,
            _ => 0,
        };
        self.nodes.values().map(count).sum::<u64>() + u64::from(inode == ROOT)
    }

    /// Forgets it if nothing leads to it any more; `open`: a descriptor does.
    pub fn drop_unnamed(&mut self, inode: Inode, open: bool) {
        if !open && !self.is_named(inode) {
            self.nodes.remove(&inode);
        }
    }

    pub fn contents(&self, inode: Inode) -> Result<&Arc<Vec<u8>>, Errno> {
        match &self.get(inode).node {
            Node::File(file) => Ok(&file.contents),
            Node::Directory(_) => Err(Errno::ISDIR),
            Node::Pipe => Err(Errno::SPIPE),
            Node::Link(_) => Err(Errno::LOOP),
        }
    }

    fn file_mut(&mut self, inode: Inode) -> Result<&mut File, Errno> {
        match &mut self.get_mut(inode).node {
            Node::File(file) => Ok(file),
            Node::Directory(_) => Err(Errno::ISDIR),
            Node::Pipe => Err(Errno::SPIPE),
            Node::Link(_) => Err(Errno::LOOP),
        }
    }

    /// Changes a file.
    pub fn change(&mut self, inode: Inode, change: Change) -> Result<(), Errno> {
        let remembers = self.remembers;
        let file = self.file_mut(inode)?;
        change.apply(Arc::make_mut(&mut file.contents));
        if remembers {
            file.unsynced.push(change);
        }
        Ok(())
    }

    /// What is in a file is on the disk.
    pub fn sync(&mut self, inode: Inode) {
        if let Ok(file) = self.file_mut(inode) {
            file.durable = Arc::clone(&file.contents);
            file.unsynced.clear();
        }
    }

    /// Whether a crash would lose nothing of it.
    pub fn is_durable(&self, inode: Inode) -> bool {
        match &self.get(inode).node {
            Node::File(file) => file.unsynced.is_empty(),
            _ => true,
        }
    }

    /// Files with changes that a crash may lose, and how many.
    pub fn unsynced(&self) -> Vec<(Inode, usize)> {
        let changes = |entry: &Entry| match &entry.node {
            Node::File(file) => file.unsynced.len(),
            _ => 0,
        };
        self.nodes.iter().map(|(&inode, entry)| (inode, changes(entry))).filter(|&(_, n)| n > 0).collect()
    }

    /// The machine has stopped: the file has what was synced, the first `kept` changes since, and, `torn`, half of the next.
    pub fn crash(&mut self, inode: Inode, kept: usize, torn: bool) {
        let Ok(file) = self.file_mut(inode) else { return };
        let mut contents = file.durable.to_vec();
        for change in file.unsynced.iter().take(kept) {
            change.apply(&mut contents);
        }
        if let Some(half) = file.unsynced.get(kept).filter(|_| torn).and_then(Change::torn) {
            half.apply(&mut contents);
        }
        *file = File::new(contents);
    }

    /// Files that no name leads to are gone when nothing is open any more.
    pub fn forget_unnamed(&mut self) {
        let unnamed: Vec<Inode> = self.nodes.keys().copied().filter(|&inode| !self.is_named(inode)).collect();
        for inode in unnamed {
            self.nodes.remove(&inode);
        }
    }

    pub fn is_there(&self, inode: Inode) -> bool {
        self.nodes.contains_key(&inode)
    }
}
