//! The critical pair of a deadlock of two `gen_server`s: the messages that race, not a look into a mailbox of somebody who waits
//! for ever, as all of OTP's behaviours do. Skipped, aloud, where there is no OTP.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "runs the command and writes files")]

use std::process::Command;

#[test]
fn looks_that_wait_for_ever_decide_nothing() {
    if Command::new("erl").args(["-noshell", "-eval", "halt()."]).output().is_err() {
        eprintln!("SKIP: no OTP is installed");
        return;
    }
    for seed in ["1", "2", "3"] {
        let out = std::env::temp_dir().join(format!("warpbeam-critical-{}-{seed}", std::process::id()));
        let done = Command::new(env!("CARGO_BIN_EXE_warpbeam"))
            .args(["explore", "tests/classes/classes_otp.beam", "-f", "across", "--seed", seed, "--out"])
            .arg(&out)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the command is built");
        let text = String::from_utf8_lossy(&done.stdout);
        std::fs::remove_dir_all(&out).expect("a schedule was kept there");
        let (_, pair) = text.split_once("The order of these two decides").expect("a pair is named");
        assert!(pair.contains("{relay,") && !pair.contains("looks into its mailbox"), "{text}");
    }
}
