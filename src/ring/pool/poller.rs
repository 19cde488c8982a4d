//! Waits for sockets and pipes to be ready, and for time to pass: no thread of its own, but the place where a scheduler
//! thread without work sleeps, and where others look now and then.
//!
//! Invariants: what waits here is completed once: by who finds it ready or due, or by who cancels it; both take it out of its
//! row first. A cancel that comes while somebody tries a request is remembered, and holds if the request has to
//! wait again. epoll tells at least of what is waited for, and as long as it is so: a readiness that nobody waits for is
//! forgotten when it is told, so what is asked for again and again costs no call in between. Who looks has no lock while
//! requests are tried.
//! Source: epoll(7).

use super::epoll::{Epoll, Ready};
use super::sys::{self, Blocking};
use crate::fd::RawFd;
use crate::ring::arrivals::Arrivals;
use crate::ring::errno::Errno;
use crate::ring::net::SocketOption;
use crate::ring::request::{Completion, Interest, OpId, Request, Submission, Value};
use crate::sched::atomics::{AtomicBool, Lock, Ordering};
use crate::sched::park::Watch;
use crate::term::atom::FixedMap;
use crate::time::Clock;
use crate::time::os::OsClock;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

const NEITHER: Interest = Interest { readable: false, writable: false };

/// A descriptor.
struct Row {
    waiting: Vec<Submission>,
    /// What epoll tells of.
    told: Interest,
    /// The last read took all that there was.
    drained: bool,
}

/// Where an operation is.
enum Place {
    On(RawFd),
    /// A timeout, and when it is over.
    Until(u64),
    /// Being tried by somebody just now.
    Tried,
    /// Cancelled meanwhile.
    Cancelled,
}

#[derive(Default)]
struct List {
    rows: FixedMap<RawFd, Row>,
    timeouts: BTreeMap<(u64, OpId), Submission>,
    places: FixedMap<OpId, Place>,
    /// Threads that sleep here, or are about to.
    watchers: u32,
    /// They are to wake.
    kicked: bool,
}

pub struct Poller {
    list: Lock<List>,
    closes: Lock<VecDeque<Submission>>,
    epoll: Epoll,
    arrivals: Arc<Arrivals>,
    clock: OsClock,
    /// Somebody has just asked the kernel, who was about to sleep.
    asked: AtomicBool,
}

impl Poller {
    pub fn new(arrivals: Arc<Arrivals>) -> std::io::Result<Poller> {
        let (list, closes, epoll) = (Lock::default(), Lock::default(), Epoll::new()?);
        Ok(Poller { list, closes, epoll, arrivals, clock: OsClock::start(), asked: AtomicBool::new(false) })
    }

    /// Completes it once it is ready, if it has to wait. What follows a read that left nothing is not tried at once.
    pub fn try_or_add(&self, submission: Submission) {
        let reads = matches!(submission.request, Request::Receive { .. });
        let drained = || {
            let list = self.list.lock();
            submission.fd.and_then(|fd| list.rows.get(&fd)).is_some_and(|row| row.drained)
        };
        if reads && drained() {
            return self.add(submission);
        }
        if let Some(completion) = self.attempt(submission) {
            self.arrivals.put(&mut vec![completion]);
        }
    }

    /// Completes it once it is ready.
    pub fn add(&self, submission: Submission) {
        let refused = self.list.lock().add(submission, &self.epoll);
        refused.into_iter().for_each(|refused| self.arrivals.add(refused));
    }

    /// Completes it once its time has come.
    pub fn add_timeout(&self, submission: Submission, after_ns: u64) {
        let until_ns = self.now_ns().saturating_add(after_ns);
        let mut list = self.list.lock();
        let id = submission.id;
        list.places.insert(id, Place::Until(until_ns));
        list.timeouts.insert((until_ns, id), submission);
        let is_first = list.timeouts.first_key_value().is_some_and(|(&(_, first), _)| first == id);
        if is_first {
            // Who sleeps is to sleep shorter.
            self.kick_locked(&mut list);
        }
    }

    /// Somebody else tries it, and may pass it on: a cancel is remembered until then.
    pub fn will_try(&self, id: OpId) {
        self.list.lock().places.insert(id, Place::Tried);
    }

    /// It did not have to wait.
    pub fn tried(&self, id: OpId) {
        self.list.lock().places.remove(&id);
    }

