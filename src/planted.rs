//! Faults planted on purpose, so that the simulator's claim to find such bugs is tested.
//!
//! Each is a mistake that a runtime of this kind has made or could make. Its hook is one line at the place
//! where the mistake would be, `if planted!(DownOvertakes) { ... }`. Without the cargo feature `planted` the
//! macro is the constant `false`, so the hooks vanish; with it, one fault at a time can be switched on for the
//! calling thread. Invariant: with no fault switched on the runtime is the same as without the feature.

/// Whether this fault is switched on.
#[cfg(feature = "planted")]
#[macro_export]
macro_rules! planted {
    ($fault:ident) => {
        $crate::planted::is_on($crate::planted::Fault::$fault)
    };
}

/// Whether this fault is switched on: never, without the cargo feature `planted`.
#[cfg(not(feature = "planted"))]
#[macro_export]
macro_rules! planted {
    ($fault:ident) => {
        false
    };
}

#[cfg(feature = "planted")]
pub use switch::{Fault, is_on, switch};

#[cfg(feature = "planted")]
mod switch {
    use std::cell::Cell;

    macro_rules! faults {
        ($($(#[doc = $said:literal])+ $fault:ident,)*) => {
            /// A planted bug.
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
            pub enum Fault {
                $($(#[doc = $said])+ $fault,)*
            }

            impl Fault {
                pub const ALL: &[Fault] = &[$(Fault::$fault),*];

                /// What it does, in a sentence.
                pub fn sentence(self) -> String {
                    let lines: &[&str] = match self {
                        $(Fault::$fault => &[$($said),*],)*
                    };
                    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
                }
            }
        };
    }

    faults! {
        /// A DOWN is put before messages that were sent before it and have not been looked at.
        DownOvertakes,
        /// Exit signals that arrive together with messages are handled first.
        ExitOvertakes,
        /// Of several signals that arrive while their receiver runs, all but the first are lost.
        LostWhileRunning,
        /// A message that does not fit into the receiver's heap without a collection is dropped.
        LostAtFullHeap,
        /// Clearing a receive marker moves the save pointer to the front, so that the oldest message is
        /// removed in place of the one that was received.
        WrongRemoved,
        /// The tag of a monitor is not a root.
        TagNotRooted,
        /// A message that a receive has passed over is not a root.
        MessageNotRooted,
        /// The process dictionary is not a root.
        ValueNotRooted,
        /// A collection lets go of the bytes of large binaries that are still referred to.
        BinaryReleased,
        /// The time limit of a receive begins anew with each message that does not match.
        LimitRestarts,
        /// Cancelling a timer that has just fired throws away the newest message in its place.
        CancelDropsMessage,
        /// A process that has passed over messages sleeps on when the next one comes.
        WakeLost,
        /// A link to a process that has just ended is kept, and nobody says that there is no such process.
        LinkToDead,
        /// A monitor signal that finds its process gone is not answered.
        MonitorNotAnswered,
        /// A DOWN that was under way when its monitor was removed becomes a message.
        DownAfterDemonitor,
        /// `demonitor` with `flush` looks only at messages that a receive has looked at.
        FlushMissesUnread,
        /// A monitor that reaches an exiting process is answered at once, and again with the others.
        TwoDowns,
        /// An exit signal acts although its receiver has unlinked.
        UnlinkIgnored,
        /// An exit signal that reaches an exiting process changes its reason.
        ReasonReplaced,
        /// An exiting process sends its EXIT and DOWN signals first, and gives up its name and closes its
        /// inbox last.
        ToldEarly,
        /// The alias of a call stays active after the reply.
        AliasStays,
        /// A process that is killed by its heap limit tells nobody.
        HeapKillSilent,
        /// A process that ends does not let go of those that it had suspended.
        SuspensionOutlives,
        /// The acknowledgement of an unlink removes the link that was made since.
        OldUnlinkCounts,
        /// `insert_new` of a list looks whether its keys are free in one step, and inserts in another.
        InsertNewInSteps,
        /// The heir of a table is told of it before the table is its own.
        HeirToldEarly,
        /// A descriptor is closed while operations are in flight on it, so that its number is used again.
        ClosedInUse,
        /// Who asks to close a descriptor that is closing already closes it again.
        ClosedTwice,
        /// A close is dropped where the ring has no room for it.
        CloseDropped,
        /// Where the ring is busy, an operation is handed over before it is registered.
        HandedOverFirst,
        /// What a process was opening when it ended stays open.
        OpenedForNobody,
        /// An operation that completed although it was cancelled counts as cancelled, with what it brought.
        CancelWins,
        /// A write that the kernel did in part counts as done.
        ShortWriteCounts,
        /// A sync is answered without one.
        SyncSkipped,
        /// A close that was interrupted is done again.
        CloseRetried,
        /// The numbers of aliases are told apart by their last two bits alone.
        AliasNumbersWrap,
        /// Whoever lets go of a process that more than four hold lets it go for all of them.
        LetGoForAll,
        /// The third collection that others ask for forgets the messages that a receive has passed over.
        ThirdSweepForgets,
        /// What a write moved is counted in two bits' worth of parts: with the fourth it is taken to be done.
        FourthPartEnds,
        /// A descriptor that is closing is closed when the last but one of the operations on it has ended.
        LastButOneCloses,
    }

    thread_local! {
        static ON: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// Switches a fault on for this thread, or all of them off.
    pub fn switch(fault: Option<Fault>) {
        ON.set(fault);
    }

    #[inline]
    pub fn is_on(fault: Fault) -> bool {
        ON.get() == Some(fault)
    }
}
