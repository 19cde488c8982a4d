//! Linux's epoll: which of many descriptors are ready, and a way to wake who waits for them.
//!
//! Invariant: what is told of a descriptor holds until it is told otherwise, or the descriptor is closed; it is told as long
//! as it is so (level-triggered), so nothing is missed by who asks late. Source: epoll(7), eventfd(2).

#![allow(clippy::disallowed_types, reason = "the door to files and sockets")]
#![allow(unsafe_code, reason = "calls of C functions, each with its own note")]

use super::sys::{check, poll_events, wait};
use crate::fd::RawFd;
use crate::ring::errno::Errno;
use crate::ring::request::Interest;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

/// Descriptors that are told of at once. Who waits deals with them before others can take the work over.
const AT_ONCE: usize = 128;
/// What the wake is told as: no descriptor has this number.
const WAKE: u64 = u64::MAX;

pub struct Epoll {
    epoll: OwnedFd,
    wake: File,
}

/// A descriptor that is ready. Where it failed or the other end is gone, every call on it returns at once.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    pub fd: RawFd,
    pub interest: Interest,
}

fn owned(returned: libc::c_int) -> std::io::Result<OwnedFd> {
    if returned < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the number was opened just now, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(returned) })
}

/// epoll's bits are those of `poll`.
fn events_of(interest: Interest) -> u32 {
    poll_events(interest) as u32
}

impl Epoll {
    pub fn new() -> std::io::Result<Epoll> {
        // SAFETY: neither call takes a pointer.
        let (epoll, wake) = unsafe {
            let wake = libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK);
            (libc::epoll_create1(libc::EPOLL_CLOEXEC), wake)
        };
        let (epoll, wake) = (owned(epoll), owned(wake));
        let epoll = Epoll { epoll: epoll?, wake: File::from(wake?) };
        let readable = Interest { readable: true, writable: false };
        let wake = epoll.wake.as_raw_fd();
        epoll.control(libc::EPOLL_CTL_ADD, wake, events_of(readable), WAKE).map_err(error_of)?;
        Ok(epoll)
    }

    fn control(&self, what: libc::c_int, fd: i32, events: u32, data: u64) -> Result<(), Errno> {
        let mut event = libc::epoll_event { events, u64: data };
        // SAFETY: the call reads the structure, which is ours, while it lasts.
        check(unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), what, fd, &raw mut event) }).map(drop)
    }

    /// Tells of a descriptor from now on. `known`: something is told of it by now.
    pub fn tell(&self, fd: RawFd, interest: Interest, known: bool) -> Result<(), Errno> {
        let (add, change) = (libc::EPOLL_CTL_ADD, libc::EPOLL_CTL_MOD);
        let (first, second) = if known { (change, add) } else { (add, change) };
        let (events, data) = (events_of(interest), fd.0 as u64);
        match self.control(first, fd.0, events, data) {
            Err(Errno::EXIST | Errno::NOENT) => self.control(second, fd.0, events, data),
            other => other,
        }
    }

    /// Tells nothing of it any more.
    pub fn forget(&self, fd: RawFd) {
        // Unknown by now is as good.
        let _ = self.control(libc::EPOLL_CTL_DEL, fd.0, 0, 0);
    }

    /// Waits until something is ready, or woken, or at most this long. Interrupted is as good as nothing.
    pub fn wait(&self, at_most: Option<Duration>, into: &mut Vec<Ready>) {
        if let Some(limit) = at_most.filter(|limit| !limit.is_zero()) {
            // epoll itself counts milliseconds.
            let mut polled = [libc::pollfd { fd: self.epoll.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
            if !wait(&mut polled, Some(limit)).is_ok_and(|ready| ready > 0) {
                return;
            }
        }
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; AT_ONCE];
        let (start, limit) = (events.as_mut_ptr(), if at_most.is_none() { -1 } else { 0 });
        // SAFETY: the call writes at most as many elements as it is told, which are ours alone.
        let told = unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), start, AT_ONCE as i32, limit) };
        for event in events.iter().take(usize::try_from(told).unwrap_or(0)) {
            let (data, events) = (event.u64, event.events);
            if data != WAKE {
                let over = events & (libc::EPOLLHUP | libc::EPOLLERR) as u32 != 0;
                let readable = over || events & libc::EPOLLIN as u32 != 0;
                let writable = over || events & libc::EPOLLOUT as u32 != 0;
                into.push(Ready { fd: RawFd(data as i32), interest: Interest { readable, writable } });
            }
        }
    }

    /// Ends a wait that has begun, and those that begin until [`Epoll::hush`].
    pub fn wake(&self) {
        // Where the count is full somebody is woken already.
        let _ = (&self.wake).write(&1u64.to_ne_bytes());
    }

    pub fn hush(&self) {
        let _ = (&self.wake).read(&mut [0; 8]);
    }
}

fn error_of(errno: Errno) -> std::io::Error {
    std::io::Error::from_raw_os_error(errno.0)
}
