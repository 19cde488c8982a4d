//! The usual objects as sequential models, over terms as they are printed.
//!
//! A result of a form that a model says nothing of passes: `ok` for a `{write, V}`, or whatever a program returns there.
//! Keys of a key-value store and elements of a set are objects of their own, so that each has a short history.

use super::Model;
use std::collections::VecDeque;
use std::sync::Arc;

/// A term as it is printed.
pub type Text = Arc<str>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Builtin {
    Register,
    Counter,
    Queue,
    Set,
    Lock,
    KeyValue,
}

pub const ALL: [(Builtin, &str); 6] = [
    (Builtin::Register, "register"),
    (Builtin::Counter, "counter"),
    (Builtin::Queue, "queue"),
    (Builtin::Set, "set"),
    (Builtin::Lock, "lock"),
    (Builtin::KeyValue, "kv"),
];

/// An operation: its name, what follows it in the tuple, and who asked.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Call {
    pub process: u32,
    pub name: Text,
    pub arguments: Vec<Text>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// A register, or what one key has: nothing at first.
    Value(Option<Text>),
    Number(i128),
    Queue(VecDeque<Text>),
    /// Whether the element is in the set.
    Member(bool),
    /// Who has the lock.
    Held(Option<u32>),
}

impl Builtin {
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(model, _)| *model == self).map_or("", |(_, name)| name)
    }

    pub fn named(name: &str) -> Option<Builtin> {
        ALL.iter().find(|(_, n)| *n == name).map(|&(model, _)| model)
    }

    /// Whether the model has such an operation.
    pub fn knows(self, call: &Call) -> bool {
        let known: &[(&str, usize)] = match self {
            Builtin::Register => &[("read", 0), ("write", 1), ("cas", 2)],
            Builtin::Counter => &[("read", 0), ("add", 1), ("add_get", 1), ("get_add", 1)],
            Builtin::Queue => &[("push", 1), ("pop", 0)],
            Builtin::Set => &[("add", 1), ("remove", 1), ("member", 1)],
            Builtin::Lock => &[("acquire", 0), ("try_acquire", 0), ("release", 0)],
            Builtin::KeyValue => &[("get", 1), ("put", 2), ("delete", 1)],
        };
        let adds = self == Builtin::Counter && call.arguments.first().is_some_and(|n| number(n).is_none());
        known.contains(&(&*call.name, call.arguments.len())) && !adds
    }

    /// The part of the object that the call is on, if it is on a part alone.
    pub fn part(self, call: &Call) -> Option<&Text> {
        match self {
            Builtin::Set | Builtin::KeyValue => call.arguments.first(),
            _ => None,
        }
    }
}

fn number(text: &str) -> Option<i128> {
    text.parse().ok()
}

/// Whether an answer is this one, or none.
fn is(answer: Option<&Text>, expected: &str) -> bool {
    answer.is_none_or(|answer| **answer == *expected)
}

/// Whether an answer is this truth, or of another form.
fn agrees(answer: Option<&Text>, truth: bool) -> bool {
    answer.is_none_or(|answer| **answer != *(if truth { "false" } else { "true" }))
}

impl Model for Builtin {
    type State = State;
    type Call = Call;
    type Answer = Text;

    fn start(&self) -> State {
        match self {
            Builtin::Register | Builtin::KeyValue => State::Value(None),
            Builtin::Counter => State::Number(0),
            Builtin::Queue => State::Queue(VecDeque::new()),
            Builtin::Set => State::Member(false),
            Builtin::Lock => State::Held(None),
        }
    }

    fn apply(&self, state: &State, call: &Call, answer: Option<&Text>) -> Option<State> {
        let argument = |i: usize| call.arguments[i].clone();
        match (state, &*call.name) {
            (State::Value(value), "read") => {
                let fits = is(answer, value.as_deref().unwrap_or("undefined"));
                fits.then(|| state.clone())
            }
            (State::Value(_), "write") => Some(State::Value(Some(argument(0)))),
            (State::Value(value), "cas") => {
                let swaps = value.as_deref().unwrap_or("undefined") == &*call.arguments[0];
                let fits = agrees(answer, swaps);
                fits.then(|| if swaps { State::Value(Some(argument(1))) } else { state.clone() })
            }
            (State::Value(value), "get") => {
                let expected = value.as_ref().map_or("error".to_string(), |v| format!("{{ok,{v}}}"));
                is(answer, &expected).then(|| state.clone())
            }
            (State::Value(_), "put") => Some(State::Value(Some(argument(1)))),
            (State::Value(value), "delete") => agrees(answer, value.is_some()).then_some(State::Value(None)),
            (State::Number(n), name) => count(*n, name, call, answer),
            (State::Queue(queue), "push") => {
                let mut queue = queue.clone();
                queue.push_back(argument(0));
                Some(State::Queue(queue))
            }
            (State::Queue(queue), "pop") => {
                let mut queue = queue.clone();
                let expected = queue.pop_front().map_or("empty".to_string(), |v| format!("{{ok,{v}}}"));
                is(answer, &expected).then_some(State::Queue(queue))
            }
            (State::Member(there), "add") => agrees(answer, !there).then_some(State::Member(true)),
            (State::Member(there), "remove") => agrees(answer, *there).then_some(State::Member(false)),
            (State::Member(there), "member") => agrees(answer, *there).then_some(State::Member(*there)),
            (State::Held(holder), "acquire") => holder.is_none().then_some(State::Held(Some(call.process))),
            (State::Held(holder), "try_acquire") => {
                let taken = holder.or(Some(call.process));
                agrees(answer, holder.is_none()).then_some(State::Held(taken))
            }
            // Whoever does not have it releases nothing.
            (State::Held(holder), "release") => (*holder == Some(call.process)).then_some(State::Held(None)),
            _ => None,
        }
    }
}

fn count(n: i128, name: &str, call: &Call, answer: Option<&Text>) -> Option<State> {
    let added = call.arguments.first().and_then(|more| number(more)).unwrap_or(0);
    let after = n.checked_add(added)?;
    let fits = match name {
        "read" | "get_add" => is(answer, &n.to_string()),
        "add_get" => is(answer, &after.to_string()),
        _ => true,
    };
    fits.then_some(State::Number(after))
}
