//! Handles of rows in tables of the world: a row stays while somebody can reach it, and goes afterwards.

use super::tiny_world::Village;
use crate::bif::Outcome;
use crate::heap::collect::Scratch;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::interp::{Regs, run_slice};
use crate::sched::Reductions;
use crate::term::{Atom, Word};
use std::collections::BTreeSet;

const PROCESSES: usize = 3;
const STEPS: usize = 3000;

/// Processes, the arrays that each holds in its registers, and messages on their way.
struct Stage {
    village: Village,
    held: Vec<Vec<u64>>,
    flying: Vec<Parcel>,
    regs: Regs,
    scratch: Scratch,
}

impl Stage {
    fn id(&self, number: usize, word: u64) -> RefId {
        self.village.processes[number].heap.reference(Word(word)).expect("an array is a reference")
    }

    fn make(&mut self, number: usize) {
        let (module, function) = (Atom::known("erts_internal"), Atom::known("counters_new"));
        match self.village.call(number, module, function, &[Word::small(2)]) {
            Ok(Outcome::Value(array)) => {
                let word = array.word().0;
                self.held[number].push(word);
            }
            other => panic!("an array is made: {other:?}"),
        }
    }

    fn send(&mut self, number: usize, which: usize) {
        let word = Word(self.held[number][which]);
        let heap = &mut self.village.processes[number].heap;
        let message = heap.new_tuple(&[word, Word::small(1), word]).expect("there is room");
        self.flying.push(heap.parcel(message).expect("there is room"));
    }

    fn receive(&mut self, number: usize, which: usize) {
        let message = self.flying.swap_remove(which);
        let heap = &mut self.village.processes[number].heap;
        let message = heap.absorb(&message).expect("there is room");
        let first = heap.tuple(message).expect("a message is a tuple")[0];
        self.held[number].push(first);
    }

    fn collect(&mut self, number: usize, stress: bool) {
        let process = &mut self.village.processes[number];
        let live = self.held[number].len();
        let x = &mut self.held[number];
        if stress {
            process.collect_stress(x, live, &mut self.scratch);
        } else {
            process.collect(x, 0, true, &mut self.scratch).expect("there is memory");
        }
        run_slice(process, &mut self.regs, &mut self.village.world, Reductions(1));
    }

    /// Arrays that somebody can reach.
    fn reachable(&mut self) -> BTreeSet<RefId> {
        let mut ids = BTreeSet::new();
        for number in 0..PROCESSES {
            ids.extend(self.held[number].iter().map(|&word| self.id(number, word)));
        }
        for message in &self.flying {
            let (heap, word) = message.unpack(&Default::default());
            let first = Word(heap.tuple(word).expect("a message is a tuple")[0]);
            ids.insert(heap.reference(first).expect("an array is a reference"));
        }
        ids
    }

    /// Every array that can be reached has a row, whoever asks.
    fn check(&mut self) {
        let (module, function) = (Atom::known("erts_internal"), Atom::known("counters_add"));
        for number in 0..PROCESSES {
            for word in self.held[number].clone() {
                let arguments = [Word(word), Word::small(1), Word::small(1)];
                let added = self.village.call(number, module, function, &arguments);
                assert!(matches!(added, Ok(Outcome::Value(ok)) if ok.is_atom(Atom::OK)), "{added:?}");
            }
        }
    }
}

#[test]
fn rows_go_with_their_last_handle() {
    let held = vec![Vec::new(); PROCESSES];
    let village = Village::new(PROCESSES);
    let mut stage =
        Stage { village, held, flying: Vec::new(), regs: Regs::default(), scratch: Scratch::default() };
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    for step in 0..STEPS {
        let number = draw(PROCESSES);
        let held = stage.held[number].len();
        match draw(8) {
            0 => stage.make(number),
            1 if held > 0 => stage.send(number, draw(held)),
            2 | 3 if !stage.flying.is_empty() => stage.receive(number, draw(stage.flying.len())),
            4 | 5 if held > 0 => {
                stage.held[number].swap_remove(draw(held));
            }
            kind => stage.collect(number, kind == 6),
        }
        if step % 50 == 0 {
            (0..PROCESSES).for_each(|number| stage.collect(number, false));
            stage.check();
            assert_eq!(stage.village.world.counters.len(), stage.reachable().len(), "at step {step}");
        }
    }
}
