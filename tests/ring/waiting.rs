//! What every ring does with operations that wait: time limits, readiness, cancelling.

use super::rig::Rig;
use super::sockets::{connection, listener, receive, received};
use warpbeam::ring::request::{Interest, OpId};
use warpbeam::ring::{Errno, Request, Value};

pub fn all(rig: &mut Rig) {
    timeouts(rig);
    readiness(rig);
    cancelling(rig);
    many(rig);
}

fn timeouts(rig: &mut Rig) {
    let long = rig.begin(None, Request::Timeout { after_ns: 1 << 60 });
    let short = rig.begin(None, Request::Timeout { after_ns: 1_000_000 });
    assert_eq!(rig.end(short).result, Ok(Value::Done));
    assert!(!rig.has_come(long));
    cancel(rig, long);
    assert_eq!(rig.end(long).result, Err(Errno::CANCELED));
}

fn cancel(rig: &mut Rig, id: OpId) {
    rig.ring.cancel(id);
    rig.ring.flush();
}

fn readiness(rig: &mut Rig) {
    let (one, other) = connection(rig);
    let readable = Interest { readable: true, writable: false };
    let writable = Interest { readable: false, writable: true };
    assert_eq!(rig.on(one, Request::Poll { interest: writable }), Ok(Value::Ready(writable)));
    let polling = rig.begin(Some(one), Request::Poll { interest: readable });
    assert!(!rig.has_come(polling));
    rig.on(other, Request::Send { bytes: b"x".to_vec(), from: 0 }).expect("there is room");
    assert_eq!(rig.end(polling).result, Ok(Value::Ready(readable)));
    for fd in [one, other] {
        rig.on(fd, Request::Close).expect("it closes");
    }
}

fn cancelling(rig: &mut Rig) {
    let (one, other) = connection(rig);
    let (listening, _) = listener(rig);
    let waiting = [
        rig.begin(Some(one), receive(10)),
        rig.begin(Some(listening), Request::Accept),
        rig.begin(Some(other), Request::Poll { interest: Interest { readable: true, writable: false } }),
    ];
    for id in waiting {
        assert!(!rig.has_come(id));
        cancel(rig, id);
        assert_eq!(rig.end(id).result, Err(Errno::CANCELED));
        // What is over cannot be cancelled, and that harms nobody.
        cancel(rig, id);
    }
    // What was cancelled has taken nothing.
    rig.on(other, Request::Send { bytes: b"kept".to_vec(), from: 0 }).expect("there is room");
    let reading = rig.begin(Some(one), receive(10));
    let completion = rig.end(reading);
    assert_eq!(received(completion), Ok(b"kept".to_vec()));
    for fd in [one, other, listening] {
        rig.on(fd, Request::Close).expect("it closes");
    }
}

/// More operations than a queue has entries, in flight at once.
fn many(rig: &mut Rig) {
    const MANY: usize = 3000;
    let ids: Vec<OpId> = (0..MANY).map(|_| rig.begin(None, Request::Timeout { after_ns: 1 << 60 })).collect();
    for &id in &ids {
        rig.ring.cancel(id);
    }
    rig.ring.flush();
    for id in ids {
        assert_eq!(rig.end(id).result, Err(Errno::CANCELED));
    }
}
