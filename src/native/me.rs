//! What a function in Rust has of its process: the operations that it can await.
//!
//! Invariant: one operation at a time; each is performed once, and its answer is the only way in which anything from
//! outside comes to the function.

use super::suspended::{Ask, Exchange};
use super::value::Value;
use crate::bif::Class;
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

/// An Erlang exception.
#[derive(Clone, PartialEq, Debug)]
pub struct Exception {
    pub class: Class,
    pub reason: Value,
}

impl Exception {
    pub fn error(reason: impl Into<Value>) -> Exception {
        Exception { class: Class::Error, reason: reason.into() }
    }

    pub fn exit(reason: impl Into<Value>) -> Exception {
        Exception { class: Class::Exit, reason: reason.into() }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class.atom().text(), self.reason)
    }
}

impl std::error::Error for Exception {}

/// A process that was started with a monitor on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Monitored {
    pub pid: Pid,
    pub monitor: RefId,
}

/// The process that runs a function.
#[derive(Clone)]
pub struct Me {
    pid: Pid,
    exchange: Arc<Mutex<Exchange>>,
}

impl fmt::Debug for Me {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.pid)
    }
}

/// An operation under way.
struct Operation {
    exchange: Arc<Mutex<Exchange>>,
    ask: Option<Ask>,
}

impl Future for Operation {
    type Output = Value;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Value> {
        let ask = self.ask.take();
        let mut exchange = self.exchange.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(ask) = ask {
            assert!(exchange.ask.is_none() && exchange.answer.is_none(), "a process awaits one operation at a time");
            exchange.ask = Some(ask);
            return Poll::Pending;
        }
        exchange.answer.take().map_or(Poll::Pending, Poll::Ready)
    }
}

/// `{ok, Value}`, or `{Class, Reason}`.
fn result_of(answer: Value) -> Result<Value, Exception> {
    let Value::Tuple(mut parts) = answer else { panic!("the loop answers with a tuple, not {answer}") };
    let (last, first) = (parts.pop(), parts.pop());
    let (Some(value), Some(class)) = (last, first) else { panic!("the loop answers with a pair") };
    let class = match class.as_atom() {
        Some("ok") => return Ok(value),
        Some("error") => Class::Error,
        Some("exit") => Class::Exit,
        _ => Class::Throw,
    };
    Err(Exception { class, reason: value })
}

impl Me {
    pub(super) fn new(pid: Pid, exchange: Arc<Mutex<Exchange>>) -> Me {
        Me { pid, exchange }
    }

