//! A process slot: where signals to a process arrive, and where the process itself lies while it waits.
//!
//! ```text
//!            open                  park                     close
//! vacant ----------> running <------------> parked      running ----> vacant
//!                       |   send, expire, hold
//!                       +-- signals pile up; the process fetches them
//! ```
//! Invariants, all kept by one short lock:
//! - the holder's pid is checked where a signal is put in, so a signal never reaches a later holder;
//! - a parked process has no signals waiting: `park` refuses while there are any, and whose signal finds a
//!   process parked takes it out and hands it the signal. So no wake-up is lost, nobody wakes a process
//!   twice, and signals of one sender keep their order: its next one comes behind;
//! - after `close` no signal is accepted, and each one accepted before is in the batch that `close` gives;
//! - while a parked process has a deadline, the timer heap holds an alarm for `armed`, which is not later.
//!
//! The lock is never held while a term is copied or another lock but the timers' is taken. Tested with loom.

use crate::process::pid::Pid;
use crate::sched::atomics::{AtomicU32, Lock, Ordering};
use crate::term::Atom;
use crate::time::Deadline;

/// What became of a signal.
#[derive(PartialEq, Eq, Debug)]
pub enum Sent<P, S> {
    /// It waits for a process that is running or about to.
    Queued,
    /// The process was parked: it is the caller's to give the signal to and to run.
    Woke(P, S),
    /// The pid's process is gone.
    Gone(S),
}

/// What became of a process that wants to wait.
#[derive(PartialEq, Eq, Debug)]
pub enum Park<P> {
    Parked,
    /// Signals are waiting: run on.
    Signals(P),
    /// An alarm for the deadline must be set first; it is noted as set.
    Arm(P),
}

/// What an alarm that went off came to.
#[derive(PartialEq, Eq, Debug)]
pub enum Expired<P> {
    /// Nobody waits for it any more.
    Nothing,
    /// The process waits for this later deadline, now noted as armed.
    Later(Deadline),
    /// The process's deadline is reached: it is the caller's to run.
    Woke(P),
}

/// What the world must put away for a process whose slot was closed.
#[derive(PartialEq, Eq, Debug)]
pub struct Left {
    /// An alarm may still be set for its receive.
    pub armed: bool,
    /// Other processes started timers that send to it.
    pub timed_by_others: bool,
}

const NOBODY: u64 = u64::MAX;
const UNARMED: Deadline = Deadline(crate::time::Instant { ns: u64::MAX });

struct Mail<P, S> {
    holder: u64,
    parked: Option<P>,
    signals: Vec<S>,
    /// Deadline of the parked process.
    until: Deadline,
    /// Deadline of the alarm that is set.
    armed: Deadline,
    name: Option<Atom>,
    entropy_asked: u32,
    timed_by_others: bool,
}

/// `P` is the process as it lies parked, `S` a signal.
pub struct Slot<P, S> {
    /// Signals waiting, for a look without the lock; written under it.
    waiting: AtomicU32,
    mail: Lock<Mail<P, S>>,
}

/// Signals that a running process's slot keeps room for, and a parked one's.
const ROOM_RUNNING: usize = 64;
const ROOM_PARKED: usize = 8;

impl<P, S> Default for Slot<P, S> {
    fn default() -> Self {
        Slot {
            waiting: AtomicU32::new(0),
            mail: Lock::new(Mail {
                holder: NOBODY,
                parked: None,
                signals: Vec::new(),
                until: UNARMED,
                armed: UNARMED,
                name: None,
                entropy_asked: 0,
                timed_by_others: false,
            }),
        }
    }
}

impl<P, S> Slot<P, S> {
    /// Gives the vacant slot to a process that is about to run.
    pub fn open(&self, pid: Pid) {
        let mut mail = self.mail.lock();
        assert!(mail.holder == NOBODY && mail.parked.is_none(), "an opened slot is vacant");
        mail.holder = pid.payload();
        mail.armed = UNARMED;
        mail.name = None;
        mail.entropy_asked = 0;
        mail.timed_by_others = false;
    }

    /// Puts a signal in, unless the process is parked.
    #[inline]
    pub fn send(&self, to: Pid, signal: S) -> Sent<P, S> {
        let mut mail = self.mail.lock();
        if mail.holder != to.payload() {
            return Sent::Gone(signal);
        }
        if let Some(process) = mail.parked.take() {
            return Sent::Woke(process, signal);
        }
        if mail.signals.capacity() == 0 {
            // Room for one: most processes never have two waiting.
            mail.signals.reserve_exact(1);
        }
        mail.signals.push(signal);
        self.waiting.store(mail.signals.len() as u32, Ordering::Release);
        Sent::Queued
    }

    /// Takes the process out, if it is parked and waits for signals only. It is the caller's to park again, or to run.
    pub fn hold(&self, holder: Pid) -> Option<P> {
        let mut mail = self.mail.lock();
        if mail.holder != holder.payload() || mail.until != UNARMED {
            return None;
        }
        mail.parked.take()
    }

