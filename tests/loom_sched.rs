//! All interleavings, by loom, of what scheduler threads share without a common order: a slot's signals and
//! parking, its closing, its alarm, its holding, the end of a descriptor, and the sleeping of threads.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --test loom_sched`; without that cfg this file is empty.
//! The models are small: a process is a text, a signal is a number, work is a count. They are explored up to
//! the number of preemptions that each names, two threads further than three.
#![cfg(loom)]

use loom::sync::Arc;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::atomic::Ordering;
use std::time::Duration;
use warpbeam::fd::RawFd;
use warpbeam::fd::life::{Asked, Life, Step};
use warpbeam::process::pid::{Pid, Serial};
use warpbeam::sched::atomics::{AtomicBool, AtomicU64};
use warpbeam::sched::park::{Parking, Watch, WorkerIx};
use warpbeam::time::{Deadline, Instant};
use warpbeam::world::concurrent::slot::{Expired, Park, Sent, Slot};

/// A woken process, as the signal that it was given.
type Woken = Mutex<Option<u32>>;
/// A process that was woken and finds its signal in the slot.
const NOTHING: u32 = u32::MAX;

type TestSlot = Slot<&'static str, u32>;

/// Explores every interleaving with at most this many preemptions.
fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn pid(serial: u64) -> Pid {
    Pid::numbered(Serial(serial))
}

fn at(ns: u64) -> Deadline {
    Deadline(Instant { ns })
}

/// Runs the process until it has `wanted` signals. It runs wherever it is woken, so `woken` hands it over.
fn run_until(slot: &TestSlot, woken: &Woken, got: &mut Vec<u32>, wanted: usize) {
    loop {
        slot.fetch(got);
        if got.len() >= wanted {
            return;
        }
        match slot.park("process", None) {
            Park::Signals(_) => {}
            Park::Arm(_) => panic!("nothing to arm without a deadline"),
            Park::Parked => loop {
                if let Some(first) = woken.lock().expect("no panic").take() {
                    got.extend((first != NOTHING).then_some(first));
                    break;
                }
                thread::yield_now();
            },
        }
    }
}

#[test]
fn no_wake_up_is_lost_and_none_comes_twice() {
    explore(3, || {
        let slot = Arc::new(TestSlot::default());
        slot.open(pid(1));
        let woken = Arc::new(Mutex::new(None));
        let senders: Vec<_> = (0..2)
            .map(|i| {
                let (slot, woken) = (slot.clone(), woken.clone());
                thread::spawn(move || {
                    if let Sent::Woke(_, signal) = slot.send(pid(1), i) {
                        let twice = woken.lock().expect("no panic").replace(signal);
                        assert!(twice.is_none(), "a woken process runs before it is woken again");
                    }
                })
            })
            .collect();
        let mut got = Vec::new();
        run_until(&slot, &woken, &mut got, 2);
        got.sort_unstable();
        assert_eq!(got, [0, 1]);
        senders.into_iter().for_each(|sender| sender.join().expect("no panic"));
    });
}

#[test]
fn signals_of_one_sender_stay_in_order() {
    explore(3, || {
        let slot = Arc::new(TestSlot::default());
        slot.open(pid(1));
        let woken = Arc::new(Mutex::new(None));
        let sender = {
            let (slot, woken) = (slot.clone(), woken.clone());
            thread::spawn(move || {
                for i in 0..3 {
                    if let Sent::Woke(_, signal) = slot.send(pid(1), i) {
                        if i == 1 {
                            // Not at once: it goes back in front of what comes behind it.
                            slot.put_first(signal);
                            *woken.lock().expect("no panic") = Some(NOTHING);
                        } else {
                            *woken.lock().expect("no panic") = Some(signal);
                        }
                    }
                }
            })
        };
        let mut got = Vec::new();
        run_until(&slot, &woken, &mut got, 3);
        assert_eq!(got, [0, 1, 2]);
        sender.join().expect("no panic");
    });
}

