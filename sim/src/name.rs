//! Names that stay put: processes by spawn path, channels, timers, and their hashes.
//!
//! `main` is the entry process, `main.2` its second child, `main.2.1` that one's first. A name is a function of
//! what its parents did, not of the order in which the run went, so a schedule's lines keep their meaning when
//! other lines go away. Invariant: a name's hash is the same whether it is made from text or from a run.

use crate::choice::Actor;
use crate::digest::fold;
use crate::kernel::fault::Fault;
use std::fmt;
use warpbeam::process::pid::Pid;

/// A process's place in the tree of spawns: the child number of each step from the entry process, from 1.
/// Services that run beside the program are below its child 0, which is written `boot`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Path(pub Vec<u32>);

/// Steps that a path in a schedule file may have.
const PATH_STEPS_MAX: usize = 10_000;

/// The child number of the services' root.
const BESIDE: u32 = 0;
/// The first step to a process that never was, whose pid a program has made of a text. The next one is its number.
const NEVER: u32 = u32::MAX;
/// After the machine has crashed for the nth time, all processes are below the child with this number and n.
const RESTARTED: u32 = 0xFFFF_0000;

const ROOT_HASH: u64 = 0x6d61_696e;
const CHANNEL: u64 = 0x6368_616e;
const TIMER: u64 = 0x7469_6d65;
const AFTER: u64 = 0x6166_7465;
const COMPLETION: u64 = 0x636f_6d70;
const LINK: u64 = 0x6c69_6e6b;
const VALUE: u64 = 0x7661_6c75;
const FAULT: u64 = 0x6661_756c;

#[inline]
fn child_hash(parent: u64, nth: u32) -> u64 {
    fold(parent, u64::from(nth))
}

impl Path {
    fn of_nobody(serial: u32) -> Path {
        Path(vec![NEVER, serial])
    }

    pub fn hash(&self) -> u64 {
        self.0.iter().fold(ROOT_HASH, |hash, &nth| child_hash(hash, nth))
    }

    /// Reads `main`, `main.2`, `main.2.1`, `boot.1`, `never.7`; `main~1.2` is after the first crash.
    pub fn parse(text: &str) -> Option<Path> {
        let mut parts = text.split('.');
        let (root, restarts) = match parts.next()?.split_once('~') {
            Some((root, restarts)) => (root, number(restarts).filter(|n| (1..0x1_0000).contains(n))?),
            None => (text.split('.').next()?, 0),
        };
        let mut steps = Vec::new();
        if restarts > 0 {
            steps.push(RESTARTED + restarts);
        }
        match root {
            "main" => {}
            "boot" => steps.push(BESIDE),
            "never" => steps.push(NEVER),
            _ => return None,
        }
        for part in parts.take(PATH_STEPS_MAX + 1) {
            steps.push(number(part).filter(|nth| (BESIDE + 1..RESTARTED).contains(nth))?);
        }
        (steps.len() <= PATH_STEPS_MAX).then_some(Path(steps))
    }
}

/// Digits only: `parse` would take a sign too.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (restarts, steps) = match self.0.as_slice() {
            [NEVER, ..] => (0, self.0.as_slice()),
            [first, steps @ ..] if *first > RESTARTED => (first - RESTARTED, steps),
            steps => (0, steps),
        };
        let (root, steps) = match steps {
            [BESIDE, steps @ ..] => ("boot", steps),
            [NEVER, steps @ ..] => ("never", steps),
            steps => ("main", steps),
        };
        f.write_str(root)?;
        if restarts > 0 {
            write!(f, "~{restarts}")?;
        }
        steps.iter().try_for_each(|nth| write!(f, ".{nth}"))
    }
}

/// An actor by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ActorName {
    /// `main.2`
    Process(Path),
    /// `main>main.2`
    Channel { from: Path, to: Path },
    /// `timer:main.1/4`: the fourth reference of `main.1`.
    Timer { owner: Path, count: u32 },
    /// `after:main.1/4`: the time limit of the receive that `main.1` entered after its fourth event.
    After { owner: Path, count: u32 },
    /// `io:main.1/4`: the completion of an operation that `main.1` knows by its fourth reference.
    Completion { owner: Path, count: u32 },
    /// `link:2>3/4`: the fourth passage from the second host to the third.
    Link { from: u16, to: u16, count: u32 },
    /// `no`
    Nobody,
    /// `=3`
    Value(u32),
    /// `eio`, `crash`
    Fault(Fault),
}

impl ActorName {
    pub fn hash(&self) -> u64 {
        match self {
            ActorName::Process(path) => path.hash(),
            ActorName::Channel { from, to } => channel_hash(from.hash(), to.hash()),
            ActorName::Timer { owner, count } => fold(owner.hash() ^ TIMER, u64::from(*count)),
            ActorName::After { owner, count } => fold(owner.hash() ^ AFTER, u64::from(*count)),
            ActorName::Completion { owner, count } => fold(owner.hash() ^ COMPLETION, u64::from(*count)),
            ActorName::Link { from, to, count } => link_hash(*from, *to, *count),
            ActorName::Nobody => 0,
            ActorName::Value(n) => fold(VALUE, u64::from(*n)),
            ActorName::Fault(fault) => fold(FAULT, *fault as u64),
        }
    }

