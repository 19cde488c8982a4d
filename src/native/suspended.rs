//! A function in Rust between two of its awaits, as its process holds it.
//!
//! A copy of a process has the function's answers so far, and calls the function anew when it goes on: a future cannot
//! be copied. Invariant: the log holds every answer that was given, where it is kept; a copy that has been given them
//! stands at the same await.

use super::me::{Exception, Me};
use super::value::Value;
use super::{Function, Returned, Running};
use crate::code::Mfa;
use crate::process::pid::Pid;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub(super) type Wanted = Arc<dyn Fn(&Value) -> bool + Send + Sync>;

/// An operation that a function awaits.
pub(super) enum Ask {
    Call { module: Value, function: Value, arguments: Vec<Value> },
    Send { to: Value, message: Value },
    Take { wanted: Wanted, time: Option<Duration> },
}

/// Between a function and its process.
#[derive(Default)]
pub(super) struct Exchange {
    /// With where it is awaited.
    pub ask: Option<(Ask, &'static Location<'static>)>,
    pub answer: Option<Value>,
}

/// What the loop is to do next.
pub(crate) enum Asked {
    Do(Value),
    Return(Value),
    Raise(Exception),
}

/// Answers, the last first. Copies share what they have in common.
#[derive(Clone, Default)]
struct Log(Option<Arc<(Value, Log)>>);

impl Log {
    fn with(&self, answer: Value) -> Log {
        Log(Some(Arc::new((answer, self.clone()))))
    }

    fn in_order(&self) -> Vec<&Value> {
        let (mut answers, mut log) = (Vec::new(), self);
        while let Some(entry) = &log.0 {
            answers.push(&entry.0);
            log = &entry.1;
        }
        answers.reverse();
        answers
    }
}

/// One after another: a long log must not be dropped by recursion.
impl Drop for Log {
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(entry) = next.and_then(Arc::into_inner) {
            let (_, mut earlier) = entry;
            next = earlier.0.take();
        }
    }
}

pub(crate) struct Suspended {
    pub(crate) name: Mfa,
    /// Where it awaits.
    pub(crate) at: Option<&'static Location<'static>>,
    function: Function,
    pid: Pid,
    arguments: Arc<Vec<Value>>,
    /// `None` where nobody makes copies.
    log: Option<Log>,
    /// Of the receive that is awaited.
    wanted: Option<Wanted>,
    /// What a panic of `wanted` said.
    broken: Option<String>,
    /// A function in Rust that has called this one, in the same process.
    pub(crate) caller: Option<Box<Suspended>>,
    /// `None` in a copy that has not gone on yet. The lock is never taken; it says that nobody looks in from outside.
    running: Option<(Mutex<Running>, Arc<Mutex<Exchange>>)>,
}

impl Clone for Suspended {
    fn clone(&self) -> Suspended {
        assert!(self.log.is_some(), "a function is copied where its answers are kept");
        Suspended {
            name: self.name,
            at: self.at,
            function: Arc::clone(&self.function),
            pid: self.pid,
            arguments: Arc::clone(&self.arguments),
            log: self.log.clone(),
            wanted: self.wanted.clone(),
            broken: self.broken.clone(),
            caller: self.caller.clone(),
            running: None,
        }
    }
}

impl fmt::Debug for Suspended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.name, self.pid)
    }
}

fn locked(exchange: &Mutex<Exchange>) -> MutexGuard<'_, Exchange> {
    exchange.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic says.
fn message_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

impl Suspended {
    /// A call that has not begun. `keeps_answers`: whether the process may be copied.
    pub(crate) fn new(
        name: Mfa,
        function: Function,
        pid: Pid,
        arguments: Vec<Value>,
        keeps_answers: bool,
    ) -> Suspended {
        let log = keeps_answers.then(Log::default);
        Suspended {
            name,
            at: None,
            function,
            pid,
            arguments: Arc::new(arguments),
            log,
            wanted: None,
            broken: None,
            caller: None,
            running: None,
        }
    }

    /// Goes on to the next await: from the beginning without an answer, else with the answer to the last one.
    pub(crate) fn resume(&mut self, answer: Option<Value>) -> Asked {
        let step = match self.broken.take() {
            Some(message) => Err(message),
            None => {
                catch_unwind(AssertUnwindSafe(|| self.go_on(answer))).map_err(|payload| message_of(&*payload))
            }
        };
        step.unwrap_or_else(|message| {
            let reason = vec![Value::atom("panic"), Value::text(&message)];
            Asked::Raise(Exception::error(Value::Tuple(reason)))
        })
    }

    /// Whether the receive that is awaited takes this message. A panic takes it, and shows when the function goes on.
    pub(crate) fn wants(&mut self, message: &Value) -> bool {
        let Some(wanted) = &self.wanted else { return false };
        catch_unwind(AssertUnwindSafe(|| wanted(message))).unwrap_or_else(|payload| {
            self.broken = Some(message_of(&*payload));
            true
        })
    }

    fn go_on(&mut self, answer: Option<Value>) -> Asked {
        let mut returned = None;
        if self.running.is_none() {
            let exchange = Arc::new(Mutex::new(Exchange::default()));
            let me = Me::new(self.pid, Arc::clone(&exchange));
            let running = (self.function)(me, self.arguments.as_ref().clone());
            self.running = Some((Mutex::new(running), exchange));
            returned = self.poll(None);
            let log = self.log.clone().unwrap_or_default();
            for earlier in log.in_order() {
                assert!(returned.is_none(), "the function did otherwise when it was given the same answers");
                returned = self.poll(Some(earlier.clone()));
            }
        }
        if let Some(answer) = answer {
            if let Some(log) = &mut self.log {
                *log = log.with(answer.clone());
            }
            returned = self.poll(Some(answer));
        }
        let (_, exchange) = self.running.as_ref().expect("it was started");
        let ask = locked(exchange).ask.take();
        match (returned, ask) {
            (Some(Ok(value)), _) => Asked::Return(value),
            (Some(Err(exception)), _) => Asked::Raise(exception),
            (None, Some((ask, at))) => {
                self.at = Some(at);
                self.asked(ask)
            }
            (None, None) => panic!("the function awaits something that is no operation of its process"),
        }
    }

    fn poll(&mut self, answer: Option<Value>) -> Option<Returned> {
        let (running, exchange) = self.running.as_mut().expect("it was started");
        *locked(exchange) = Exchange { ask: None, answer };
        let running = running.get_mut().unwrap_or_else(PoisonError::into_inner);
        match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(returned) => Some(returned),
            Poll::Pending => None,
        }
    }

    fn asked(&mut self, ask: Ask) -> Asked {
        self.wanted = None;
        Asked::Do(Value::Tuple(match ask {
            Ask::Call { module, function, arguments } => {
                vec![Value::atom("call"), module, function, Value::List(arguments)]
            }
            Ask::Send { to, message } => vec![Value::atom("send"), to, message],
            Ask::Take { wanted, time } => {
                self.wanted = Some(wanted);
                let time = match time {
                    None => Value::atom("infinity"),
                    Some(time) => Value::Int(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)),
                };
                vec![Value::atom("take"), time]
            }
        }))
    }
}
