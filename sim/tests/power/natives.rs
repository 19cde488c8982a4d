//! Programs of processes in Rust, for the table of shrinking and for `native.rs`. Invariant: the dull run of each is clean.

use std::time::Duration;
use warpbeam::native::{Exception, Me, Natives, Value, always, eventually};

/// Three put ten into a table, reading first.
async fn table_bank(me: Me, _: Vec<Value>) -> Result<(), Exception> {
    let options = Value::List(vec![Value::atom("public"), Value::atom("named_table")]);
    me.call("ets", "new", vec![Value::atom("bank"), options]).await?;
    put(&me, 100).await?;
    for _ in 0..3 {
        me.spawn("natives", "payer", vec![me.pid().into()]).await?;
    }
    for _ in 0..3 {
        me.receive().await;
    }
    let sum = sum(&me).await?;
    always!(me, sum == 130, "nothing is lost")
}

async fn payer(me: Me, arguments: Vec<Value>) -> Result<(), Exception> {
    let sum = sum(&me).await?;
    put(&me, sum + 10).await?;
    me.send(&arguments[0], Value::atom("paid")).await
}

async fn put(me: &Me, sum: i64) -> Result<Value, Exception> {
    let row = Value::Tuple(vec![Value::atom("sum"), sum.into()]);
    me.call("ets", "insert", vec![Value::atom("bank"), row]).await
}

async fn sum(me: &Me) -> Result<i64, Exception> {
    let place = vec![Value::atom("bank"), Value::atom("sum"), 2.into()];
    Ok(me.call("ets", "lookup_element", place).await?.as_int().expect("a number"))
}

/// Owes an answer to each of two clients, and forgets one if they come the other way round.
async fn hasty(me: Me, _: Vec<Value>) -> Result<(), Exception> {
    for (name, ms) in [("first", 1), ("second", 2)] {
        me.spawn("natives", "client", vec![Value::atom(name), ms.into(), me.pid().into()]).await?;
        eventually!(me, name)?;
    }
    let first = me.receive().await;
    eventually!(me, true, first.clone())?;
    let rest = me.receive().await;
    eventually!(me, first.is_atom("first"), rest)
}

async fn client(me: Me, arguments: Vec<Value>) -> Result<(), Exception> {
    let [name, ms, server] = &arguments[..] else { panic!("three arguments") };
    let ms = ms.as_int().and_then(|ms| u64::try_from(ms).ok()).expect("a time");
    me.receive_within(Duration::from_millis(ms)).await;
    me.send(server, name.clone()).await
}

/// All of it, as the module `natives`.
pub fn natives() -> Natives {
    Natives::new()
        .with("natives", "table_bank", 0, table_bank)
        .with("natives", "payer", 1, payer)
        .with("natives", "hasty", 0, hasty)
        .with("natives", "client", 3, client)
}