#[test]
fn a_signal_is_in_the_closing_batch_or_bounces() {
    explore(3, || {
        let slot = Arc::new(TestSlot::default());
        slot.open(pid(1));
        let sender = {
            let slot = slot.clone();
            thread::spawn(move || (0..2).filter(|&i| slot.send(pid(1), i) == Sent::Gone(i)).count())
        };
        let mut got = Vec::new();
        slot.fetch(&mut got);
        slot.close(&mut got).expect("it has no name");
        // The slot's next holder must not see what was meant for the one before.
        slot.open(pid(2));
        let mut others = Vec::new();
        let bounced = sender.join().expect("no panic");
        slot.fetch(&mut others);
        assert!(others.is_empty());
        assert_eq!(got.len() + bounced, 2);
        assert!(got.is_sorted());
    });
}

/// A port's process, which is run, or held by who sends in its place.
#[derive(Clone)]
struct Port {
    slot: Arc<TestSlot>,
    busy: Arc<AtomicBool>,
    got: Arc<AtomicU64>,
}

impl Port {
    fn parked() -> Port {
        let slot = Arc::new(TestSlot::default());
        slot.open(pid(1));
        assert_eq!(slot.park("port", None), Park::Parked);
        Port { slot, busy: Arc::new(AtomicBool::new(false)), got: Arc::new(AtomicU64::new(0)) }
    }

    /// Whoever has the process is alone with it.
    fn alone(&self, signals: u64) {
        assert!(!self.busy.swap(true, Ordering::SeqCst), "somebody else runs it or holds it");
        self.got.fetch_add(signals, Ordering::SeqCst);
        self.busy.store(false, Ordering::SeqCst);
    }

    /// Lets it go, or runs it while signals have come.
    fn let_go(&self) {
        while let Park::Signals(_) = self.slot.park("port", None) {
            let mut more = Vec::new();
            self.slot.fetch(&mut more);
            self.alone(more.len() as u64);
        }
    }

    fn lend(&self) {
        if self.slot.hold(pid(1)).is_some() {
            self.alone(0);
            self.let_go();
        }
    }

    fn send(&self) {
        match self.slot.send(pid(1), 1) {
            Sent::Woke(..) => {
                self.alone(1);
                self.let_go();
            }
            Sent::Queued => {}
            Sent::Gone(_) => panic!("the slot is open"),
        }
    }
}

#[test]
fn a_held_process_is_not_run_and_gets_what_was_sent_meanwhile() {
    explore(3, || {
        let port = Port::parked();
        let threads = [Port::lend, Port::send].map(|act| {
            let port = port.clone();
            thread::spawn(move || act(&port))
        });
        port.lend();
        port.send();
        for thread in threads {
            thread.join().expect("no panic");
        }
        assert_eq!(port.got.load(Ordering::SeqCst), 2, "no signal is left lying");
        assert!(port.slot.hold(pid(1)).is_some(), "it waits again");
    });
}

#[test]
fn nobody_holds_who_waits_with_a_deadline_or_is_gone() {
    explore(3, || {
        let port = Port::parked();
        let lender = {
            let port = port.clone();
            thread::spawn(move || port.lend())
        };
        // It is told to end, and its slot is another's.
        let woken = match port.slot.send(pid(1), 9) {
            Sent::Woke(..) => true,
            Sent::Queued => false,
            Sent::Gone(_) => panic!("the slot is open"),
        };
        if woken {
            port.alone(1);
            port.slot.close(&mut Vec::new()).expect("it has no name");
            port.slot.open(pid(2));
            assert_eq!(port.slot.park("another", None), Park::Parked);
            assert_eq!(port.slot.hold(pid(2)), Some("another"), "nobody asks for this one");
            assert_eq!(port.slot.park("another", Some(at(5))), Park::Arm("another"));
            assert_eq!(port.slot.park("another", Some(at(5))), Park::Parked);
            assert_eq!(port.slot.hold(pid(2)), None, "it waits for a time too");
        }
        lender.join().expect("no panic");
        assert_eq!(port.got.load(Ordering::SeqCst), 1);
        assert_eq!(port.slot.hold(pid(1)).is_some(), !woken);
    });
}