    fn perform(&self, ask: Ask) -> Operation {
        Operation { exchange: Arc::clone(&self.exchange), ask: Some(ask) }
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Calls a function, as a compiled program would: one of Erlang's own, of a library, or another in Rust. All that
    /// has no method here is to be had this way.
    pub async fn call(&self, module: &str, function: &str, arguments: Vec<Value>) -> Result<Value, Exception> {
        let ask = Ask::Call { module: Value::atom(module), function: Value::atom(function), arguments };
        result_of(self.perform(ask).await)
    }

    async fn erlang(&self, function: &str, arguments: Vec<Value>) -> Result<Value, Exception> {
        self.call("erlang", function, arguments).await
    }

    /// To a pid, a name, an alias or `{Name, Node}`; a name that nobody has is an error.
    pub async fn send(&self, to: impl Into<Value>, message: impl Into<Value>) -> Result<(), Exception> {
        let ask = Ask::Send { to: to.into(), message: message.into() };
        result_of(self.perform(ask).await).map(|_| ())
    }

    /// The first message.
    pub async fn receive(&self) -> Value {
        self.receive_where(|_| true).await
    }

    pub async fn receive_within(&self, time: Duration) -> Option<Value> {
        self.receive_where_within(|_| true, time).await
    }

    /// The first message of which `wanted` is true. It must depend on nothing that changes.
    pub async fn receive_where(&self, wanted: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Value {
        let answer = self.perform(Ask::Take { wanted: Arc::new(wanted), time: None }).await;
        result_of(answer).expect("a receive without a time limit gives a message")
    }

    pub async fn receive_where_within(
        &self,
        wanted: impl Fn(&Value) -> bool + Send + Sync + 'static,
        time: Duration,
    ) -> Option<Value> {
        let answer = self.perform(Ask::Take { wanted: Arc::new(wanted), time: Some(time) }).await;
        if answer.is_atom("timeout") { None } else { result_of(answer).ok() }
    }

    pub async fn sleep(&self, time: Duration) {
        let none = self.receive_where_within(|_| false, time).await;
        assert!(none.is_none(), "no message was wanted");
    }

    /// Starts a process; the function may be compiled or in Rust.
    pub async fn spawn(&self, module: &str, function: &str, arguments: Vec<Value>) -> Result<Pid, Exception> {
        self.start("spawn", module, function, arguments).await.map(pid_of)
    }

    pub async fn spawn_link(&self, module: &str, function: &str, arguments: Vec<Value>) -> Result<Pid, Exception> {
        self.start("spawn_link", module, function, arguments).await.map(pid_of)
    }

    pub async fn spawn_monitor(
        &self,
        module: &str,
        function: &str,
        arguments: Vec<Value>,
    ) -> Result<Monitored, Exception> {
        let started = self.start("spawn_monitor", module, function, arguments).await?;
        let Some([pid, monitor]) = started.as_tuple() else { panic!("spawn_monitor gives a pair, not {started}") };
        Ok(Monitored { pid: pid_of(pid.clone()), monitor: reference_of(monitor) })
    }

    async fn start(
        &self,
        how: &str,
        module: &str,
        function: &str,
        arguments: Vec<Value>,
    ) -> Result<Value, Exception> {
        self.erlang(how, vec![Value::atom(module), Value::atom(function), Value::List(arguments)]).await
    }

    /// A pid or a name.
    pub async fn monitor(&self, whom: impl Into<Value>) -> Result<RefId, Exception> {
        let monitor = self.erlang("monitor", vec![Value::atom("process"), whom.into()]).await?;
        Ok(reference_of(&monitor))
    }

    /// Ends a monitor; its DOWN is not in the mailbox afterwards.
    pub async fn demonitor_flush(&self, monitor: RefId) -> Result<(), Exception> {
        let options = Value::List(vec![Value::atom("flush")]);
        self.erlang("demonitor", vec![monitor.into(), options]).await.map(|_| ())
    }

    pub async fn link(&self, whom: Pid) -> Result<(), Exception> {
        self.erlang("link", vec![whom.into()]).await.map(|_| ())
    }

    pub async fn unlink(&self, whom: Pid) -> Result<(), Exception> {
        self.erlang("unlink", vec![whom.into()]).await.map(|_| ())
    }

    pub async fn trap_exits(&self, traps: bool) -> Result<(), Exception> {
        self.erlang("process_flag", vec![Value::atom("trap_exit"), traps.into()]).await.map(|_| ())
    }

    /// Sends an exit signal.
    pub async fn exit(&self, whom: Pid, reason: impl Into<Value>) -> Result<(), Exception> {
        self.erlang("exit", vec![whom.into(), reason.into()]).await.map(|_| ())
    }

    pub async fn register(&self, name: &str) -> Result<(), Exception> {
        self.erlang("register", vec![Value::atom(name), self.pid.into()]).await.map(|_| ())
    }

    pub async fn whereis(&self, name: &str) -> Result<Option<Pid>, Exception> {
        Ok(self.erlang("whereis", vec![Value::atom(name)]).await?.as_pid())
    }

    pub async fn make_reference(&self) -> Result<RefId, Exception> {
        Ok(reference_of(&self.erlang("make_ref", Vec::new()).await?))
    }

    /// The runtime's monotonic time.
    pub async fn now(&self) -> Result<Duration, Exception> {
        let unit = vec![Value::atom("nanosecond")];
        let now = self.erlang("monotonic_time", unit).await?;
        let start = self.erlang("system_info", vec![Value::atom("start_time")]).await?;
        let since = now.as_int().unwrap_or(0) - start.as_int().unwrap_or(0);
        Ok(Duration::from_nanos(u64::try_from(since).unwrap_or(0)))
    }

    /// A number under `count` that the program leaves open: the simulator tries them all.
    pub async fn choose(&self, count: u32) -> Result<u32, Exception> {
        let picked = self.call("warpbeam", "choose", vec![count.into()]).await?;
        Ok(picked.as_int().and_then(|n| u32::try_from(n - 1).ok()).unwrap_or(0))
    }

    /// Shows in the story of a run.
    pub async fn note(&self, what: impl Into<Value>) -> Result<(), Exception> {
        self.call("warpbeam", "note", vec![what.into()]).await.map(|_| ())
    }

    /// What the macros [`crate::always`] and its like say.
    #[doc(hidden)]
    pub async fn claim(&self, what: &str, holds: Option<bool>, name: impl Into<Claimed>) -> Result<(), Exception> {
        let holds = holds.map(Value::from);
        let arguments = holds.into_iter().chain([name.into().0]).collect();
        self.call("warpbeam", what, arguments).await.map(|_| ())
    }
}

/// The name of a claim: a text is an atom, which reads best in a report.
#[doc(hidden)]
pub struct Claimed(Value);

impl From<&str> for Claimed {
    fn from(name: &str) -> Claimed {
        Claimed(Value::atom(name))
    }
}

impl From<Value> for Claimed {
    fn from(name: Value) -> Claimed {
        Claimed(name)
    }
}

fn pid_of(value: Value) -> Pid {
    value.as_pid().expect("spawn gives a pid")
}

fn reference_of(value: &Value) -> RefId {
    value.as_reference().expect("a monitor is a reference")
}
