//! The real processes against the model, over every order of steps of small programs; and laws that both must
//! keep, whatever the protocol.
//!
//! Two states that differ in nothing that a later step can see are looked at once.

use super::model::{Life, Link, Model, Number, Op, pid};
use super::tiny_world::{Village, pid_of};
use crate::bif::Outcome;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::process::links::LinkState;
use crate::process::{Phase, Process};
use crate::term::atom::FixedHasher;
use crate::term::show::show;
use crate::term::{Atom, Word};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::hash::Hasher;

/// A program each.
type Programs<'a> = &'a [&'a [Op]];

/// Both sides, and how far the programs are.
#[derive(Clone)]
struct State {
    real: Village,
    model: Model,
    next: Vec<usize>,
    /// Messages sent by each.
    sent: Vec<i64>,
    trail: Vec<(Number, Act)>,
}

/// What a process may do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Handle,
    /// The program's next operation, or the next step of an end.
    Go,
}

impl State {
    fn new(programs: Programs<'_>) -> State {
        let count = programs.len();
        State {
            real: Village::new(count),
            model: Model::new(count),
            next: vec![0; count],
            sent: vec![0; count],
            trail: Vec::new(),
        }
    }

    fn acts(&self, number: Number, programs: Programs<'_>) -> Vec<Act> {
        let life = self.model.processes[number].life;
        let handles = life == Life::Running && self.model.has_signals(number);
        let goes = match life {
            Life::Running => self.next[number] < programs[number].len(),
            Life::Ending { .. } => true,
            Life::Gone => false,
        };
        let acts = [(handles, Act::Handle), (goes, Act::Go)];
        acts.iter().filter(|(may, _)| *may).map(|&(_, act)| act).collect()
    }

    /// A step of a process on both sides.
    fn step(&mut self, number: Number, act: Act, programs: Programs<'_>) {
        self.trail.push((number, act));
        if act == Act::Handle {
            self.real.handle_signals(number);
            self.model.handle_signals(number);
        } else if self.real.is_exiting(number) {
            self.real.exit_step(number);
            self.model.end_step(number);
        } else {
            let op = programs[number][self.next[number]];
            self.next[number] += 1;
            self.operate(number, op);
            self.model.operate(number, op);
        }
        self.agree(programs);
    }

    /// The operation as the native functions do it. What they raise is caught.
    fn operate(&mut self, number: Number, op: Op) {
        let heap = &mut self.real.processes[number].heap;
        let atom = |text: &'static str| Word::atom(Atom::known(text));
        let process_of = |number: Number| pid_of(number).word();
        let (function, arguments) = match op {
            Op::TrapExit => ("process_flag", vec![atom("trap_exit"), Word::TRUE]),
            Op::Link(peer) => ("link", vec![process_of(peer)]),
            Op::Unlink(peer) => ("unlink", vec![process_of(peer)]),
            Op::Monitor(target) => ("monitor", vec![atom("process"), process_of(target)]),
            Op::Demonitor => {
                let count = self.model.processes[number].monitors_made;
                let id = RefId { creator: pid_of(number).payload(), count };
                let reference = heap.new_reference(id).expect("the heap has room");
                let options = heap.new_list(&[atom("flush")], Word::NIL).expect("the heap has room");
                ("demonitor", vec![reference, options])
            }
            Op::Exit(to, reason) => ("exit", vec![process_of(to), atom(reason)]),
            Op::End(reason) => {
                let reason = Parcel::immediate(atom(reason));
                return self.real.processes[number].begin_exit(reason);
            }
            Op::Send(to) => {
                self.sent[number] += 1;
                let text = Word::small(100 * (number as i64 + 1) + self.sent[number]);
                ("send", vec![process_of(to), text])
            }
        };
        if let Ok(Outcome::ExitSelf(reason)) =
            self.real.call(number, Atom::ERLANG, Atom::known(function), &arguments)
        {
            self.real.processes[number].begin_exit(reason);
        }
    }

    fn agree(&self, programs: Programs<'_>) {
        for (number, model) in self.model.processes.iter().enumerate() {
            let real = &self.real.processes[number];
            let (seen, meant) = (real_view(real), model_view(model));
            assert!(
                seen == meant,
                "process {} of {programs:?} after the steps {:?}:\n  is      {seen}\n  must be {meant}",
                number,
                self.trail
            );
        }
    }

