//! The same choices give the same digest: again, on more threads, under every plan of collections, in a fork.

mod support;

use support::{BUGS, IO_BUGS, Program, flags, plan};
use warpbeam::heap::policy::GcPlan;
use warpbeam::interp::Regs;
use warpbeam_sim::campaign::{Plan, Sums};
use warpbeam_sim::explore::bounded::{Bounded, Levels};
use warpbeam_sim::explore::spine::Spine;
use warpbeam_sim::explore::strategy::{Strategy, StrategyKind};
use warpbeam_sim::explore::survey::Survey;
use warpbeam_sim::world::settings::{Delivery, Settings, TimeMode};
use warpbeam_sim::world::{Outcome, SimWorld};

const RUNS: u64 = 60;

fn sums(program: &Program, plan: &Plan, settings: &Settings) -> Sums {
    program.campaign(plan, settings).sums
}

#[test]
fn nothing_but_choices_shows_in_the_digest() {
    let settings = Settings::default();
    let keep_going = Plan { keep_going: true, ..plan(3, RUNS) };
    for name in BUGS {
        let program = Program::example(name);
        let expected = sums(&program, &keep_going, &settings);
        assert_eq!(expected.runs, RUNS);
        for threads in [2, 3] {
            let plan = Plan { threads, ..keep_going.clone() };
            assert_eq!(sums(&program, &plan, &settings), expected, "{name} on {threads} threads");
        }
        // Another program in the same operating-system process: its atoms are numbered later.
        assert_eq!(sums(&Program::example(name), &keep_going, &settings), expected, "{name} again");
        for gc in [GcPlan::Every(3), GcPlan::EverySafepoint] {
            let settings = Settings { gc, ..settings.clone() };
            assert_eq!(sums(&program, &keep_going, &settings), expected, "{name} under {gc:?}");
        }
        assert_ne!(
            sums(&program, &Plan { seed: 4, ..keep_going.clone() }, &settings).digest(),
            expected.digest()
        );
    }
}

#[test]
fn where_a_campaign_stops_does_not_depend_on_threads() {
    let settings = Settings::default();
    let strategies = [StrategyKind::Mix, StrategyKind::Coverage, StrategyKind::Auto, StrategyKind::Surw];
    let programs = ["lock_cycle", "late_reply", "work_to_dead", "lost_update"];
    for (name, strategy) in programs.into_iter().zip(strategies) {
        let program = Program::example(name);
        let alone = Plan { strategy, ..plan(2, 3000) };
        let one = program.campaign(&alone, &settings);
        for threads in [2, 4] {
            let more = program.campaign(&Plan { threads, ..alone.clone() }, &settings);
            assert_eq!(more.sums, one.sums, "{name} on {threads} threads");
            let runs =
                |found: &[warpbeam_sim::campaign::Found]| found.iter().map(|f| f.run).collect::<Vec<_>>();
            assert_eq!(runs(&more.found), runs(&one.found), "{name} on {threads} threads");
        }
    }
}

#[test]
fn shards_share_out_the_runs() {
    let settings = Settings::default();
    let program = Program::example("lost_update");
    // Strategies that learn do so from their own shard's runs.
    let of_all = Plan { strategy: StrategyKind::Mix, keep_going: true, ..plan(5, 1000) };
    let whole = sums(&program, &of_all, &settings);
    let shard = |i| sums(&program, &Plan { shard: (i, 3), ..of_all.clone() }, &settings);
    let (a, b, c) = (shard(0), shard(1), shard(2));
    assert_eq!(a.runs + b.runs + c.runs, whole.runs);
    assert_eq!(a.steps + b.steps + c.steps, whole.steps);
    assert_eq!(a.violations + b.violations + c.violations, whole.violations);
}

fn start(program: &Program, settings: &Settings) -> SimWorld {
    let mut world = SimWorld::new(program.code.clone(), settings.clone());
    world.reset();
    world.begin(&program.entry);
    world
}

fn strategy(seed: u64) -> Strategy {
    let mut strategy = Strategy::new(StrategyKind::Random, seed, &std::sync::Arc::new(Survey::of_length(20)));
    strategy.start_run(0);
    strategy
}

fn finish(world: &mut SimWorld, strategy: &mut Strategy) -> Outcome {
    world.run(&mut Regs::default(), strategy)
}

/// Every prefix of a run can be forked: a fork that goes on with the same choices is the run from scratch, and
/// another that goes elsewhere changes neither.
#[test]
fn a_fork_is_the_run_from_scratch() {
    let all = [
        Settings::default(),
        Settings { delivery: Delivery::Pairwise, time: TimeMode::Free, ..Settings::default() },
        Settings { gc: GcPlan::EverySafepoint, ..Settings::default() },
    ];
    for name in BUGS {
        let program = Program::example(name);
        for settings in &all {
            for seed in 0..2 {
                let whole = finish(&mut start(&program, settings), &mut strategy(seed));
                let step = (whole.steps / 6).max(1);
                let mut world = start(&program, settings);
                let (mut chooser, mut regs) = (strategy(seed), Regs::default());
                let mut at = step;
                while world.run_to(at, &mut regs, &mut chooser).is_none() {
                    let (mut fork, mut elsewhere) = (world.clone(), world.clone());
                    finish(&mut elsewhere, &mut strategy(seed + 100));
                    let forked = finish(&mut fork, &mut chooser.clone());
                    assert_eq!(forked, whole, "{name}, forked after {at} steps");
                    at += step;
                }
                assert_eq!(finish(&mut start(&program, settings), &mut strategy(seed)), whole, "{name}");
            }
        }
    }
}

/// `bounded` goes on from copies of a run: what comes of each schedule, and what it is asked, is the same as from the
/// beginning.
#[test]
fn schedules_begun_in_a_fork_are_those_from_scratch() {
    let all = [
        Settings::default(),
        Settings { delivery: Delivery::Pairwise, time: TimeMode::Free, ..Settings::default() },
        Settings { gc: GcPlan::Every(3), time: TimeMode::Idle, ..Settings::default() },
    ];
    let mut copies = 0;
    let plain = BUGS.iter().map(|name| (*name, Program::example(name), all.to_vec()));
    // Questions about what goes wrong with an operation come before its event.
    let over_files = IO_BUGS.iter().filter_map(|name| {
        let mut settings = Settings::default();
        let libraries = flags(name, &mut settings);
        let program = if libraries { Program::over_libraries(name)? } else { Program::example(name) };
        Some((*name, program, vec![settings]))
    });
    for (name, program, all) in plain.chain(over_files) {
        for settings in &all {
            let (mut whole, mut forked) = (program.runner(settings), program.runner(settings));
            let (mut levels, mut spine) = (Levels::default(), Spine::default());
            for _ in 0..100 {
                let Some(picks) = levels.next_schedule() else { break };
                let (mut scratch, mut copied) = (Bounded::new(&picks), Bounded::new(&picks));
                let expected = whole.run(&mut scratch);
                let found = spine.run(&mut forked, &picks, &mut copied, 1 + levels.in_turn());
                assert_eq!(found, expected, "{name} {picks:?}");
                assert_eq!(forked.picks(), whole.picks(), "{name}");
                let asked = copied.arities();
                assert_eq!(asked, scratch.arities(), "{name} {picks:?}");
                levels.ran(&picks, Bounded::that_was_asked(&picks, asked));
            }
            copies += spine.copies();
        }
    }
    assert!(copies > 1_000, "{copies} schedules went on from a copy");
}