    pub fn parse(text: &str) -> Option<ActorName> {
        if text == "no" {
            return Some(ActorName::Nobody);
        }
        if let Some(value) = text.strip_prefix('=') {
            return number(value).map(ActorName::Value);
        }
        if let Some(fault) = Fault::parse(text) {
            return Some(ActorName::Fault(fault));
        }
        let owned = |rest: &str| {
            let (owner, count) = rest.split_once('/')?;
            Some((Path::parse(owner)?, number(count)?))
        };
        if let Some(rest) = text.strip_prefix("timer:") {
            return owned(rest).map(|(owner, count)| ActorName::Timer { owner, count });
        }
        if let Some(rest) = text.strip_prefix("after:") {
            return owned(rest).map(|(owner, count)| ActorName::After { owner, count });
        }
        if let Some(rest) = text.strip_prefix("io:") {
            return owned(rest).map(|(owner, count)| ActorName::Completion { owner, count });
        }
        if let Some(rest) = text.strip_prefix("link:") {
            let (hosts, count) = rest.split_once('/')?;
            let (from, to) = hosts.split_once('>')?;
            let host = |text| u16::try_from(number(text)?).ok()?.checked_sub(1);
            return Some(ActorName::Link { from: host(from)?, to: host(to)?, count: number(count)? });
        }
        match text.split_once('>') {
            Some((from, to)) => Some(ActorName::Channel { from: Path::parse(from)?, to: Path::parse(to)? }),
            None => Path::parse(text).map(ActorName::Process),
        }
    }
}

fn channel_hash(from: u64, to: u64) -> u64 {
    fold(from ^ CHANNEL, to)
}

fn link_hash(from: u16, to: u16, count: u32) -> u64 {
    fold(LINK, u64::from(from) << 48 | u64::from(to) << 32 | u64::from(count))
}

impl fmt::Display for ActorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActorName::Process(path) => path.fmt(f),
            ActorName::Channel { from, to } => write!(f, "{from}>{to}"),
            ActorName::Timer { owner, count } => write!(f, "timer:{owner}/{count}"),
            ActorName::After { owner, count } => write!(f, "after:{owner}/{count}"),
            ActorName::Completion { owner, count } => write!(f, "io:{owner}/{count}"),
            ActorName::Link { from, to, count } => {
                write!(f, "link:{}>{}/{count}", u32::from(*from) + 1, u32::from(*to) + 1)
            }
            ActorName::Nobody => f.write_str("no"),
            ActorName::Value(n) => write!(f, "={n}"),
            ActorName::Fault(fault) => f.write_str(fault.name()),
        }
    }
}

/// How a process came to be.
#[derive(Clone, Copy, Debug)]
struct Birth {
    /// An entry process has itself.
    parent: u32,
    /// Which child of its parent, from 1.
    nth: u32,
    hash: u64,
}

/// The tree of spawns of a run, by serial number. Kept for the dead too: their names go on being used.
#[derive(Clone, Debug, Default)]
pub struct Births {
    list: Vec<Birth>,
    /// The entry process that is there, or was last.
    entry: u32,
    /// Times that the machine has crashed.
    restarts: u32,
}

/// The entry process's serial number, as long as the machine has not crashed.
pub const ENTRY: u32 = 0;

impl Births {
    pub fn clear(&mut self) {
        self.list.clear();
        self.entry = ENTRY;
        self.restarts = 0;
    }

    /// The serial number of the entry process.
    #[inline]
    pub fn entry(&self) -> u32 {
        self.entry
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds the entry process.
    pub fn root(&mut self) -> u32 {
        assert!(self.list.is_empty(), "the entry process comes first");
        self.list.push(Birth { parent: ENTRY, nth: 0, hash: ROOT_HASH });
        ENTRY
    }

    /// Adds the entry process that begins when the machine has crashed.
    pub fn root_again(&mut self) -> u32 {
        self.restarts += 1;
        self.entry = self.list.len() as u32;
        let nth = RESTARTED + self.restarts;
        self.list.push(Birth { parent: self.entry, nth, hash: child_hash(ROOT_HASH, nth) });
        self.entry
    }

    /// Times that the machine has crashed.
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Adds the root of the services.
    pub fn beside(&mut self) -> u32 {
        self.child(self.entry, BESIDE)
    }

    /// Whether the process is the services' root or below it.
    pub fn is_beside(&self, serial: u32) -> bool {
        let mut at = serial;
        loop {
            let birth = self.list[at as usize];
            if birth.parent == at {
                return false;
            }
            if birth.nth == BESIDE {
                return true;
            }
            at = birth.parent;
        }
    }

    /// Adds the `nth` child (from 1) of a process.
    #[inline]
    pub fn child(&mut self, parent: u32, nth: u32) -> u32 {
        let hash = child_hash(self.list[parent as usize].hash, nth);
        self.list.push(Birth { parent, nth, hash });
        (self.list.len() - 1) as u32
    }

    /// The hashes of the paths of all processes that have ever been.
    pub fn path_hashes(&self) -> impl Iterator<Item = u64> + '_ {
        self.list.iter().map(|birth| birth.hash)
    }