    fn fingerprint(&self) -> u64 {
        let mut digest = Digest(FixedHasher::default());
        for (number, process) in self.real.processes.iter().enumerate() {
            let c = &process.control;
            let signals = &self.real.world.slots[number];
            write!(
                digest,
                "{:?}",
                (
                    (&c.phase, c.trap_exit, &c.links, &c.monitoring, &c.watchers, &c.mailbox),
                    (c.references_made, c.unlinks_made, &signals.inbox, signals.closed, self.next[number])
                )
            )
            .expect("a hash takes any text");
        }
        digest.0.finish()
    }
}

struct Digest(FixedHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// What can be told of a process, as text.
fn real_view(process: &Process) -> String {
    let c = &process.control;
    let parcel = |parcel: &Parcel| {
        let (heap, word) = parcel.unpack(&Default::default());
        show(&heap, word)
    };
    let life = match &c.phase {
        Phase::Running => "running".to_owned(),
        Phase::Exiting(exiting) => format!("ending {}", parcel(&exiting.reason)),
        Phase::Gone => return "gone".to_owned(),
    };
    let number = |p: crate::process::pid::Pid| p.serial().0 as usize - 1;
    let links: Vec<String> = c
        .links
        .iter()
        .map(|(peer, state)| match state {
            LinkState::Linked => format!("{}", number(peer)),
            LinkState::Unlinking(id) => format!("{} cut {id}", number(peer)),
        })
        .collect();
    let watching: Vec<(u64, usize)> =
        c.monitoring.iter().map(|(count, m)| (count, m.target.map_or(usize::MAX, number))).collect();
    let watched: Vec<(usize, u64)> =
        c.watchers.iter().map(|(r, _)| (number(r.creator_pid()), r.count)).collect();
    let mailbox: Vec<String> = c.mailbox.unread.iter().map(|m| parcel(&m.parcel)).collect();
    format!("{life} links {links:?} watching {watching:?} watched {watched:?} mailbox {mailbox:?}")
}

fn model_view(process: &super::model::Process) -> String {
    let life = match process.life {
        Life::Running => "running".to_owned(),
        Life::Ending { reason, .. } => format!("ending {reason}"),
        Life::Gone => return "gone".to_owned(),
    };
    let links: Vec<String> = process
        .links
        .iter()
        .map(|(peer, link)| match link {
            Link::Active => format!("{peer}"),
            Link::Cut(id) => format!("{peer} cut {id}"),
        })
        .collect();
    let watching: Vec<(u64, usize)> = process.watching.iter().map(|(&n, &of)| (n, of)).collect();
    let watched: Vec<(usize, u64)> = process.watched_by.iter().copied().collect();
    let mailbox = &process.mailbox;
    format!("{life} links {links:?} watching {watching:?} watched {watched:?} mailbox {mailbox:?}")
}

/// What holds when nothing is left to happen.
fn laws(state: &State, programs: Programs<'_>) {
    let model = &state.model.processes;
    let context = || format!("{programs:?} after the steps {:?}: {model:?}", state.trail);
    for (me, process) in model.iter().enumerate().filter(|(_, p)| p.life == Life::Running) {
        for &peer in process.links.keys() {
            let back = model[peer].links.get(&me);
            assert!(back == Some(&Link::Active), "a link has one side: {}", context());
        }
        for &target in process.watching.values() {
            assert!(model[target].life == Life::Running, "a DOWN is lost: {}", context());
        }
        for count in 1..=process.monitors_made {
            let of_it = |text: &&String| text.contains(&format!("#Ref<0.{}.0.{count}>", me + 1));
            let downs = process.mailbox.iter().filter(of_it).count();
            let active = usize::from(process.watching.contains_key(&count));
            let allowed = if programs[me].contains(&Op::Demonitor) { 0..=1 } else { 1..=1 };
            assert!(allowed.contains(&(downs + active)), "a monitor is lost or doubled: {}", context());
        }
        for from in 0..model.len() {
            in_order(&process.mailbox, from, &context);
        }
    }
}

/// Messages of one sender come in the order in which they were sent, and before the news of its end.
fn in_order(mailbox: &[String], from: Number, context: &dyn Fn() -> String) {
    let mut last = 0;
    let mut ended = false;
    for text in mailbox {
        match text.parse::<usize>() {
            Ok(message) if message / 100 == from + 1 => {
                assert!(message > last && !ended, "a message came out of order: {}", context());
                last = message;
            }
            Ok(_) => {}
            // Who is told of an end by exit/2 is told something else.
            Err(_) => ended |= text.contains("DOWN") && text.contains(&format!("process,{},", pid(from))),
        }
    }
}

/// How many states the programs can reach.
fn explore(programs: Programs<'_>) -> usize {
    let mut seen = BTreeSet::new();
    let mut open = vec![State::new(programs)];
    while let Some(state) = open.pop() {
        if !seen.insert(state.fingerprint()) {
            continue;
        }
        let numbers = 0..programs.len();
        let steps: Vec<(Number, Act)> =
            numbers.flat_map(|n| state.acts(n, programs).into_iter().map(move |act| (n, act))).collect();
        if steps.is_empty() {
            laws(&state, programs);
        }
        for (number, act) in steps {
            let mut after = state.clone();
            after.step(number, act, programs);
            open.push(after);
        }
    }
    seen.len()
}

/// What one process may do to the other.
fn alphabet(me: Number, other: Number) -> Vec<Op> {
    vec![
        Op::Link(other),
        Op::Unlink(other),
        Op::Monitor(other),
        Op::Demonitor,
        Op::Send(other),
        Op::Exit(other, "boom"),
        Op::Exit(other, "kill"),
        Op::End("boom"),
        Op::Exit(me, "normal"),
        Op::TrapExit,
    ]
}

fn words(alphabet: &[Op], length: usize) -> Vec<Vec<Op>> {
    (0..length).fold(vec![Vec::new()], |shorter, _| {
        let longer = shorter
            .iter()
            .flat_map(|word| alphabet.iter().map(move |&op| word.iter().copied().chain([op]).collect()));
        longer.collect()
    })
}

#[test]
fn two_processes_of_two_operations_each() {
    let first = words(&alphabet(0, 1), 2);
    let second = words(&alphabet(1, 0), 2);
    let mut states = 0;
    for (i, a) in first.iter().enumerate() {
        // The other half is the same with the names changed.
        for b in &second[i..] {
            states += explore(&[a, b]);
        }
    }
    assert!(states > 90_000, "the search went through {states} states");
}

#[test]
fn three_operations_against_an_end() {
    let ends: [&[Op]; 3] =
        [&[Op::Exit(1, "boom")], &[Op::Link(0), Op::Exit(1, "boom")], &[Op::Send(0), Op::Exit(1, "normal")]];
    let mut states = 0;
    for a in words(&alphabet(0, 1), 3) {
        for end in ends {
            states += explore(&[&a, end]);
        }
    }
    assert!(states > 30_000, "the search went through {states} states");
}

/// Links cut and made again on both sides, so that several cuts and their acknowledgements cross.
#[test]
fn links_made_again() {
    use Op::{End, Link, Send, Unlink};
    let programs: &[[&[Op]; 2]] = &[
        [&[Link(1), Unlink(1), Link(1), Unlink(1), Link(1)], &[Send(0), End("boom")]],
        [&[Link(1), Unlink(1), Link(1), Unlink(1)], &[Link(0), Unlink(0), Link(0)]],
        [&[Link(1), Unlink(1), Link(1), End("boom")], &[Link(0), Unlink(0), End("bang")]],
    ];
    let states: usize = programs.iter().map(|programs| explore(programs)).sum();
    assert!(states > 500, "the search went through {states} states");
}

#[test]
fn three_processes() {
    use Op::{Demonitor, End, Exit, Link, Monitor, Send, TrapExit, Unlink};
    let programs: &[[&[Op]; 3]] = &[
        [&[Link(1), Unlink(1)], &[Link(2), Exit(1, "boom")], &[TrapExit, Link(0)]],
        [&[TrapExit, Link(1), Send(1)], &[Link(2), Send(0)], &[Exit(1, "kill"), Send(1)]],
        [&[Monitor(1), Demonitor], &[Monitor(2), Exit(1, "boom")], &[Link(1), Send(0)]],
        [&[Monitor(1), Monitor(2)], &[Link(2), Send(0), Exit(1, "boom")], &[Send(0), Send(0)]],
        [&[TrapExit, Link(1), Unlink(1), Link(1)], &[Send(0), Exit(1, "boom")], &[Exit(1, "normal")]],
        [&[Exit(1, "kill"), Monitor(1)], &[Link(0), Link(2)], &[TrapExit, Monitor(1)]],
        [&[Unlink(1), Link(1)], &[Link(0), Unlink(0)], &[Monitor(0), Exit(0, "boom")]],
        [&[Link(1), End("kill")], &[TrapExit, Exit(1, "kill")], &[Link(1)]],
    ];
    let mut states: usize = programs.iter().map(|programs| explore(programs)).sum();
    for a in words(&[Link(1), Unlink(1), Monitor(1), Demonitor, TrapExit], 2) {
        for b in words(&[Link(0), Link(2), Monitor(2), Exit(1, "boom")], 2) {
            for c in [Exit(1, "kill"), Exit(1, "boom"), Link(1)] {
                states += explore(&[&a, &b, &[c]]);
            }
        }
    }
    assert!(states > 50_000, "the search went through {states} states");
}
