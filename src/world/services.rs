//! What the modules in `boot/` need of a world beyond what every program does.
//!
//! Invariant: nothing here blocks. Input that has to be waited for comes as a message `{warpbeam_input, Data}`.

use super::Report;
use crate::heap::HeapFull;
use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::term::{Atom, Word, map};

/// What there is of standard input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    Ended,
    /// A message with more, or with its end, is to come.
    Later,
}

pub trait Services {
    /// Asks for more of standard input, for this process.
    fn read_input(&mut self, me: Pid) -> Input;
    /// Text for standard error.
    fn error_output(&mut self, me: Pid, text: &str);
    /// The services have started: the program can begin, and writes to this group leader.
    fn ready(&mut self, leader: Pid);
    /// What the program's first process left behind has been written: the run can end.
    fn finish(&mut self);
}

/// The message to the logger that a report is, for those that OTP logs: `{log, Level, Format, Arguments, Metadata}`.
pub fn log_message(report: &Report, time_us: i64) -> Option<Parcel> {
    let Report::Crash { pid, reason, .. } = report else { return None };
    crash_message(*pid, reason, time_us).ok()
}

fn crash_message(pid: Pid, reason: &Parcel, time_us: i64) -> Result<Parcel, HeapFull> {
    let atom = |text: &'static str| Word::atom(Atom::known(text));
    Parcel::build(|heap| {
        let reason = heap.absorb(reason)?;
        let format = "Error in process ~p with exit value:~n~p~n";
        let characters: Vec<Word> = format.chars().map(|c| Word::small(i64::from(u32::from(c)))).collect();
        let format = heap.new_list(&characters, Word::NIL)?;
        let arguments = heap.new_list(&[pid.word(), reason], Word::NIL)?;
        let origin = [(atom("emulator"), Word::TRUE), (atom("tag"), Word::atom(Atom::ERROR))];
        let origin = map::from_pairs(heap, &origin)?;
        let time = heap.new_integer(time_us)?;
        let metadata = [(atom("error_logger"), origin), (atom("pid"), pid.word()), (atom("time"), time)];
        let metadata = map::from_pairs(heap, &metadata)?;
        heap.new_tuple(&[atom("log"), Word::atom(Atom::ERROR), format, arguments, metadata])
    })
}
