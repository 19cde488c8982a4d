//! The same conformance suite over the rings of this machine: the pool of threads, and io_uring.
//!
//! Where io_uring is refused the test says so and passes; with `WARPBEAM_NEEDS_URING=1` it fails. The
//! simulated kernel goes through the same files in `sim/tests/kernel.rs`.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test waits, and makes a directory"
)]

mod files;
mod pipes;
mod rig;
mod sockets;
mod waiting;

use rig::Rig;
use std::sync::Arc;
use warpbeam::ring::arrivals::Arrivals;
use warpbeam::ring::start::{Choice, start};

/// A ring of this machine with a directory of its own, unless it is refused.
fn rig(choice: Choice, test: &str) -> Option<Rig> {
    let arrivals = Arc::new(Arrivals::new(Box::new(|| {})));
    let ring = match start(choice, &arrivals) {
        Ok(ring) => ring,
        Err(error) => {
            assert!(std::env::var_os("WARPBEAM_NEEDS_URING").is_none(), "{choice:?} is refused: {error}");
            eprintln!("SKIP: {choice:?} is refused here: {error}");
            return None;
        }
    };
    let directory =
        std::env::temp_dir().join(format!("warpbeam-ring-{test}-{choice:?}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).expect("a directory can be made for the test");
    let wait = || std::thread::sleep(std::time::Duration::from_millis(1));
    Some(Rig::new(Box::new(ring), wait, directory.as_os_str().as_encoded_bytes(), false))
}

fn each(test: &str, run: fn(&mut Rig)) {
    for choice in [Choice::Pool, Choice::Uring] {
        if let Some(mut rig) = rig(choice, test) {
            run(&mut rig);
            let directory = String::from_utf8(rig.directory.clone()).expect("it was made of text");
            drop(rig);
            std::fs::remove_dir_all(directory).expect("the directory can be removed");
        }
    }
}

#[test]
fn files() {
    each("files", files::all);
}

#[test]
fn sockets() {
    each("sockets", sockets::all);
}

#[test]
fn waiting() {
    each("waiting", waiting::all);
}

#[test]
fn pipes() {
    each("pipes", pipes::all);
}
