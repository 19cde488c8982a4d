//! The example servers where descriptors run out, and with many idle connections beside a load: on both rings they give back
//! every byte and every descriptor, and need no more memory at the end than at the beginning.
//!
//! By default with 1,000 idle connections and three seconds of load; `WARPBEAM_IDLE` and `WARPBEAM_LOAD_S` ask for more, as
//! `.ci/full` does. Where the machine allows fewer descriptors the test says that it was skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test opens sockets, runs commands and takes a while"
)]

mod servers;

use servers::{Server, comes_true, repository, skipped};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn ask(stream: &mut TcpStream, question: &[u8]) {
    stream.write_all(question).expect("it is sent");
}

fn hear(stream: &mut TcpStream, answer: &[u8]) {
    let mut back = vec![0; answer.len()];
    stream.read_exact(&mut back).expect("an answer comes");
    assert_eq!(back, answer);
}

/// Whether something has come, without waiting.
fn has_answer(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).expect("it is open");
    let there = stream.peek(&mut [0]);
    stream.set_nonblocking(false).expect("it is open");
    match there {
        Ok(count) => count > 0,
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => panic!("the connection failed: {error}"),
    }
}

#[test]
fn a_program_without_descriptors_is_told_and_goes_on_when_some_are_closed() {
    if skipped() {
        return;
    }
    for ring in ["pool", "auto"] {
        let mut server = Server::limited("echo_server", ring, "", "ulimit -n 64");
        let once = |stream: &mut TcpStream| {
            ask(stream, b"hello");
            hear(stream, b"hello");
        };
        let before = server.descriptors();
        for round in 0..2 {
            let mut streams: Vec<TcpStream> = (0..100).map(|_| server.connect()).collect();
            if round == 0 {
                assert_eq!(server.line(), "emfile", "ring {ring}");
            }
            // It may have inherited some beyond the limit.
            assert!(comes_true(|| server.descriptors() >= 64), "ring {ring}: {}", server.descriptors());
            streams.iter_mut().for_each(|stream| ask(stream, b"x"));
            // The server has some for itself, but fewer than 24.
            streams[..40].iter_mut().for_each(|stream| hear(stream, b"x"));
            assert!(!streams[64..].iter().any(has_answer), "ring {ring}: there is no descriptor for them");
            let mut waiting = streams.split_off(64);
            drop(streams);
            waiting.iter_mut().for_each(|stream| hear(stream, b"x"));
            waiting.iter_mut().for_each(once);
            drop(waiting);
            assert!(
                comes_true(|| server.descriptors() == before),
                "ring {ring}: {before}, then {}",
                server.descriptors()
            );
        }
    }
}

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().map_or(usual, |text| text.parse().expect("a number"))
}

/// How many descriptors this process may have.
fn descriptors_max() -> u64 {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("there is a limit");
    line.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX)
}

/// Kilobytes that a server may grow by under load: what its allocator keeps.
const GROWTH_MAX: u64 = 8192;
/// Connections of the load, each with one question at a time.
const BUSY: usize = 64;

fn holds_and_works(module: &str, argument: &str, question: &[u8], answer: &[u8]) {
    let (idle, time) = (number("WARPBEAM_IDLE", 1000), Duration::from_secs(number("WARPBEAM_LOAD_S", 3)));
    if descriptors_max() < idle + BUSY as u64 + 100 {
        eprintln!("SKIP: {idle} connections need a higher limit of open files (`ulimit -n`)");
        return;
    }
    for ring in ["pool", "auto"] {
        let server = Server::start(module, ring, argument);
        let all = |streams: &mut [TcpStream]| {
            streams.iter_mut().for_each(|stream| ask(stream, question));
            streams.iter_mut().for_each(|stream| hear(stream, answer));
        };
        let before = server.descriptors();
        let mut held = Vec::new();
        for _ in 0..idle {
            let mut stream = [server.connect()];
            all(&mut stream);
            held.extend(stream);
        }
        let mut busy: Vec<TcpStream> = (0..BUSY).map(|_| server.connect()).collect();
        let (began, mut rounds) = (Instant::now(), 0);
        let mut resident = None;
        while began.elapsed() < time {
            all(&mut busy);
            rounds += 1;
            if resident.is_none() && began.elapsed() > time / 6 {
                resident = Some(server.resident_kilobytes());
            }
        }
        let (first, last) = (resident.expect("a round took less than the time"), server.resident_kilobytes());
        all(&mut held);
        eprintln!("{module}, ring {ring}: {idle} idle, {} answers, {first} to {last} kB", rounds * BUSY);
        assert!(last <= first + GROWTH_MAX, "ring {ring}: {first} kB have become {last}");
        drop((held, busy));
        assert!(
            comes_true(|| server.descriptors() == before),
            "ring {ring}: {before}, then {}",
            server.descriptors()
        );
    }
}

#[test]
fn echo_goes_on_beside_idle_connections() {
    if !skipped() {
        holds_and_works("echo_server", "", &[b'x'; 64], &[b'x'; 64]);
    }
}

#[test]
fn files_are_served_beside_idle_connections() {
    if skipped() {
        return;
    }
    let root = repository().join("examples/servers");
    let file = std::fs::read(root.join("echo_server.erl")).expect("it is there");
    let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len()).into_bytes();
    answer.extend(file);
    let root = root.to_str().expect("a path of text").to_string();
    holds_and_works("http_server", &root, b"GET /echo_server.erl HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
}
