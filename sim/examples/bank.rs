//! A program of processes in Rust with a bug, under warpbeam's command line:
//!
//! ```text
//! cargo run --release --example bank -- explore           # finds it, and writes a schedule
//! cargo run --release --example bank -- replay schedules/bank-always-….schedule --trace text
//! cargo run --release --example bank -- explore -f in_turn --strategy dpor    # proves that this one has none
//! cargo run --release --example bank -- run               # on threads
//! ```

use std::process::ExitCode;
use warpbeam::native::{Exception, Me, Natives, Value, always, tuple};

/// An account: answers `{From, balance}` and `{From, set, N}`.
async fn account(me: Me, arguments: Vec<Value>) -> Result<(), Exception> {
    let mut balance = arguments[0].as_int().unwrap_or(0);
    loop {
        let message = me.receive().await;
        match message.as_tuple() {
            Some([from, what]) if what.is_atom("balance") => me.send(from, tuple![me.pid(), balance]).await?,
            Some([from, what, Value::Int(sum)]) if what.is_atom("set") => {
                balance = *sum;
                me.send(from, tuple![me.pid(), Value::atom("ok")]).await?;
            }
            _ => return Err(Exception::error(tuple![Value::atom("no_request"), message])),
        }
    }
}

/// Sends a request and waits for its answer; other messages stay where they are.
async fn ask(me: &Me, account: &Value, request: Value) -> Result<Value, Exception> {
    me.send(account, request).await?;
    let from = account.clone();
    let answer = me.receive_where(move |m| m.as_tuple().is_some_and(|m| m.first() == Some(&from))).await;
    Ok(answer.as_tuple().map_or(Value::from(false), |pair| pair[1].clone()))
}

/// Pays in ten. Between question and answer somebody else may have paid: the bug.
async fn pay(me: Me, arguments: Vec<Value>) -> Result<(), Exception> {
    let [account, parent] = &arguments[..] else { return Err(Exception::error(Value::atom("badarg"))) };
    let balance = ask(&me, account, tuple![me.pid(), Value::atom("balance")]).await?;
    let sum = balance.as_int().unwrap_or(0) + 10;
    ask(&me, account, tuple![me.pid(), Value::atom("set"), sum]).await?;
    me.send(parent, Value::atom("paid")).await
}

async fn paid(me: &Me) {
    me.receive_where(|message| message.is_atom("paid")).await;
}

async fn judge(me: &Me, account: &Value) -> Result<(), Exception> {
    let balance = ask(me, account, tuple![me.pid(), Value::atom("balance")]).await?;
    always!(me, balance.as_int() == Some(120), "nobody's money is lost")
}

/// Two pay at the same time.
async fn main_process(me: Me, _: Vec<Value>) -> Result<(), Exception> {
    let account = Value::Pid(me.spawn("bank", "account", vec![100.into()]).await?);
    for _ in 0..2 {
        me.spawn("bank", "pay", vec![account.clone(), me.pid().into()]).await?;
    }
    paid(&me).await;
    paid(&me).await;
    judge(&me, &account).await
}

/// One pays after the other.
async fn in_turn(me: Me, _: Vec<Value>) -> Result<(), Exception> {
    let account = Value::Pid(me.spawn("bank", "account", vec![100.into()]).await?);
    for _ in 0..2 {
        me.spawn("bank", "pay", vec![account.clone(), me.pid().into()]).await?;
        paid(&me).await;
    }
    judge(&me, &account).await
}

fn main() -> ExitCode {
    let natives = Natives::new()
        .with("bank", "account", 1, account)
        .with("bank", "pay", 2, pay)
        .with("bank", "main", 0, main_process)
        .with("bank", "in_turn", 0, in_turn);
    #[expect(clippy::disallowed_methods, reason = "the program is started with arguments")]
    let words = std::env::args_os().skip(1);
    ExitCode::from(warpbeam_sim::cli::main_with(natives, words))
}