    /// Nobody, of the entry process.
    pub fn parent(&self, serial: u32) -> Option<u32> {
        Some(self.list[serial as usize].parent).filter(|&parent| parent != serial)
    }

    #[inline]
    pub fn hash(&self, serial: u32) -> u64 {
        self.list.get(serial as usize).map_or_else(|| Path::of_nobody(serial).hash(), |birth| birth.hash)
    }

    /// The path's hash of a pid's process; of a pid from elsewhere, its bits.
    #[inline]
    pub fn pid_hash(&self, pid: Pid) -> u64 {
        let serial = pid.serial().0;
        self.list.get(serial as usize).map_or_else(|| pid.payload(), |birth| birth.hash)
    }

    #[inline]
    pub fn actor_hash(&self, actor: Actor) -> u64 {
        match actor {
            Actor::Process(serial) => self.hash(serial),
            Actor::Channel { from, to } => channel_hash(self.hash(from), self.hash(to)),
            Actor::Timer { owner, count } => fold(self.hash(owner) ^ TIMER, u64::from(count)),
            Actor::After { owner, count } => fold(self.hash(owner) ^ AFTER, u64::from(count)),
            Actor::Completion { owner, count } => fold(self.hash(owner) ^ COMPLETION, u64::from(count)),
            Actor::Link { from, to, count } => link_hash(from, to, count),
            Actor::Nobody => 0,
            Actor::Value(n) => fold(VALUE, u64::from(n)),
            Actor::Fault(fault) => fold(FAULT, fault as u64),
        }
    }

    pub fn path(&self, serial: u32) -> Path {
        if serial as usize >= self.list.len() {
            return Path::of_nobody(serial);
        }
        let mut steps = Vec::new();
        let mut at = serial;
        loop {
            let birth = self.list[at as usize];
            if birth.parent != at || birth.nth > RESTARTED {
                steps.push(birth.nth);
            }
            if birth.parent == at {
                break;
            }
            at = birth.parent;
        }
        steps.reverse();
        Path(steps)
    }

    pub fn name(&self, actor: Actor) -> ActorName {
        match actor {
            Actor::Process(serial) => ActorName::Process(self.path(serial)),
            Actor::Channel { from, to } => ActorName::Channel { from: self.path(from), to: self.path(to) },
            Actor::Timer { owner, count } => ActorName::Timer { owner: self.path(owner), count },
            Actor::After { owner, count } => ActorName::After { owner: self.path(owner), count },
            Actor::Completion { owner, count } => ActorName::Completion { owner: self.path(owner), count },
            Actor::Link { from, to, count } => ActorName::Link { from, to, count },
            Actor::Nobody => ActorName::Nobody,
            Actor::Value(n) => ActorName::Value(n),
            Actor::Fault(fault) => ActorName::Fault(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_hash_as_in_a_run() {
        let mut births = Births::default();
        let root = births.root();
        let first = births.child(root, 1);
        let second = births.child(root, 2);
        let inner = births.child(second, 1);
        let boot = births.beside();
        let service = births.child(boot, 3);
        let actors = [
            (Actor::Fault(Fault::Crash), "crash"),
            (Actor::Process(boot), "boot"),
            (Actor::Process(service), "boot.3"),
            (Actor::Process(root), "main"),
            (Actor::Process(inner), "main.2.1"),
            (Actor::Channel { from: first, to: inner }, "main.1>main.2.1"),
            (Actor::Timer { owner: first, count: 4 }, "timer:main.1/4"),
            (Actor::After { owner: second, count: 9 }, "after:main.2/9"),
            (Actor::Completion { owner: first, count: 7 }, "io:main.1/7"),
            (Actor::Link { from: 1, to: 0, count: 3 }, "link:2>1/3"),
            (Actor::Nobody, "no"),
            (Actor::Value(3), "=3"),
        ];
        for (actor, text) in actors {
            let name = births.name(actor);
            assert_eq!(name.to_string(), text);
            assert_eq!(ActorName::parse(text), Some(name.clone()));
            assert_eq!(name.hash(), births.actor_hash(actor), "{text}");
        }
        for bad in [
            "",
            "main.",
            "main.0",
            "main.+1",
            "Main",
            "main.1>",
            "timer:main",
            "link:0>1/1",
            "main.4294967296",
        ] {
            assert_eq!(ActorName::parse(bad), None, "{bad}");
        }
    }
}
