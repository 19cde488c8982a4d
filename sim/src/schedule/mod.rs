//! Schedules: the choices of a run that were not dull, by name, and what they belong to.
//!
//! A line says where (who acted last, and its how manieth event that was) and what was picked there.
//! Invariant: a line's meaning does not depend on the other lines. [`read`] and [`write`] are the file form.

pub mod read;
pub mod write;

use crate::choice::{Class, Opt, PlaceKey, Point};
use crate::name::ActorName;
use crate::world::settings::Settings;
use warpbeam::world::OpKind;

/// The version of the file form.
pub const VERSION: u32 = 1;

/// A pick that was not dull.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Deviation {
    pub class: Class,
    /// Who acted last, or whose question it is.
    pub actor: ActorName,
    /// Its events (or questions of the class) by then.
    pub count: u32,
    pub option: ActorName,
    /// What the picked one was about to do.
    pub op: OpKind,
}

impl Deviation {
    pub fn new(at: &Point<'_>, option: &Opt) -> Deviation {
        Deviation {
            class: at.class,
            actor: at.births.name(at.actor),
            count: at.count,
            option: at.births.name(option.actor),
            op: option.op.kind(),
        }
    }

    pub fn place(&self) -> PlaceKey {
        PlaceKey::new(self.class, self.actor.hash(), self.count)
    }
}

/// A module as a schedule knows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ModuleHash {
    pub name: String,
    /// As `beam_lib:md5/1` gives it.
    pub md5: [u8; 16],
}

/// What a run begins with, as text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EntryText {
    pub module: String,
    pub function: String,
    /// `None`: called without arguments. Otherwise with one, a list of these strings.
    pub arguments: Option<Vec<String>>,
}

/// What a schedule's run came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    pub oracle: String,
    pub message: String,
    pub fingerprint: String,
}

/// Which of OTP's services ran beside the program. All of them are another world than those that it needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ServicesRan {
    #[default]
    Off,
    /// Those that the program can reach.
    Needed,
    On,
}

/// A schedule file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Files and directories as they were given on the command line.
    pub program: Vec<String>,
    pub modules: Vec<ModuleHash>,
    pub entry: EntryText,
    pub services: ServicesRan,
    pub settings: Settings,
    /// Strategy, seed and run in which it was found.
    pub origin: Option<String>,
    pub verdict: Option<Verdict>,
    /// 16 hexadecimal digits.
    pub digest: String,
    pub deviations: Vec<Deviation>,
}