    pub fn cancel(&self, id: OpId) {
        let cancelled = self.list.lock().cancel(id);
        let ended = |submission| ended(submission, Err(Errno::CANCELED));
        self.arrivals.put(&mut cancelled.map(ended).into_iter().collect());
    }

    /// Closes a descriptor, on which nothing waits any more, when somebody asks for [`Poller::to_close`].
    pub fn close(&self, submission: Submission) {
        let fd = submission.fd.expect("a descriptor is closed");
        let row = self.list.lock().rows.remove(&fd);
        if row.is_some_and(|row| row.told != NEITHER) {
            self.epoll.forget(fd);
        }
        self.closes.lock().push_back(submission);
    }

    pub fn to_close(&self) -> Option<Submission> {
        self.closes.lock().pop_front()
    }

    fn now_ns(&self) -> u64 {
        let mut clock = self.clock;
        clock.now().ns
    }

    /// Tries a request. `None`: it waits.
    fn attempt(&self, mut submission: Submission) -> Option<Completion> {
        let result = match (&mut submission.request, submission.fd) {
            (Request::Timeout { .. }, _) => Ok(Value::Done),
            (request, fd) => sys::perform(fd, request, Blocking::Never),
        };
        self.settle(submission, result)
    }

    /// The same for one that has waited.
    fn attempt_again(&self, submission: Submission) -> Option<Completion> {
        let Request::Connect { .. } = submission.request else { return self.attempt(submission) };
        let interest = interest(&submission.request);
        let is_over = sys::perform(submission.fd, &mut Request::Poll { interest }, Blocking::Never);
        let result = is_over.and_then(|_| connected(submission.fd.expect("a socket connects")));
        self.settle(submission, result)
    }

    fn settle(&self, submission: Submission, result: Result<Value, Errno>) -> Option<Completion> {
        let mut list = self.list.lock();
        if let (Request::Receive { buffer }, Some(fd)) = (&submission.request, submission.fd) {
            let left_some = matches!(result, Ok(Value::Count(count)) if count == buffer.len());
            if let Some(row) = list.rows.get_mut(&fd) {
                row.drained = !left_some;
            }
        }
        let waits = result == Err(Errno::AGAIN) && !matches!(submission.request, Request::TrySend { .. });
        if waits {
            return list.add(submission, &self.epoll);
        }
        list.places.remove(&submission.id);
        drop(list);
        Some(ended(submission, result))
    }

    /// Deals with what is ready and due. Whether anything was.
    fn take(&self, ready: &[Ready]) -> bool {
        let mut taken = Vec::new();
        let mut list = self.list.lock();
        ready.iter().for_each(|ready| list.take_ready(*ready, &mut taken, &self.epoll));
        if !list.timeouts.is_empty() {
            list.take_due(self.now_ns(), &mut taken);
        }
        drop(list);
        let mut completions: Vec<Completion> =
            taken.into_iter().filter_map(|submission| self.attempt_again(submission)).collect();
        self.arrivals.put(&mut completions)
    }

    fn kick_locked(&self, list: &mut List) {
        if list.watchers > 0 && !list.kicked {
            list.kicked = true;
            self.epoll.wake();
        }
    }
}

impl Watch for Poller {
    /// What has arrived is not known without asking the kernel.
    fn any(&self) -> bool {
        !self.closes.lock().is_empty()
    }

    fn look(&self) {
        if self.asked.swap(false, Ordering::Relaxed) {
            return;
        }
        let mut ready = Vec::new();
        self.epoll.wait(Some(Duration::ZERO), &mut ready);
        self.take(&ready);
    }

    fn flush(&self) {}

    fn begin(&self) {
        self.list.lock().watchers += 1;
    }

    fn wait(&self, at_most: Option<Duration>) {
        let first = self.list.lock().timeouts.first_key_value().map(|(&(until_ns, _), _)| until_ns);
        let first = first.map(|until_ns| Duration::from_nanos(until_ns.saturating_sub(self.now_ns())));
        let at_most = at_most.map_or(first, |limit| Some(first.map_or(limit, |first| first.min(limit))));
        let mut ready = Vec::new();
        self.epoll.wait(at_most, &mut ready);
        if self.take(&ready) {
            self.asked.store(true, Ordering::Relaxed);
        }
    }

    fn end(&self) {
        let mut list = self.list.lock();
        list.watchers -= 1;
        if list.watchers == 0 && std::mem::take(&mut list.kicked) {
            self.epoll.hush();
        }
    }

    fn kick(&self) {
        self.kick_locked(&mut self.list.lock());
    }
}

