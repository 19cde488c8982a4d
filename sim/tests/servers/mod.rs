//! The example servers as commands of their own.
//!
//! Invariant: a server ends with its value.

#![allow(dead_code, reason = "not every test asks for everything")]

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").to_path_buf()
}

/// Whether there is nothing to run: no OTP is installed, or no network.
pub fn skipped() -> bool {
    if Command::new("erl").args(["-noshell", "-eval", "halt()."]).output().is_err() {
        eprintln!("SKIP: no OTP is installed");
        return true;
    }
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("SKIP: no loopback of both kinds");
        return true;
    }
    false
}

/// A running example server and its port.
pub struct Server {
    child: Child,
    port: u16,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub fn start(module: &str, ring: &str, argument: &str) -> Server {
        Server::limited(module, ring, argument, ":")
    }

    /// After a command of the shell that sets limits.
    pub fn limited(module: &str, ring: &str, argument: &str, limit: &str) -> Server {
        let mut command = Command::new("sh");
        command.current_dir(repository().join("examples/servers"));
        command.args(["-c", &format!("{limit} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_warpbeam")]);
        command.args(["run", &format!("{module}.beam"), "--ring", ring, "--", "0", argument]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the command starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut server = Server { child, port: 0, output };
        server.port = server.line().parse().expect("the server says its port");
        server
    }

    /// The next line that the server prints.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server runs");
        line.trim().to_string()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("it is no 0");
        stream
    }

    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("Linux").count()
    }

    pub fn resident_kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it uses memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again, for ten seconds at most.
pub fn comes_true(mut what: impl FnMut() -> bool) -> bool {
    (0..1000).any(|_| {
        let there = what();
        if !there {
            std::thread::sleep(Duration::from_millis(10));
        }
        there
    })
}
