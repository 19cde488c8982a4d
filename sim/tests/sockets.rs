//! Sockets and ports, through the command: scenes over the loopback print on both rings what they print in `erl` 25, and the
//! example servers serve.
//!
//! `tests/tcp/record` has written what `erl` prints. Without an installed OTP, or without a network, the tests say that they
//! were skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test opens sockets and runs commands"
)]

mod servers;

use servers::{Server, comes_true, repository, skipped};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;

/// Lines that differ, with the scene's name at their beginning.
fn differences(expected: &str, printed: &str) -> String {
    let mut text = String::new();
    let (mut left, mut right) = (expected.lines(), printed.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return text,
            (one, other) if one != other => {
                let _ = writeln!(text, "- {}\n+ {}", one.unwrap_or_default(), other.unwrap_or_default());
            }
            _ => {}
        }
    }
}

#[test]
fn scenes_print_on_both_rings_what_they_print_in_erl() {
    if skipped() {
        return;
    }
    let programs = repository().join("tests/tcp");
    let expected = std::fs::read_to_string(programs.join("expected/n_table.txt")).expect("it was recorded");
    for ring in ["pool", "auto"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
        command.current_dir(&programs).args(["run", "n_table.beam", ".", "--ring", ring]);
        let done = command.output().expect("the command starts");
        let printed = String::from_utf8(done.stdout).expect("scenes print UTF-8");
        assert_eq!(differences(&expected, &printed), "", "ring {ring}");
        assert_eq!(done.status.code(), Some(0), "ring {ring}");
    }
}

#[test]
fn the_echo_server_gives_back_what_it_is_sent_and_leaks_nothing() {
    if skipped() {
        return;
    }
    for ring in ["pool", "auto"] {
        let server = Server::start("echo_server", ring, "");
        let once = |stream: &mut TcpStream| {
            let mut back = [0; 5];
            stream.write_all(b"hello").expect("it is sent");
            stream.read_exact(&mut back).expect("it comes back");
            assert_eq!(&back, b"hello");
        };
        once(&mut server.connect());
        assert!(comes_true(|| server.descriptors() < 40));
        let before = server.descriptors();
        let mut streams: Vec<TcpStream> = (0..50).map(|_| server.connect()).collect();
        for _ in 0..3 {
            streams.iter_mut().for_each(once);
        }
        drop(streams);
        assert!(
            comes_true(|| server.descriptors() <= before),
            "ring {ring}: {} of {before}",
            server.descriptors()
        );
    }
}

#[test]
fn the_file_server_serves_files() {
    if skipped() {
        return;
    }
    let root = repository().join("examples/servers");
    let source = std::fs::read(root.join("echo_server.erl")).expect("it is there");
    for ring in ["pool", "auto"] {
        let server = Server::start("http_server", ring, root.to_str().expect("a path of text"));
        let mut stream = server.connect();
        stream
            .write_all(
                b"GET /echo_server.erl HTTP/1.1\r\nHost: x\r\n\r\n\
                  GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n\
                  GET /../../Cargo.toml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            )
            .expect("it is sent");
        stream.shutdown(Shutdown::Write).expect("it is open");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the server closes in the end");
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", source.len());
        assert!(answer.starts_with(head.as_bytes()), "{}", String::from_utf8_lossy(&answer));
        assert!(answer.windows(source.len()).any(|part| part == source));
        let text = String::from_utf8_lossy(&answer);
        assert_eq!(text.matches("HTTP/1.1 404 Not Found\r\n").count(), 2, "{text}");
    }
}
