//! The descriptor table of the simulated kernel.
//!
//! Invariant: a new descriptor gets the lowest number that is free; each opening has a number of its own besides, so
//! that a descriptor that was closed and one that got its number are told apart.

use super::disk::Inode;
use super::pipe::Ends;
use super::socket::SocketId;
use warpbeam::fd::RawFd;
use warpbeam::ring::Errno;

/// What a number stands for.
#[derive(Clone, Debug)]
pub enum Open {
    File(OpenFile),
    Pipe(OpenPipe),
    Socket(SocketId),
}

/// An end of a pipe, or both.
#[derive(Clone, Copy, Debug)]
pub struct OpenPipe {
    pub inode: Inode,
    pub ends: Ends,
}

/// Counts openings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Opening(pub u64);

#[derive(Clone, Debug)]
pub struct OpenFile {
    pub inode: Inode,
    pub position: u64,
    pub readable: bool,
    pub writable: bool,
    pub append: bool,
    /// Each write is on the disk at once.
    pub sync: bool,
}

/// Standard input, output and error have the numbers below.
const FIRST: usize = 3;

#[derive(Clone, Debug)]
pub struct Numbers {
    table: Vec<Option<(Opening, Open)>>,
    /// None below it is free.
    lowest: usize,
    openings: u64,
    /// Descriptors that may be open at once, the three standard ones among them.
    pub max: usize,
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers { table: Vec::new(), lowest: 0, openings: 0, max: 1024 }
    }
}

impl Numbers {
    fn free(&self) -> usize {
        let taken = self.table[self.lowest..].iter().take_while(|place| place.is_some()).count();
        self.lowest + taken
    }

    /// Whether nothing more can be opened.
    pub fn is_full(&self) -> bool {
        self.free() + FIRST >= self.max
    }

    pub fn open(&mut self, open: Open) -> Result<RawFd, Errno> {
        let free = self.free();
        self.lowest = free;
        if free + FIRST >= self.max {
            return Err(Errno::MFILE);
        }
        if free == self.table.len() {
            self.table.push(None);
        }
        self.openings += 1;
        self.table[free] = Some((Opening(self.openings), open));
        Ok(RawFd((free + FIRST) as i32))
    }

    fn index(fd: RawFd) -> Option<usize> {
        usize::try_from(fd.0).ok()?.checked_sub(FIRST)
    }

    pub fn get(&self, fd: RawFd) -> Option<&Open> {
        self.table.get(Numbers::index(fd)?)?.as_ref().map(|(_, open)| open)
    }

    /// Both: which opening, and of what.
    pub fn entry(&self, fd: RawFd) -> Option<&(Opening, Open)> {
        self.table.get(Numbers::index(fd)?)?.as_ref()
    }

    pub fn get_mut(&mut self, fd: RawFd) -> Option<&mut Open> {
        self.table.get_mut(Numbers::index(fd)?)?.as_mut().map(|(_, open)| open)
    }

    /// Which opening the number stands for.
    pub fn opening(&self, fd: RawFd) -> Option<Opening> {
        self.table.get(Numbers::index(fd)?)?.as_ref().map(|&(opening, _)| opening)
    }

    pub fn close(&mut self, fd: RawFd) -> Result<Open, Errno> {
        let at = Numbers::index(fd).ok_or(Errno::BADF)?;
        let (_, open) = self.table.get_mut(at).and_then(Option::take).ok_or(Errno::BADF)?;
        self.lowest = self.lowest.min(at);
        Ok(open)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Open> {
        self.table.iter().flatten().map(|(_, open)| open)
    }

    /// All that is open, by number.
    pub fn all(&self) -> impl Iterator<Item = (RawFd, Opening)> + '_ {
        let number = |at: usize| RawFd((at + FIRST) as i32);
        self.table.iter().enumerate().filter_map(move |(at, place)| Some((number(at), place.as_ref()?.0)))
    }

    pub fn len(&self) -> usize {
        self.table.iter().flatten().count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
