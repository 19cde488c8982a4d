//! The grammar of test expressions, shared with the tests of the natives on data.

#[path = "../../../tests/erlang_text/parse.rs"]
mod parse;

pub use parse::{Expression, parse};
