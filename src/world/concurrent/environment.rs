//! The machine's environment variables, as they were when the world was made, and the number of this process.
//! The one file that asks for them.

#![expect(clippy::disallowed_methods, reason = "the environment is taken in here")]

use crate::world::environment::Variables;
use std::os::unix::ffi::OsStringExt;

/// Variables whose names or values no program could have set are left out.
pub fn of_machine() -> Variables {
    let mut variables = Variables::default();
    for (name, value) in std::env::vars_os() {
        let (name, value) = (name.into_vec(), value.into_vec());
        if Variables::is_name(&name) {
            variables.set(name, value);
        }
    }
    variables
}

pub fn os_process() -> u32 {
    std::process::id()
}
