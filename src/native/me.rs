//! What a function in Rust has of its process: the operations that it can await.
//!
//! Invariant: one operation at a time; each is performed once, and its answer is the only way in which anything from
//! outside comes to the function.

use super::suspended::{Ask, Exchange, Wanted};
use super::value::Value;
use crate::bif::Class;
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use std::fmt;
use std::future::Future;
use std::panic::Location;
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
    /// Until it is asked for; with where it is awaited.
    ask: Option<(Ask, &'static Location<'static>)>,
}

impl Future for Operation {
    type Output = Value;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Value> {
        let ask = self.ask.take();
        let mut exchange = self.exchange.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(ask) = ask {
            assert!(
                exchange.ask.is_none() && exchange.answer.is_none(),
                "a process awaits one operation at a time"
            );
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

    #[track_caller]
    fn perform(&self, ask: Ask) -> Operation {
        Operation { exchange: Arc::clone(&self.exchange), ask: Some((ask, Location::caller())) }
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Calls a function, as a compiled program would: one of Erlang's own, of a library, or another in Rust. All that
    /// has no method here is to be had this way.
    #[track_caller]
    pub fn call(&self, module: &str, function: &str, arguments: Vec<Value>) -> impl Answer<Value> {
        let (module, function) = (Value::atom(module), Value::atom(function));
        let operation = self.perform(Ask::Call { module, function, arguments });
        async move { result_of(operation.await) }
    }

    #[track_caller]
    fn erlang(&self, function: &str, arguments: Vec<Value>) -> impl Answer<Value> {
        self.call("erlang", function, arguments)
    }

    /// The same where nobody needs what it gives.
    #[track_caller]
    fn command(&self, module: &str, function: &str, arguments: Vec<Value>) -> impl Answer<()> {
        let call = self.call(module, function, arguments);
        async move { call.await.map(|_| ()) }
    }

    /// To a pid, a name, an alias or `{Name, Node}`; a name that nobody has is an error.
    #[track_caller]
    pub fn send(&self, to: impl Into<Value>, message: impl Into<Value>) -> impl Answer<()> {
        let operation = self.perform(Ask::Send { to: to.into(), message: message.into() });
        async move { result_of(operation.await).map(|_| ()) }
    }

    #[track_caller]
    fn take(
        &self,
        wanted: Wanted,
        time: Option<Duration>,
    ) -> impl Future<Output = Option<Value>> + Send + use<> {
        let operation = self.perform(Ask::Take { wanted, time });
        async move {
            let answer = operation.await;
            if answer.is_atom("timeout") { None } else { result_of(answer).ok() }
        }
    }

    /// The first message.
    #[track_caller]
    pub fn receive(&self) -> impl Future<Output = Value> + Send + use<> {
        self.receive_where(|_| true)
    }

    #[track_caller]
    pub fn receive_within(&self, time: Duration) -> impl Future<Output = Option<Value>> + Send + use<> {
        self.take(Arc::new(|_: &Value| true), Some(time))
    }

    /// The first message of which `wanted` is true. It must depend on nothing that changes.
    #[track_caller]
    pub fn receive_where<W>(&self, wanted: W) -> impl Future<Output = Value> + Send + use<W>
    where
        W: Fn(&Value) -> bool + Send + Sync + 'static,
    {
        let taken = self.take(Arc::new(wanted), None);
        async move { taken.await.expect("a receive without a time limit gives a message") }
    }

    #[track_caller]
    pub fn receive_where_within<W>(
        &self,
        wanted: W,
        time: Duration,
    ) -> impl Future<Output = Option<Value>> + Send + use<W>
    where
        W: Fn(&Value) -> bool + Send + Sync + 'static,
    {
        self.take(Arc::new(wanted), Some(time))
    }

    #[track_caller]
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        let nothing = self.take(Arc::new(|_: &Value| false), Some(time));
        async move { assert!(nothing.await.is_none(), "no message was wanted") }
    }

    #[track_caller]
    fn start(&self, how: &str, module: &str, function: &str, arguments: Vec<Value>) -> impl Answer<Value> {
        self.erlang(how, vec![Value::atom(module), Value::atom(function), Value::List(arguments)])
    }

    /// Starts a process; the function may be compiled or in Rust.
    #[track_caller]
    pub fn spawn(&self, module: &str, function: &str, arguments: Vec<Value>) -> impl Answer<Pid> {
        let started = self.start("spawn", module, function, arguments);
        async move { started.await.map(|pid| pid_of(&pid)) }
    }

    #[track_caller]
    pub fn spawn_link(&self, module: &str, function: &str, arguments: Vec<Value>) -> impl Answer<Pid> {
        let started = self.start("spawn_link", module, function, arguments);
        async move { started.await.map(|pid| pid_of(&pid)) }
    }

    #[track_caller]
    pub fn spawn_monitor(
        &self,
        module: &str,
        function: &str,
        arguments: Vec<Value>,
    ) -> impl Answer<Monitored> {
        let started = self.start("spawn_monitor", module, function, arguments);
        async move {
            let started = started.await?;
            let Some([pid, monitor]) = started.as_tuple() else {
                panic!("spawn_monitor gives a pair, not {started}")
            };
            Ok(Monitored { pid: pid_of(pid), monitor: reference_of(monitor) })
        }
    }

    /// A pid or a name.
    #[track_caller]
    pub fn monitor(&self, whom: impl Into<Value>) -> impl Answer<RefId> {
        let monitor = self.erlang("monitor", vec![Value::atom("process"), whom.into()]);
        async move { monitor.await.map(|monitor| reference_of(&monitor)) }
    }

    /// Ends a monitor; its DOWN is not in the mailbox afterwards.
    #[track_caller]
    pub fn demonitor_flush(&self, monitor: RefId) -> impl Answer<()> {
        let options = Value::List(vec![Value::atom("flush")]);
        self.command("erlang", "demonitor", vec![monitor.into(), options])
    }

    #[track_caller]
    pub fn link(&self, whom: Pid) -> impl Answer<()> {
        self.command("erlang", "link", vec![whom.into()])
    }

    #[track_caller]
    pub fn unlink(&self, whom: Pid) -> impl Answer<()> {
        self.command("erlang", "unlink", vec![whom.into()])
    }

    #[track_caller]
    pub fn trap_exits(&self, traps: bool) -> impl Answer<()> {
        self.command("erlang", "process_flag", vec![Value::atom("trap_exit"), traps.into()])
    }

    /// Sends an exit signal.
    #[track_caller]
    pub fn exit(&self, whom: Pid, reason: impl Into<Value>) -> impl Answer<()> {
        self.command("erlang", "exit", vec![whom.into(), reason.into()])
    }

    #[track_caller]
    pub fn register(&self, name: &str) -> impl Answer<()> {
        self.command("erlang", "register", vec![Value::atom(name), self.pid.into()])
    }

    #[track_caller]
    pub fn whereis(&self, name: &str) -> impl Answer<Option<Pid>> {
        let found = self.erlang("whereis", vec![Value::atom(name)]);
        async move { found.await.map(|found| found.as_pid()) }
    }

    #[track_caller]
    pub fn make_reference(&self) -> impl Answer<RefId> {
        let made = self.erlang("make_ref", Vec::new());
        async move { made.await.map(|made| reference_of(&made)) }
    }

    /// The runtime's monotonic time: as it stands in a run's story, from 0 in the simulator.
    #[track_caller]
    pub fn now(&self) -> impl Answer<Duration> {
        let now = self.erlang("monotonic_time", vec![Value::atom("nanosecond")]);
        let start = self.erlang("system_info", vec![Value::atom("start_time")]);
        async move {
            let since = now.await?.as_int().unwrap_or(0) - start.await?.as_int().unwrap_or(0);
            Ok(Duration::from_nanos(u64::try_from(since).unwrap_or(0)))
        }
    }

    /// A number under `count` that the program leaves open: the simulator tries them all.
    #[track_caller]
    pub fn choose(&self, count: u32) -> impl Answer<u32> {
        let picked = self.call("warpbeam", "choose", vec![count.into()]);
        async move { Ok(picked.await?.as_int().and_then(|n| u32::try_from(n - 1).ok()).unwrap_or(0)) }
    }

    /// Shows in the story of a run.
    #[track_caller]
    pub fn note(&self, what: impl Into<Value>) -> impl Answer<()> {
        self.command("warpbeam", "note", vec![what.into()])
    }

    /// What the macros [`crate::always`] and its like say.
    #[doc(hidden)]
    #[track_caller]
    pub fn claim(&self, what: &str, holds: Option<bool>, name: impl Into<Claimed>) -> impl Answer<()> {
        let holds = holds.map(Value::from);
        self.command("warpbeam", what, holds.into_iter().chain([name.into().0]).collect())
    }
}

/// What comes of an operation that can raise an exception.
pub trait Answer<T>: Future<Output = Result<T, Exception>> + Send + 'static {}

impl<T, F: Future<Output = Result<T, Exception>> + Send + 'static> Answer<T> for F {}

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

fn pid_of(value: &Value) -> Pid {
    value.as_pid().expect("spawn gives a pid")
}

fn reference_of(value: &Value) -> RefId {
    value.as_reference().expect("a monitor is a reference")
}
