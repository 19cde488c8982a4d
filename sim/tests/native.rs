//! Processes in Rust, under the same schedules as compiled ones: bugs are found, shrunk and replayed, forks go on from
//! their answers, and what goes wrong in Rust is an exception of its process.

#[path = "power/natives.rs"]
mod programs;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::policy::GcPlan;
use warpbeam::native::{Exception, Me, Natives, Value, WithNatives, always, sometimes, tuple};
use warpbeam::sched::threads;
use warpbeam::term::{Atom, Word};
use warpbeam_sim::check::{Check, Problem};
use warpbeam_sim::explore::strategy::StrategyKind;
use warpbeam_sim::world::settings::{Settings, TimeMode};

/// An account: `{From, balance}`, `{From, set, N}`.
async fn account(me: Me, arguments: Vec<Value>) -> Result<Value, Exception> {
    let mut balance = arguments[0].as_int().expect("a balance");
    loop {
        let message = me.receive().await;
        match message.as_tuple() {
            Some([from, what]) if what.is_atom("balance") => me.send(from, tuple![me.pid(), balance]).await?,
            Some([from, what, Value::Int(n)]) if what.is_atom("set") => {
                balance = *n;
                me.send(from, tuple![me.pid(), Value::atom("ok")]).await?;
            }
            _ => return Ok(Value::from(balance)),
        }
    }
}

async fn ask(me: &Me, account: &Value, mut question: Vec<Value>) -> Result<Value, Exception> {
    let whom = account.as_pid().expect("an account");
    question.insert(0, me.pid().into());
    me.send(whom, Value::Tuple(question)).await?;
    let answer = me.receive_where(move |m| m.as_tuple().is_some_and(|m| m[0] == Value::Pid(whom))).await;
    Ok(answer.as_tuple().expect("a pair")[1].clone())
}

/// Puts in ten; between question and answer somebody else may have.
async fn payer(me: Me, arguments: Vec<Value>) -> Result<(), Exception> {
    let balance = ask(&me, &arguments[0], vec![Value::atom("balance")]).await?;
    let sum = balance.as_int().expect("a number") + 10;
    ask(&me, &arguments[0], vec![Value::atom("set"), sum.into()]).await?;
    me.send(&arguments[1], Value::atom("paid")).await
}

async fn pay(me: Me, payers: u32, after: bool) -> Result<(), Exception> {
    let account = Value::Pid(me.spawn("bank", "account", vec![100.into()]).await?);
    for _ in 0..payers {
        me.spawn("bank", "payer", vec![account.clone(), me.pid().into()]).await?;
        if after {
            me.receive_where(|m| m.is_atom("paid")).await;
        }
    }
    for _ in 0..if after { 0 } else { payers } {
        me.receive_where(|m| m.is_atom("paid")).await;
    }
    let balance = ask(&me, &account, vec![Value::atom("balance")]).await?.as_int().expect("a number");
    sometimes!(me, payers > 0, "somebody pays")?;
    always!(me, balance == 100 + 10 * i64::from(payers), "nothing is lost")
}

fn bank() -> Natives {
    Natives::new()
        .with("bank", "account", 1, account)
        .with("bank", "payer", 2, payer)
        .with("bank", "main", 0, |me, _| pay(me, 2, false))
        .with("bank", "in_turn", 0, |me, _| pay(me, 2, true))
}

fn check(function: &str) -> Check {
    Check::of_natives(bank()).without_otp().function(function).out(env!("CARGO_TARGET_TMPDIR"))
}

/// What is owed at the end of a run is a violation, and what was given is none.
#[test]
fn debts_are_judged_at_the_end() {
    let of = |function| Check::of_natives(programs::natives()).module("natives").function(function);
    let check = || of("hasty").without_otp().out(env!("CARGO_TARGET_TMPDIR"));
    let Err(Problem::Found(failure)) = check().find() else { panic!("the second may be the first") };
    assert_eq!(failure.violation.oracle.name(), "eventually");
    assert!(failure.violation.message.contains("first"), "{}", failure.violation.message);
    let idle = Settings { time: TimeMode::Idle, ..Settings::default() };
    let bounded = check().settings(idle).strategy(StrategyKind::Dpor).find();
    assert!(bounded.expect("time decides who is first").is_complete);
}

/// A collection at every safepoint, and a run from the beginning in place of forks, change nothing.
#[test]
fn plans_of_collections_do_not_show() {
    let digest = |plan| {
        let settings = Settings { gc: plan, ..Settings::default() };
        check("in_turn")
            .settings(settings)
            .strategy(StrategyKind::Random)
            .runs(200)
            .find()
            .expect("clean")
            .digest
    };
    assert_eq!(digest(GcPlan::Normal), digest(GcPlan::EverySafepoint));
}

/// The same program on threads.
#[test]
fn on_threads() {
    let code = CodeServer::new(Box::new(WithNatives::new(bank(), CodePath::default())));
    let (module, function) = (Atom::known("bank"), Atom::known("in_turn"));
    let entry = threads::Entry { module, function, arguments: Parcel::immediate(Word::NIL), arity: 0 };
    let ended = threads::run(Arc::new(code), entry, threads::Options::default()).expect("threads start");
    assert_eq!(ended.status(), 0);
}

#[test]
fn a_lost_update_is_found_shrunk_and_told() {
    let Err(Problem::Found(failure)) = check("main").find() else { panic!("an update is lost") };
    assert_eq!(failure.violation.oracle.name(), "always");
    // As it happens in the dull run.
    assert_eq!(failure.decisions, 0, "{}", failure.story);
    assert!(failure.story.contains("nothing is lost"), "{}", failure.story);
    let clean = check("in_turn").find().expect("one after the other");
    assert!(clean.never_met.is_empty());
}