/// A descriptor at the desk, with an operation in flight, and what the ring was given to close.
struct Descriptor {
    life: Life,
    wins: u32,
    closes: u32,
}

impl Descriptor {
    fn step(&mut self, step: Step) {
        self.closes += u32::from(step == Step::Close(RawFd(7)));
    }

    fn ask(&mut self) {
        if let Asked::Won(step) = self.life.close() {
            self.wins += 1;
            self.step(step);
        }
    }

    fn end(&mut self) {
        let step = self.life.ended();
        self.step(step);
    }
}

#[test]
fn a_descriptor_is_closed_once_whoever_asks() {
    explore(4, || {
        let mut life = Life::opening();
        assert_eq!(life.opened(Some(RawFd(7))), Step::Nothing);
        assert_eq!(life.begin(), Some(RawFd(7)));
        let desk = Arc::new(Mutex::new(Descriptor { life, wins: 0, closes: 0 }));
        // The program, the owner's end, and a collection that found no reference.
        let askers: Vec<_> = (0..3)
            .map(|_| {
                let desk = desk.clone();
                thread::spawn(move || desk.lock().expect("no panic").ask())
            })
            .collect();
        desk.lock().expect("no panic").end();
        // The runtime's end.
        desk.lock().expect("no panic").ask();
        askers.into_iter().for_each(|asker| asker.join().expect("no panic"));
        let mut desk = desk.lock().expect("no panic");
        assert_eq!((desk.wins, desk.closes), (1, 1));
        desk.life.closed();
        desk.ask();
        assert_eq!((desk.wins, desk.closes), (1, 1));
    });
}

#[test]
fn an_alarm_wakes_or_is_set_again() {
    explore(3, || {
        let slot = Arc::new(TestSlot::default());
        slot.open(pid(1));
        // The timer heap: which alarm is set.
        let alarm = Arc::new(Mutex::new(0));
        let woken = Arc::new(Mutex::new(0));
        let clock = {
            let (slot, alarm, woken) = (slot.clone(), alarm.clone(), woken.clone());
            move || {
                let due = std::mem::take(&mut *alarm.lock().expect("no panic"));
                if due == 0 {
                    return;
                }
                let again = |later: Deadline| *alarm.lock().expect("no panic") = later.0.ns;
                match slot.expire(pid(1), at(due), at(due), again) {
                    Expired::Woke(_) => *woken.lock().expect("no panic") += 1,
                    Expired::Later(_) | Expired::Nothing => {}
                }
            }
        };
        let ticking = thread::spawn(clock.clone());
        // Waits until 5, is woken by a message of its own meanwhile, then waits until 9.
        let mut wakes = 0;
        for (until, message) in [(5, true), (9, false)] {
            let mut process = "process";
            loop {
                match slot.park(process, Some(at(until))) {
                    Park::Parked => break,
                    Park::Signals(_) => panic!("nothing was sent before"),
                    Park::Arm(waiting) => {
                        process = waiting;
                        *alarm.lock().expect("no panic") = until;
                    }
                }
            }
            if message {
                match slot.send(pid(1), 1) {
                    Sent::Woke(..) => {}
                    // Its time was up before.
                    Sent::Queued => wakes += 1,
                    Sent::Gone(_) => panic!("the slot is open"),
                }
                slot.fetch(&mut Vec::new());
            }
        }
        ticking.join().expect("no panic");
        // Time passes: at most two ticks (the alarm of 5, then that of 9) end the wait.
        for _ in 0..2 {
            clock();
        }
        assert_eq!(*woken.lock().expect("no panic"), wakes + 1, "the second wait ends once");
        assert_eq!(*alarm.lock().expect("no panic"), 0);
    });
}