    /// Puts back in what a woken process could not be given at once. For who woke it, before it runs.
    pub fn put_first(&self, signal: S) {
        let mut mail = self.mail.lock();
        assert!(mail.holder != NOBODY && mail.parked.is_none(), "a woken process holds its slot");
        mail.signals.insert(0, signal);
        self.waiting.store(mail.signals.len() as u32, Ordering::Release);
    }

    /// Moves the waiting signals to the end of `into`; for the running holder alone.
    #[inline]
    pub fn fetch(&self, into: &mut Vec<S>) {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut mail = self.mail.lock();
        into.append(&mut mail.signals);
        self.waiting.store(0, Ordering::Release);
        if mail.signals.capacity() > ROOM_RUNNING {
            mail.signals = Vec::new();
        }
    }

    /// The holder waits for a signal, or the deadline. After [`Park::Arm`] the caller sets the alarm and
    /// parks again.
    #[inline]
    pub fn park(&self, process: P, until: Option<Deadline>) -> Park<P> {
        let mut mail = self.mail.lock();
        assert!(mail.holder != NOBODY && mail.parked.is_none(), "a parking process runs and holds its slot");
        if !mail.signals.is_empty() {
            return Park::Signals(process);
        }
        if let Some(deadline) = until
            && mail.armed > deadline
        {
            mail.armed = deadline;
            return Park::Arm(process);
        }
        if mail.signals.capacity() > ROOM_PARKED {
            mail.signals = Vec::new();
        }
        mail.until = until.unwrap_or(UNARMED);
        mail.parked = Some(process);
        Park::Parked
    }

    /// The alarm that was set for `deadline` goes off. Where the process waits for a later one, `arm` sets
    /// the alarm for that.
    pub fn expire(
        &self,
        pid: Pid,
        deadline: Deadline,
        now: Deadline,
        arm: impl FnOnce(Deadline),
    ) -> Expired<P> {
        let mut mail = self.mail.lock();
        if mail.holder != pid.payload() || mail.armed != deadline {
            return Expired::Nothing;
        }
        mail.armed = UNARMED;
        if mail.parked.is_none() || mail.until == UNARMED {
            return Expired::Nothing;
        }
        if mail.until > now {
            // Under the lock, so that the process cannot set an alarm of its own in between.
            mail.armed = mail.until;
            arm(mail.until);
            return Expired::Later(mail.until);
        }
        match mail.parked.take() {
            Some(process) => Expired::Woke(process),
            None => Expired::Nothing,
        }
    }

    /// Closes the slot to signals; those that wait are moved to `into`. For the running holder alone.
    /// `Err` with the name that it still has.
    pub fn close(&self, into: &mut Vec<S>) -> Result<Left, Atom> {
        let mut mail = self.mail.lock();
        assert!(mail.holder != NOBODY && mail.parked.is_none(), "a closing process runs and holds its slot");
        if let Some(name) = mail.name {
            return Err(name);
        }
        mail.holder = NOBODY;
        into.append(&mut mail.signals);
        self.waiting.store(0, Ordering::Release);
        if mail.signals.capacity() > ROOM_PARKED {
            mail.signals = Vec::new();
        }
        Ok(Left { armed: mail.armed != UNARMED, timed_by_others: mail.timed_by_others })
    }

    /// Who holds the slot.
    pub fn holder(&self) -> Option<Pid> {
        let holder = self.mail.lock().holder;
        (holder != NOBODY).then(|| Pid::from_payload(holder))
    }

    /// Notes the holder's name. `false` if it is gone or has one.
    pub fn take_name(&self, pid: Pid, name: Atom) -> bool {
        let mut mail = self.mail.lock();
        let takes = mail.holder == pid.payload() && mail.name.is_none();
        if takes {
            mail.name = Some(name);
        }
        takes
    }

    pub fn drop_name(&self, pid: Pid, name: Atom) {
        let mut mail = self.mail.lock();
        if mail.holder == pid.payload() && mail.name == Some(name) {
            mail.name = None;
        }
    }

    pub fn name(&self, pid: Pid) -> Option<Atom> {
        let mail = self.mail.lock();
        if mail.holder == pid.payload() { mail.name } else { None }
    }

    /// Notes that another process started a timer that sends to the holder. `false` if it is gone.
    pub fn timed_by_another(&self, pid: Pid) -> bool {
        let mut mail = self.mail.lock();
        let here = mail.holder == pid.payload();
        mail.timed_by_others |= here;
        here
    }

    /// How often the holder asked for entropy before.
    pub fn count_entropy(&self) -> u32 {
        let mut mail = self.mail.lock();
        mail.entropy_asked += 1;
        mail.entropy_asked - 1
    }
}
