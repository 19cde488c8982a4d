//! Reading a command line: options in any order, `--name value` or `--name=value`, everything after `--` passed on.
//!
//! Invariant: a command line that is not understood becomes one sentence and exit status 2.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::str::FromStr;
use warpbeam::native::Natives;

/// Threads that a command may start, as many as OTP has schedulers at most.
const THREADS_MAX: usize = 1024;

/// Bad usage or bad input: the sentence that is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Usage(pub String);

impl<E: std::error::Error> From<E> for Usage {
    fn from(error: E) -> Usage {
        Usage(error.to_string())
    }
}

/// Fails with a sentence.
pub fn refuse<T>(sentence: impl Into<String>) -> Result<T, Usage> {
    Err(Usage(sentence.into()))
}

/// What is left of a command line.
#[derive(Debug)]
pub struct Args {
    words: std::vec::IntoIter<String>,
    /// The value of `--name=value`, until it is asked for.
    value: Option<(String, String)>,
    only_plain: bool,
    /// Functions in Rust, of whoever started the command line.
    pub natives: Natives,
}

/// The next thing on a command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arg {
    /// With its dashes.
    Option(String),
    Plain(String),
    /// `--`
    Rest,
}

impl Args {
    pub fn new(words: impl Iterator<Item = OsString>, natives: Natives) -> Result<Args, Usage> {
        let words: Result<Vec<String>, OsString> = words.map(OsString::into_string).collect();
        match words {
            Ok(words) => Ok(Args { words: words.into_iter(), value: None, only_plain: false, natives }),
            Err(word) => refuse(format!("`{}` is not valid text", word.to_string_lossy())),
        }
    }

    /// Whether `--help` is among the words that are no arguments of the program.
    pub fn ask_for_help(&self) -> bool {
        let words = self.words.as_slice().iter();
        words.take_while(|word| *word != "--").any(|word| word == "--help" || word == "-h")
    }

    pub fn next_arg(&mut self) -> Result<Option<Arg>, Usage> {
        if let Some((name, value)) = self.value.take() {
            return refuse(format!("{name} takes no value, but was given `{value}`"));
        }
        let Some(word) = self.words.next() else { return Ok(None) };
        if self.only_plain || !word.starts_with('-') || word == "-" {
            return Ok(Some(Arg::Plain(word)));
        }
        if word == "--" {
            self.only_plain = true;
            return Ok(Some(Arg::Rest));
        }
        if let Some((name, value)) = word.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            self.value = Some((name.to_string(), value.to_string()));
            return Ok(Some(Arg::Option(name.to_string())));
        }
        Ok(Some(Arg::Option(word)))
    }

    /// The value of the option that was just read.
    pub fn value(&mut self, option: &str) -> Result<String, Usage> {
        if let Some((_, value)) = self.value.take() {
            return Ok(value);
        }
        self.words.next().map_or_else(|| refuse(format!("{option} needs a value")), Ok)
    }

    /// The same, read.
    pub fn parsed<T>(&mut self, option: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Usage> {
        let value = self.value(option)?;
        parse(&value).map_or_else(|| refuse(format!("`{value}` is no value of {option}")), Ok)
    }

    pub fn number<T: FromStr>(&mut self, option: &str) -> Result<T, Usage> {
        self.parsed(option, |text| text.replace('_', "").parse().ok())
    }

    /// A number from 1.
    pub fn positive<T: FromStr + Default + PartialEq>(&mut self, option: &str) -> Result<T, Usage> {
        self.parsed(option, |text| {
            text.replace('_', "").parse().ok().filter(|number| *number != T::default())
        })
    }

    /// How many threads, from 1.
    pub fn threads(&mut self, option: &str) -> Result<NonZeroUsize, Usage> {
        self.parsed(option, |text| {
            text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= THREADS_MAX)
        })
    }
}

/// Fails for an option that the command does not have.
pub fn unknown<T>(command: &str, option: &str) -> Result<T, Usage> {
    refuse(format!("`warpbeam {command}` has no option {option}; `warpbeam help` lists them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_options_are_read() {
        let words = ["a.beam", "--runs=1_000", "-m", "x", "--", "--json"];
        let mut args = Args::new(words.iter().map(OsString::from), Natives::new()).expect("good text");
        assert_eq!(args.next_arg(), Ok(Some(Arg::Plain("a.beam".to_string()))));
        assert_eq!(args.next_arg(), Ok(Some(Arg::Option("--runs".to_string()))));
        assert_eq!(args.number::<u64>("--runs"), Ok(1000));
        assert_eq!(args.next_arg(), Ok(Some(Arg::Option("-m".to_string()))));
        assert_eq!(args.value("-m"), Ok("x".to_string()));
        assert_eq!(args.next_arg(), Ok(Some(Arg::Rest)));
        assert_eq!(args.next_arg(), Ok(Some(Arg::Plain("--json".to_string()))));
        assert_eq!(args.next_arg(), Ok(None));
        assert!(args.value("-f").is_err());
    }

    #[test]
    fn a_value_for_an_option_without_one_is_refused() {
        let mut args =
            Args::new(["--json=yes"].iter().map(OsString::from), Natives::new()).expect("good text");
        assert_eq!(args.next_arg(), Ok(Some(Arg::Option("--json".to_string()))));
        assert!(args.next_arg().is_err());
    }
}