impl List {
    /// Puts an operation into its descriptor's row. What cannot wait there is over.
    fn add(&mut self, submission: Submission, epoll: &Epoll) -> Option<Completion> {
        let (id, fd) = (submission.id, submission.fd.expect("only a descriptor is waited for"));
        if let Some(Place::Cancelled) = self.places.get(&id) {
            self.places.remove(&id);
            return Some(ended(submission, Err(Errno::CANCELED)));
        }
        let new = || Row { waiting: Vec::new(), told: NEITHER, drained: false };
        let row = self.rows.entry(fd).or_insert_with(new);
        row.waiting.push(submission);
        let wanted = row.wanted();
        if covers(row.told, wanted) {
            self.places.insert(id, Place::On(fd));
            return None;
        }
        match epoll.tell(fd, wanted, row.told != NEITHER) {
            Ok(()) => {
                row.told = wanted;
                self.places.insert(id, Place::On(fd));
                None
            }
            Err(errno) => {
                self.places.remove(&id);
                Some(ended(row.waiting.pop().expect("it was put there"), Err(errno)))
            }
        }
    }

    fn cancel(&mut self, id: OpId) -> Option<Submission> {
        let place = self.places.get_mut(&id)?;
        let cancelled = match *place {
            Place::On(fd) => {
                let waiting = &mut self.rows.get_mut(&fd).expect("an operation's row is there").waiting;
                let at = waiting.iter().position(|waiting| waiting.id == id).expect("and it is in it");
                waiting.remove(at)
            }
            Place::Until(until_ns) => self.timeouts.remove(&(until_ns, id)).expect("it is there"),
            Place::Tried | Place::Cancelled => {
                *place = Place::Cancelled;
                return None;
            }
        };
        self.places.remove(&id);
        Some(cancelled)
    }

    /// Takes out what can go on on a descriptor.
    fn take_ready(&mut self, ready: Ready, taken: &mut Vec<Submission>, epoll: &Epoll) {
        let Ready { fd, interest: is } = ready;
        // It may have been closed since it was told of.
        let Some(row) = self.rows.get_mut(&fd) else { return };
        let before = taken.len();
        let goes_on = |waiting: &mut Submission| {
            let wanted = interest(&waiting.request);
            wanted.readable && is.readable || wanted.writable && is.writable
        };
        taken.extend(row.waiting.extract_if(.., goes_on));
        for submission in &taken[before..] {
            self.places.insert(submission.id, Place::Tried);
        }
        if taken.len() == before {
            // It would be told again and again.
            let wanted = row.wanted();
            if wanted == NEITHER {
                epoll.forget(fd);
                row.told = NEITHER;
            } else if epoll.tell(fd, wanted, true).is_ok() {
                row.told = wanted;
            }
        }
    }

    fn take_due(&mut self, now_ns: u64, taken: &mut Vec<Submission>) {
        while let Some(first) = self.timeouts.first_entry().filter(|first| first.key().0 <= now_ns) {
            let submission = first.remove();
            self.places.insert(submission.id, Place::Tried);
            taken.push(submission);
        }
    }
}

impl Row {
    /// What its operations wait for.
    fn wanted(&self) -> Interest {
        self.waiting.iter().map(|waiting| interest(&waiting.request)).fold(NEITHER, |one, other| Interest {
            readable: one.readable || other.readable,
            writable: one.writable || other.writable,
        })
    }
}

fn covers(told: Interest, wanted: Interest) -> bool {
    (told.readable || !wanted.readable) && (told.writable || !wanted.writable)
}

fn ended(submission: Submission, result: Result<Value, Errno>) -> Completion {
    let Submission { id, request, .. } = submission;
    Completion { id, result, request }
}

/// What became of a connection that was begun.
fn connected(fd: RawFd) -> Result<Value, Errno> {
    match sys::get_option(fd, SocketOption::Error)? {
        Value::Option(0) => Ok(Value::Done),
        Value::Option(error) => Err(Errno(error as i32)),
        other => panic!("an option is a number, not {other:?}"),
    }
}

/// What a request waits for.
fn interest(request: &Request) -> Interest {
    let (readable, writable) = match request {
        Request::Poll { interest } => return *interest,
        Request::Connect { .. } | Request::Send { .. } | Request::SendTo { .. } | Request::Write { .. } => {
            (false, true)
        }
        _ => (true, false),
    };
    Interest { readable, writable }
}
