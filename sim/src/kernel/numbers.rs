//! The descriptor table of the simulated kernel.
//!
//! Invariant: a new descriptor gets the lowest number that is free.

use super::disk::Inode;
use warpbeam::fd::RawFd;
use warpbeam::ring::Errno;

/// What a number stands for.
#[derive(Clone, Debug)]
pub enum Open {
    File(OpenFile),
}

#[derive(Clone, Debug)]
pub struct OpenFile {
    pub inode: Inode,
    pub position: u64,
    pub readable: bool,
    pub writable: bool,
    pub append: bool,
}

/// Standard input, output and error have the numbers below.
const FIRST: usize = 3;

#[derive(Clone, Debug)]
pub struct Numbers {
    table: Vec<Option<Open>>,
    /// Descriptors that may be open at once, the three standard ones among them.
    pub max: usize,
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers { table: Vec::new(), max: 1024 }
    }
}

impl Numbers {
    pub fn open(&mut self, open: Open) -> Result<RawFd, Errno> {
        let free = self.table.iter().position(Option::is_none).unwrap_or(self.table.len());
        if free + FIRST >= self.max {
            return Err(Errno::MFILE);
        }
        if free == self.table.len() {
            self.table.push(None);
        }
        self.table[free] = Some(open);
        Ok(RawFd((free + FIRST) as i32))
    }

    fn index(fd: RawFd) -> Option<usize> {
        usize::try_from(fd.0).ok()?.checked_sub(FIRST)
    }

    pub fn get(&self, fd: RawFd) -> Option<&Open> {
        self.table.get(Numbers::index(fd)?)?.as_ref()
    }

    pub fn get_mut(&mut self, fd: RawFd) -> Option<&mut Open> {
        self.table.get_mut(Numbers::index(fd)?)?.as_mut()
    }

    pub fn close(&mut self, fd: RawFd) -> Result<Open, Errno> {
        let place = Numbers::index(fd).and_then(|at| self.table.get_mut(at)).ok_or(Errno::BADF)?;
        place.take().ok_or(Errno::BADF)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Open> {
        self.table.iter().flatten()
    }

    pub fn len(&self) -> usize {
        self.table.iter().flatten().count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