/// Exhaustive strategies fork worlds: what they find is what runs from the beginning find.
#[test]
fn forks_go_on_from_the_answers() {
    let found = check("main").strategy(StrategyKind::Dpor).find();
    assert!(matches!(found, Err(Problem::Found(_))), "{found:?}");
    let clean = check("in_turn").strategy(StrategyKind::Dpor).find().expect("one after the other");
    assert!(clean.is_complete);
    let again = check("in_turn").strategy(StrategyKind::Dpor).find().expect("one after the other");
    assert_eq!(clean.digest, again.digest);
}

fn alone(main: impl Fn(Me) -> Body + Send + Sync + 'static) -> Result<(), String> {
    let natives =
        Natives::new().with("alone", "main", 0, move |me, _| main(me)).with("alone", "twice", 1, twice);
    let check = Check::of_natives(natives).without_otp().out(env!("CARGO_TARGET_TMPDIR")).runs(20);
    match check.find() {
        Ok(_) => Ok(()),
        Err(Problem::Found(failure)) => Err(failure.violation.message),
        Err(Problem::Bad(why)) => panic!("{why}"),
    }
}

/// Sends itself a message, to be a process of its own in between.
async fn twice(me: Me, arguments: Vec<Value>) -> Result<Value, Exception> {
    let answer = me.make_reference().await?;
    me.send(me.pid(), tuple![answer, arguments[0].as_int().unwrap_or(0) * 2]).await?;
    let mine = Value::from(answer);
    let message = me.receive_where(move |m| m.as_tuple().is_some_and(|m| m[0] == mine)).await;
    Ok(message.as_tuple().expect("a pair")[1].clone())
}

type Body = std::pin::Pin<Box<dyn Future<Output = Result<(), Exception>> + Send>>;

/// What goes wrong in Rust is an exception of the process.
#[test]
fn failures_are_exceptions() {
    let said = |main: fn(Me) -> Body| alone(main).expect_err("it fails");
    let panics = said(|_| Box::pin(async { panic!("no more room") }));
    assert!(panics.contains("{panic,<<\"no more room\">>}"), "{panics}");
    let raises = said(|_| Box::pin(async { Err(Exception::exit(Value::atom("stop_it"))) }));
    assert!(raises.contains("stop_it"), "{raises}");
    let foreign = said(|_| Box::pin(std::future::pending()));
    assert!(foreign.contains("no operation of its process"), "{foreign}");
    let refused = said(|me| Box::pin(async move { me.send(Value::atom("nobody"), 1).await }));
    assert!(refused.contains("badarg"), "{refused}");
    let waits = said(|me| Box::pin(async move { Err(Exception::error(me.receive().await)) }));
    assert!(waits.contains("waits for a message in alone:main/0 (sim/tests/native.rs:"), "{waits}");
    let picky = said(|me| {
        Box::pin(async move {
            me.send(me.pid(), 1).await?;
            me.receive_where(|_| panic!("not this one")).await;
            Ok(())
        })
    });
    assert!(picky.contains("not this one"), "{picky}");
}

/// Every shape of term goes out and comes back as it was, and Erlang's functions are to be had.
#[test]
fn values_and_operations() {
    alone(|me| Box::pin(operations(me))).expect("nothing fails");
}

async fn operations(me: Me) -> Result<(), Exception> {
    let big = me.call("erlang", "bsl", vec![1.into(), 100.into()]).await?;
    let map = Value::Map(vec![(Value::atom("k"), Value::List(vec![1.5.into(), Value::text("x")]))]);
    let reference = me.make_reference().await?;
    let all = tuple![big.clone(), map, me.pid(), reference, Value::List(Vec::new()), true, -1, i64::MAX];
    me.send(me.pid(), &all).await?;
    assert_eq!(me.receive().await, all);
    assert_eq!(big.to_string(), "1267650600228229401496703205376");
    assert_eq!(Value::atom("an atom").to_string(), "'an atom'");

    let error = me.call("erlang", "hd", vec![Value::List(Vec::new())]).await.expect_err("no head");
    assert_eq!(error, Exception::error(Value::atom("badarg")));

    // Messages that are not wanted stay, in order.
    for n in 1..=3 {
        me.send(me.pid(), n).await?;
    }
    assert_eq!(me.receive_where(|m| m.as_int() == Some(2)).await, 2.into());
    assert_eq!(me.receive_within(Duration::from_millis(5)).await, Some(1.into()));
    let before = me.now().await?;
    assert_eq!(me.receive_where_within(|m| m.as_int() == Some(4), Duration::from_millis(5)).await, None);
    assert!(me.now().await? - before >= Duration::from_millis(5));
    assert_eq!(me.receive().await, 3.into());

    let child = me.spawn_monitor("erlang", "exit", vec![Value::atom("done")]).await?;
    let down = me.receive().await;
    let expected =
        tuple![Value::atom("DOWN"), child.monitor, Value::atom("process"), child.pid, Value::atom("done")];
    assert_eq!(down, expected);
    me.register("me").await?;
    assert_eq!(me.whereis("me").await?, Some(me.pid()));

    // One function in Rust may call another in the same process.
    let twice = me.call("alone", "twice", vec![21.into()]).await?;
    assert_eq!(twice, 42.into());
    let called = me.call("alone", "no_such", Vec::new()).await.expect_err("there is none");
    assert_eq!(called, Exception::error(Value::atom("undef")));
    Ok(())
}
