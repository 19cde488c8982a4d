//! Modules of ours in place of OTP's of the same name, which only work with OTP's emulator and its boot below them,
//! and those that start what programs expect to be running. Their sources are in `boot/`.
//!
//! Invariant: each is found before OTP's, and after the program's own.

/// The names, with the bytes of the `.beam` files.
const MODULES: &[(&str, &[u8])] = &[
    ("code", include_bytes!("../../boot/code.beam")),
    ("erl_prim_loader", include_bytes!("../../boot/erl_prim_loader.beam")),
    ("init", include_bytes!("../../boot/init.beam")),
    ("prim_inet", include_bytes!("../../boot/prim_inet.beam")),
    ("warpbeam", include_bytes!("../../boot/warpbeam.beam")),
    ("warpbeam_boot", include_bytes!("../../boot/warpbeam_boot.beam")),
    ("warpbeam_datagrams", include_bytes!("../../boot/warpbeam_datagrams.beam")),
    ("warpbeam_file", include_bytes!("../../boot/warpbeam_file.beam")),
    ("warpbeam_inet", include_bytes!("../../boot/warpbeam_inet.beam")),
    ("warpbeam_inet_options", include_bytes!("../../boot/warpbeam_inet_options.beam")),
    ("warpbeam_native", include_bytes!("../../boot/warpbeam_native.beam")),
    ("warpbeam_port", include_bytes!("../../boot/warpbeam_port.beam")),
    ("warpbeam_ram_file", include_bytes!("../../boot/warpbeam_ram_file.beam")),
    ("warpbeam_user", include_bytes!("../../boot/warpbeam_user.beam")),
];

/// The bytes of our own module of this name.
pub fn module(name: &str) -> Option<&'static [u8]> {
    MODULES.iter().find(|(other, _)| *other == name).map(|(_, bytes)| *bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::beam::{BeamFile, Limits};

    #[test]
    fn each_file_holds_the_module_of_its_name() {
        for (name, bytes) in MODULES {
            let beam = BeamFile::parse(bytes, &Limits::default()).expect("a module of ours is one");
            assert_eq!(beam.module(), *name);
            assert_eq!(module(name), Some(*bytes));
        }
    }
}