/// Takes one piece of work, as a thread that stole it would.
fn take(work: &AtomicU64) -> bool {
    work.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

#[test]
fn no_work_waits_while_all_threads_sleep() {
    explore(3, || {
        let parking = Arc::new(Parking::new(2));
        let work = Arc::new(AtomicU64::new(0));
        let done = Arc::new(AtomicU64::new(0));
        let sleepers: Vec<_> = (0..2)
            .map(|number| {
                let (parking, work, done) = (parking.clone(), work.clone(), done.clone());
                thread::spawn(move || {
                    parking.begin_search();
                    // Each thread takes one piece, and the model hangs if one is left lying.
                    while !take(&work) {
                        let look = || work.load(Ordering::SeqCst) > 0;
                        parking.sleep(WorkerIx(number), None, None, |_| look());
                    }
                    parking.end_search(|| work.load(Ordering::SeqCst) > 0);
                    done.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        for _ in 0..2 {
            work.fetch_add(1, Ordering::Release);
            parking.work_added();
        }
        sleepers.into_iter().for_each(|sleeper| sleeper.join().expect("no panic"));
        assert_eq!(done.load(Ordering::SeqCst), 2);
    });
}

/// Where completions arrive: a kick is one of them that says nothing, and who takes it passes it on to who sleeps.
#[derive(Default)]
struct Pond {
    state: Mutex<Water>,
    changed: Condvar,
}

#[derive(Default)]
struct Water {
    arrived: u32,
    kicked: bool,
    watchers: u32,
}

impl Pond {
    fn change<T>(&self, change: impl FnOnce(&mut Water) -> T) -> T {
        let changed = change(&mut self.state.lock().expect("no panic"));
        self.changed.notify_all();
        changed
    }

    /// Takes one completion, or what there is of them.
    fn reap(&self) -> bool {
        self.change(|water| {
            water.kicked &= water.watchers > 0;
            let some = water.arrived > 0;
            water.arrived -= u32::from(some);
            some
        })
    }
}

impl Watch for Pond {
    fn any(&self) -> bool {
        self.state.lock().expect("no panic").arrived > 0
    }

    fn flush(&self) {}

    fn begin(&self) {
        self.change(|water| water.watchers += 1);
    }

    fn wait(&self, _: Option<Duration>) {
        let mut water = self.state.lock().expect("no panic");
        while water.arrived == 0 && !water.kicked {
            water = self.changed.wait(water).expect("no panic");
        }
    }

    fn end(&self) {
        self.change(|water| water.watchers -= 1);
    }

    fn kick(&self) {
        self.change(|water| water.kicked = true);
    }
}

#[test]
fn completions_and_work_wake_who_watches() {
    explore(2, || {
        let parking = Arc::new(Parking::new(2));
        let (work, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let pond = std::sync::Arc::new(Pond::default());
        let sleepers: Vec<_> = (0..2)
            .map(|number| {
                let (parking, work, done) = (parking.clone(), work.clone(), done.clone());
                let pond = pond.clone();
                thread::spawn(move || {
                    let watch: std::sync::Arc<dyn Watch> = pond.clone();
                    parking.begin_search();
                    // One of the two takes the work and the other the completion.
                    while !take(&work) && !pond.reap() {
                        let look = |_| work.load(Ordering::SeqCst) > 0 || pond.any();
                        parking.sleep(WorkerIx(number), None, Some(&watch), look);
                    }
                    parking.end_search(|| work.load(Ordering::SeqCst) > 0);
                    parking.have_watched();
                    done.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        pond.change(|water| water.arrived += 1);
        work.fetch_add(1, Ordering::Release);
        parking.work_added();
        sleepers.into_iter().for_each(|sleeper| sleeper.join().expect("no panic"));
        assert_eq!(done.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn the_end_wakes_everybody() {
    explore(3, || {
        let parking = Arc::new(Parking::new(2));
        let stopping = Arc::new(AtomicBool::new(false));
        let sleepers: Vec<_> = (0..2)
            .map(|number| {
                let (parking, stopping) = (parking.clone(), stopping.clone());
                thread::spawn(move || {
                    parking.begin_search();
                    while !stopping.load(Ordering::SeqCst) {
                        parking.sleep(WorkerIx(number), None, None, |_| stopping.load(Ordering::SeqCst));
                    }
                    parking.end_search(|| false);
                })
            })
            .collect();
        stopping.store(true, Ordering::SeqCst);
        parking.wake_all();
        sleepers.into_iter().for_each(|sleeper| sleeper.join().expect("no panic"));
    });
}
