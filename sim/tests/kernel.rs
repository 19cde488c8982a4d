//! The simulated kernel goes through the same conformance suite as the rings of a machine.

#[path = "../../tests/ring/files.rs"]
mod files;
#[allow(dead_code, reason = "sockets are not simulated yet")]
#[path = "../../tests/ring/rig.rs"]
mod rig;

use rig::Rig;
use warpbeam_sim::kernel::Kernel;

fn kernel() -> Rig {
    Rig::new(Box::new(Kernel::default()), || {}, b"/tmp", true)
}

#[test]
fn files() {
    files::all(&mut kernel());
}
