//! Standard output, and what an operator is told on standard error.
//!
//! Invariant: one text is written whole; texts of one process keep their order. Output is buffered, and
//! flushed when a scheduler has nothing to do, from time to time, and at the end. An output that is closed
//! (a pipe whose reader went away) loses the text and harms nobody, as in OTP.

use crate::heap::literal::Literals;
use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::sched::atomics::{AtomicBool, Lock, Ordering};
use crate::term::show::show_named;
use crate::world::Report;
use std::io::{BufWriter, Write};
use std::sync::Arc;

pub type Output = Box<dyn Write + Send>;

pub struct Sink {
    output: Lock<BufWriter<Output>>,
    reports: Lock<Output>,
    unflushed: AtomicBool,
    /// Why output was lost, if it was.
    lost: Lock<Option<String>>,
    entry_crashed: AtomicBool,
}

const BUFFER_BYTES: usize = 1 << 16;
/// Characters of a term that a report shows.
const SHOWN_CHARS: usize = 4000;

impl Sink {
    pub fn new(output: Output, reports: Output) -> Sink {
        Sink {
            output: Lock::new(BufWriter::with_capacity(BUFFER_BYTES, output)),
            reports: Lock::new(reports),
            unflushed: AtomicBool::new(false),
            lost: Lock::new(None),
            entry_crashed: AtomicBool::new(false),
        }
    }

    pub fn output(&self, text: &str) {
        let written = self.output.lock().write_all(text.as_bytes());
        self.notice(written);
        self.unflushed.store(true, Ordering::Release);
    }

    #[inline]
    pub fn flush(&self) {
        if self.unflushed.load(Ordering::Relaxed) && self.unflushed.swap(false, Ordering::AcqRel) {
            let flushed = self.output.lock().flush();
            self.notice(flushed);
        }
    }

    /// A reader that has gone away is no failure.
    fn notice(&self, written: std::io::Result<()>) {
        if let Err(error) = written
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            self.lost.lock().get_or_insert_with(|| error.to_string());
        }
    }

    /// Why output was lost, if it was.
    pub fn lost(&self) -> Option<String> {
        self.lost.lock().clone()
    }

    /// Text of the program's own for standard error.
    pub fn error_output(&self, text: &str) {
        self.tell(text);
    }

    /// Reports; `entry` is the entry process.
    pub fn report(&self, report: &Report, entry: Option<Pid>, literals: &Arc<Literals>) {
        if matches!(report, Report::Crash { pid, .. } if Some(*pid) == entry) {
            self.entry_crashed.store(true, Ordering::Release);
        }
        self.tell(&describe(report, literals));
    }

    /// The entry process ended abnormally. Said once: a crash that was reported is not said again.
    pub fn entry_failed(&self, reason: &str) {
        if !self.entry_crashed.load(Ordering::Acquire) {
            self.tell(&format!("The program ended with: {reason}\n"));
        }
    }

    fn tell(&self, text: &str) {
        // What the program wrote before stands before it.
        self.flush();
        let mut reports = self.reports.lock();
        let _ = reports.write_all(text.as_bytes()).and_then(|()| reports.flush());
    }
}

/// The term as text.
pub fn shown(parcel: &Parcel, literals: &Arc<Literals>) -> String {
    let (heap, word) = parcel.unpack(literals);
    show_named(&heap, word, SHOWN_CHARS, &|_| None)
}

fn named(pid: Pid, name: Option<crate::term::Atom>) -> String {
    match name {
        Some(name) => format!("process {} {pid:?}", name.text()),
        None => format!("process {pid:?}"),
    }
}

fn describe(report: &Report, literals: &Arc<Literals>) -> String {
    match report {
        Report::Crash { pid, name, initial_call: (module, function, arity), reason } => format!(
            "Error in {} ({}:{}/{arity}) with exit value: {}\n",
            named(*pid, *name),
            module.text(),
            function.text(),
            shown(reason, literals)
        ),
        Report::LoadRefused { module, value } => {
            format!("The on_load function of module {} returned: {}\n", module.text(), shown(value, literals))
        }
        Report::CloseFailed { reason } => {
            format!("A descriptor was closed with an error that nobody waited for: {reason}\n")
        }
        Report::HeapLimit { pid, name, words, killed } => format!(
            "Heap limit reached by {}: {words} words{}\n",
            named(*pid, *name),
            if *killed { ", killed" } else { "" }
        ),
    }
}
