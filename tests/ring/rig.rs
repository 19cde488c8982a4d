//! A ring under test, driven one operation at a time or several.
//!
//! Invariant: each submission gets one completion, whose request has the buffer that was submitted.

use std::collections::BTreeMap;
use warpbeam::fd::RawFd;
use warpbeam::ring::request::{Mode, OpId, Submission, Value};
use warpbeam::ring::{Completion, Errno, Request, Ring};

pub struct Rig {
    pub ring: Box<dyn Ring>,
    /// Waits a little for completions that come from elsewhere.
    pub wait: fn(),
    /// Where files may be made.
    pub directory: Vec<u8>,
    /// Nobody else opens descriptors, so that their numbers are known.
    pub alone: bool,
    last: u64,
    /// Completions that nobody has asked for yet.
    come: BTreeMap<OpId, Completion>,
}

/// Times that a rig looks for a completion before the test fails: half a minute.
const LOOKS: u32 = 30_000;

impl Rig {
    pub fn new(ring: Box<dyn Ring>, wait: fn(), directory: &[u8], alone: bool) -> Rig {
        Rig { ring, wait, directory: directory.to_vec(), alone, last: 0, come: BTreeMap::new() }
    }

    pub fn path(&self, name: &str) -> Vec<u8> {
        [&self.directory[..], b"/", name.as_bytes()].concat()
    }

    /// Begins an operation.
    pub fn begin(&mut self, fd: Option<RawFd>, request: Request) -> OpId {
        self.last += 1;
        let id = OpId(self.last);
        self.ring.submit(Submission { id, fd, request });
        self.ring.flush();
        id
    }

    /// The completions that have come by now.
    fn reap(&mut self) {
        let mut completions = Vec::new();
        self.ring.reap(&mut completions);
        for completion in completions {
            let id = completion.id;
            assert!(id.0 <= self.last, "a completion is of something that was submitted");
            assert!(self.come.insert(id, completion).is_none(), "and comes once");
        }
    }

    pub fn has_come(&mut self, id: OpId) -> bool {
        self.reap();
        self.come.contains_key(&id)
    }

    /// Waits for an operation's completion.
    pub fn end(&mut self, id: OpId) -> Completion {
        for _ in 0..LOOKS {
            self.reap();
            if let Some(completion) = self.come.remove(&id) {
                return completion;
            }
            (self.wait)();
        }
        panic!("no completion of {id:?}");
    }

    fn whole(&mut self, fd: Option<RawFd>, request: Request) -> Completion {
        let id = self.begin(fd, request);
        self.end(id)
    }

    /// An operation on a descriptor.
    pub fn on(&mut self, fd: RawFd, request: Request) -> Result<Value, Errno> {
        self.whole(Some(fd), request).result
    }

    /// An operation on none.
    pub fn free(&mut self, request: Request) -> Result<Value, Errno> {
        self.whole(None, request).result
    }

    pub fn opened(value: Result<Value, Errno>) -> Result<RawFd, Errno> {
        match value {
            Ok(Value::Opened(fd, _)) => Ok(fd),
            Ok(other) => panic!("what opens gives a descriptor, not {other:?}"),
            Err(errno) => Err(errno),
        }
    }

    pub fn open(&mut self, path: &[u8], mode: Mode) -> Result<RawFd, Errno> {
        let opened = self.free(Request::Open { path: path.to_vec(), mode });
        Rig::opened(opened)
    }

    /// The bytes that one read gives.
    pub fn read(&mut self, fd: RawFd, at: Option<u64>, size: usize) -> Result<Vec<u8>, Errno> {
        let buffer = vec![0xEE; size];
        let Completion { result, request, .. } =
            self.whole(Some(fd), Request::Read { at, buffer, filled: 0 });
        match (result?, request) {
            (Value::Count(count), Request::Read { mut buffer, .. }) => {
                assert!(buffer[count..].iter().all(|&byte| byte == 0xEE), "no more is written than is said");
                buffer.truncate(count);
                Ok(buffer)
            }
            other => panic!("a read gives its buffer back, not {other:?}"),
        }
    }

    /// The names in a directory, sorted.
    pub fn names(&mut self, path: &[u8]) -> Result<Vec<Vec<u8>>, Errno> {
        match self.free(Request::ListDir { path: path.to_vec() })? {
            Value::Names(mut names) => {
                names.sort();
                Ok(names)
            }
            other => panic!("a list of names, not {other:?}"),
        }
    }
}
