//! Names of visible operations, as schedules and traces write them.

use crate::choice::Class;
use warpbeam::world::OpKind;

const OPS: &[(OpKind, &str)] = &[
    (OpKind::Start, "start"),
    (OpKind::Send, "send"),
    (OpKind::Spawn, "spawn"),
    (OpKind::Link, "link"),
    (OpKind::Unlink, "unlink"),
    (OpKind::Monitor, "monitor"),
    (OpKind::Demonitor, "demonitor"),
    (OpKind::ExitSignal, "exit-signal"),
    (OpKind::Register, "register"),
    (OpKind::Unregister, "unregister"),
    (OpKind::Whereis, "whereis"),
    (OpKind::ListAll, "list-all"),
    (OpKind::StartTimer, "start-timer"),
    (OpKind::CancelTimer, "cancel-timer"),
    (OpKind::ReadTimer, "read-timer"),
    (OpKind::ReadClock, "read-clock"),
    (OpKind::Receive, "receive"),
    (OpKind::Timeout, "timeout"),
    (OpKind::Request, "request"),
    (OpKind::ExitStep, "exit-step"),
    (OpKind::MonotonicInteger, "monotonic-integer"),
    (OpKind::PersistentTerm, "persistent-term"),
    (OpKind::YieldNow, "yield"),
    (OpKind::Halt, "halt"),
    (OpKind::Output, "output"),
    (OpKind::Code, "code"),
    (OpKind::Load, "load"),
    (OpKind::EtsRead, "ets-read"),
    (OpKind::EtsWrite, "ets-write"),
    (OpKind::EtsInsert, "ets-insert"),
    (OpKind::EtsScan, "ets-scan"),
    (OpKind::EtsSweep, "ets-sweep"),
    (OpKind::EtsNew, "ets-new"),
    (OpKind::EtsAdmin, "ets-admin"),
    (OpKind::MakeCounters, "make-counters"),
    (OpKind::CounterRead, "counter-read"),
    (OpKind::CounterAdd, "counter-add"),
    (OpKind::CounterWrite, "counter-write"),
    (OpKind::Environment, "environment"),
    (OpKind::Accounts, "accounts"),
    (OpKind::Io, "io"),
    (OpKind::ChangeCode, "change-code"),
    (OpKind::Claim, "claim"),
    (OpKind::Invoke, "invoke"),
    (OpKind::Cell, "cell"),
    (OpKind::TrapExit, "trap-exit"),
];

pub fn op_name(kind: OpKind) -> &'static str {
    OPS.iter().find(|(k, _)| *k == kind).map_or("operation", |(_, name)| name)
}

pub fn op_of(name: &str) -> Option<OpKind> {
    OPS.iter().find(|(_, n)| *n == name).map(|&(kind, _)| kind)
}

/// The verb of a class in a schedule's lines.
pub fn verb(class: Class) -> &'static str {
    match class {
        Class::Order => "run",
        Class::Delivery => "deliver",
        Class::Time => "fire",
        Class::Ring => "complete",
        Class::Fault => "fail",
        Class::Collect => "collect",
        Class::Data => "choose",
    }
}

pub fn class_of(verb: &str) -> Option<Class> {
    use Class::{Collect, Data, Delivery, Fault, Order, Ring, Time};
    [Order, Delivery, Time, Ring, Fault, Collect, Data].into_iter().find(|&class| self::verb(class) == verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_complete() {
        for (i, (kind, name)) in OPS.iter().enumerate() {
            assert_eq!(*kind as usize, i, "{name} is out of order");
            assert_eq!(op_of(op_name(*kind)), Some(*kind));
        }
        assert_eq!(OPS.len(), OpKind::ALL.len());
    }
}
