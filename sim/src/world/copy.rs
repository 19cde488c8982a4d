//! Copies of worlds: forks, and going back to a fork.
//!
//! A world is copied into the memory of another, which saves allocating what both have: searches go back to an
//! earlier state for each run that they make. Invariant: every field is named here, so that none is forgotten.

use super::SimWorld;
use std::sync::Arc;

impl SimWorld {
    /// Lets copies of this world, made into the memory of others of its copies, leave alone the processes that neither
    /// has touched since.
    pub fn take_picture(&mut self) {
        self.slots.take_picture();
    }
}

impl Clone for SimWorld {
    fn clone(&self) -> SimWorld {
        let mut world = SimWorld::new(Arc::clone(self.code.server()), self.settings.clone());
        world.clone_from(self);
        world
    }

    fn clone_from(&mut self, from: &SimWorld) {
        let SimWorld {
            settings,
            code,
            literals,
            policy,
            slots,
            births,
            runnable,
            advance,
            channels,
            timers,
            names,
            loads,
            now,
            budget_ns,
            settled,
            running,
            granted,
            next,
            last,
            gives_way,
            listens,
            ended,
            pause_at,
            steps,
            choices,
            digest,
            picks,
            monotonic,
            persistent,
            tables,
            counters,
            cells,
            variables,
            variables_used,
            figures,
            ledger,
            words,
            result,
            leader,
            output,
            reports,
            shadow,
            claims,
            tail,
            watch,
            scratch,
            ring,
            crashing,
            crash_choices,
            program,
            keep,
        } = from;
        self.settings.clone_from(settings);
        self.code.clone_from(code);
        self.literals.clone_from(literals);
        self.policy = *policy;
        self.slots.clone_from(slots);
        self.births.clone_from(births);
        self.runnable.clone_from(runnable);
        self.advance.clone_from(advance);
        self.channels.clone_from(channels);
        self.timers.clone_from(timers);
        self.names.clone_from(names);
        self.loads.clone_from(loads);
        self.now = *now;
        self.budget_ns = *budget_ns;
        self.settled = *settled;
        self.running = *running;
        self.granted = *granted;
        self.next = *next;
        self.last = *last;
        self.gives_way = *gives_way;
        self.listens = *listens;
        self.ended.clone_from(ended);
        self.pause_at = *pause_at;
        self.steps = *steps;
        self.choices = *choices;
        self.digest = *digest;
        self.picks.clone_from(picks);
        self.monotonic = *monotonic;
        self.persistent.clone_from(persistent);
        self.tables.clone_from(tables);
        self.counters.clone_from(counters);
        self.cells.clone_from(cells);
        if self.variables_used || *variables_used {
            self.variables.clone_from(variables);
            self.variables_used = *variables_used;
        }
        self.figures = *figures;
        self.ledger.clone_from(ledger);
        self.words = *words;
        self.result.clone_from(result);
        self.leader = *leader;
        self.output.clone_from(output);
        self.reports.clone_from(reports);
        self.shadow.clone_from(shadow);
        self.claims.clone_from(claims);
        self.tail = *tail;
        self.watch.clone_from(watch);
        self.scratch = *scratch;
        if self.ring.used || ring.used {
            self.ring.clone_from(ring);
        }
        self.crashing = *crashing;
        self.crash_choices = *crash_choices;
        self.program.clone_from(program);
        self.keep.clone_from(keep);
    }
}
