//! Processes written in Rust: async functions that compiled programs can call and spawn as they do functions of Erlang
//! modules, under the same schedules.
//!
//! ```
//! use warpbeam::native::{Exception, Me, Natives, Value, tuple};
//!
//! /// Answers `{From, add, N}` with the sum so far.
//! async fn adder(me: Me, _arguments: Vec<Value>) -> Result<Value, Exception> {
//!     let mut sum = 0;
//!     loop {
//!         let message = me.receive().await;
//!         let Some([from, _, n]) = message.as_tuple() else { return Ok(Value::from(sum)) };
//!         sum += n.as_int().unwrap_or(0);
//!         me.send(from, sum).await?;
//!     }
//! }
//!
//! let natives = Natives::new().with("adder", "start", 0, adder);
//! assert!(natives.function("adder", "start", 0).is_some());
//! ```
//!
//! Such a process is a process like any other: a loop of bytecode (`boot/warpbeam_native.erl`) performs what the
//! function awaits, with the calls that a compiled program would make. So whatever holds for those holds here: they are
//! scheduling points, they are receives with a save pointer, they show in stories, they can be told apart by an explorer.
//!
//! Invariant: between two awaits the function depends on nothing but its arguments and the answers that it got, for an
//! explorer that copies a process makes the copy by giving a new call of the function the same answers. Clocks, threads,
//! random numbers, hash maps with a random seed and awaiting anything but [`Me`]'s operations are therefore out; the
//! last of these is an error, the others show as a run that does not repeat.

mod me;
mod module;
mod source;
mod suspended;
mod value;

pub use me::{Answer, Exception, Me, Monitored};
pub use source::WithNatives;
pub(crate) use suspended::{Asked, Suspended};
pub use value::Value;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The module whose loop runs functions.
pub const LOOP_MODULE: &str = "warpbeam_native";

/// What a function comes to.
pub type Returned = Result<Value, Exception>;
pub(crate) type Running = Pin<Box<dyn Future<Output = Returned> + Send>>;
/// Calls the function.
pub type Function = Arc<dyn Fn(Me, Vec<Value>) -> Running + Send + Sync>;

/// Functions in Rust, by the names that programs know them by.
#[derive(Clone, Default)]
pub struct Natives {
    modules: BTreeMap<String, BTreeMap<(String, u8), Function>>,
}

/// A function that panics ends its process; what it closes over is its own affair.
impl std::panic::RefUnwindSafe for Natives {}
impl std::panic::UnwindSafe for Natives {}

impl fmt::Debug for Natives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            |functions: &BTreeMap<(String, u8), Function>| functions.keys().cloned().collect::<Vec<_>>();
        f.debug_map()
            .entries(self.modules.iter().map(|(module, functions)| (module, names(functions))))
            .finish()
    }
}

impl Natives {
    pub fn new() -> Natives {
        Natives::default()
    }

    /// With a function of this name and arity; one of the same name is replaced.
    ///
    /// # Panics
    /// If a name has more than 255 characters, or the arity is over 255.
    #[must_use]
    pub fn with<F, R, T>(mut self, module: &str, function: &str, arity: u32, body: F) -> Natives
    where
        F: Fn(Me, Vec<Value>) -> R + Send + Sync + 'static,
        R: Future<Output = T> + Send + 'static,
        T: IntoReturned,
    {
        let arity = u8::try_from(arity).expect("a function has up to 255 arguments");
        for name in [module, function] {
            assert!(name.chars().count() <= 255, "a name has up to 255 characters");
        }
        let function = (function.to_string(), arity);
        let body: Function = Arc::new(move |me, arguments| {
            let running = body(me, arguments);
            Box::pin(async move { running.await.into_returned() })
        });
        self.modules.entry(module.to_string()).or_default().insert(function, body);
        self
    }

    pub fn function(&self, module: &str, function: &str, arity: usize) -> Option<&Function> {
        self.modules.get(module)?.get(&(function.to_string(), u8::try_from(arity).ok()?))
    }

    /// Whether a module has functions in Rust.
    pub fn has(&self, module: &str) -> bool {
        self.modules.contains_key(module)
    }

    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// The first module by name.
    pub fn first_module(&self) -> Option<&str> {
        self.modules.keys().next().map(String::as_str)
    }

    /// The `.beam` file that makes a module's functions callable.
    fn beam(&self, module: &str) -> Option<Vec<u8>> {
        let functions = self.modules.get(module)?;
        let names = functions.keys().map(|(name, arity)| (name.as_str(), *arity));
        Some(module::beam(module, &names.collect::<Vec<_>>()))
    }
}

/// What an async function may return.
pub trait IntoReturned {
    fn into_returned(self) -> Returned;
}

impl IntoReturned for () {
    fn into_returned(self) -> Returned {
        Ok(Value::atom("ok"))
    }
}

impl IntoReturned for Value {
    fn into_returned(self) -> Returned {
        Ok(self)
    }
}

impl<T: IntoReturned> IntoReturned for Result<T, Exception> {
    fn into_returned(self) -> Returned {
        self.and_then(T::into_returned)
    }
}

/// A tuple of values: `tuple![Value::atom("ok"), 5]`.
#[macro_export]
macro_rules! tuple {
    ($($element:expr),* $(,)?) => {
        $crate::native::Value::Tuple(vec![$($crate::native::Value::from($element)),*])
    };
}
pub use crate::tuple;

/// Says that a condition holds each time that this place is reached; a run in which it does not is a violation.
#[macro_export]
macro_rules! always {
    ($me:expr, $holds:expr, $name:expr) => {
        $me.claim("always", Some($holds), $name).await
    };
}
pub use crate::always;

/// Says that a condition holds in some run of a campaign.
#[macro_export]
macro_rules! sometimes {
    ($me:expr, $holds:expr, $name:expr) => {
        $me.claim("sometimes", Some($holds), $name).await
    };
}
pub use crate::sometimes;

/// Says that some run of a campaign comes here.
#[macro_export]
macro_rules! reachable {
    ($me:expr, $name:expr) => {
        $me.claim("reachable", None, $name).await
    };
}
pub use crate::reachable;

/// Says that something is owed in this run from here on, `eventually!(me, name)`, until some process says that it holds:
/// `eventually!(me, holds, name)`. A run that is cut goes on without faults, everybody in turn, before that is judged.
#[macro_export]
macro_rules! eventually {
    ($me:expr, $name:expr) => {
        $me.claim("eventually", None, $name).await
    };
    ($me:expr, $holds:expr, $name:expr) => {
        $me.claim("eventually", Some($holds), $name).await
    };
}
pub use crate::eventually;

/// Says that no run comes here.
#[macro_export]
macro_rules! unreachable_here {
    ($me:expr, $name:expr) => {
        $me.claim("unreachable", None, $name).await
    };
}
pub use crate::unreachable_here;
