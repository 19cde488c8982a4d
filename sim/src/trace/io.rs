//! Input and output in sentences: what is asked of which file or socket, and what it came to.
//!
//! Files are called by the path that they were opened by, sockets by the order in which they were asked for. Invariant:
//! a descriptor has one name in a run.

use std::collections::BTreeMap;
use std::fmt::Write;
use warpbeam::fd::FdId;
use warpbeam::ring::net::{Address, Shut};
use warpbeam::ring::pending::{Pending, Role};
use warpbeam::ring::request::Value;
use warpbeam::ring::{Call, Completion, Errno, Request};

/// Bytes of data in a sentence.
const BYTES_SHOWN: usize = 40;

/// What descriptors are called.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    labels: BTreeMap<FdId, String>,
    sockets: u32,
}

impl Labels {
    /// What a process asks for; nothing of what no story needs.
    pub fn asked(&mut self, call: &Call) -> Option<String> {
        Some(match call {
            Call::Begin(order) => {
                if let Some(opened) = order.opens {
                    self.name(opened, &order.request);
                }
                let on = order.fd.into_iter().chain(order.opens).map(|fd| self.of(fd)).collect::<Vec<_>>();
                format!("begins: {}", what(&order.request, &on))
            }
            Call::Close { fd, .. } => format!("closes {}", self.of(*fd)),
            Call::LetGo(fd) => format!("has no reference to {} any more: closes it", self.of(*fd)),
            Call::OwnerEnds => "is ending: closes the descriptors that it owns".to_string(),
            Call::SetOwner(fd, _) => format!("gives {} away", self.of(*fd)),
            Call::Cancel(_) => "cancels what it has begun".to_string(),
            Call::Create(_) | Call::ShutDown => return None,
        })
    }

    /// How an operation, or a part of it, ended.
    pub fn ended(&self, pending: &Pending, completion: &Completion) -> String {
        let on: Vec<&str> = match pending.role {
            Role::Free => Vec::new(),
            Role::Uses(fd) | Role::Closes(fd) => vec![self.of(fd)],
            Role::Opens { opened, with } => with.into_iter().chain([opened]).map(|fd| self.of(fd)).collect(),
        };
        let what = what(&completion.request, &on);
        match (&completion.result, &completion.request) {
            (Err(Errno::CANCELED), _) => format!("is cancelled: {what}"),
            (Err(errno), _) => format!("fails with {}: {what}", errno.name()),
            (&Ok(Value::Count(0)), Request::Read { .. } | Request::Receive { .. }) => {
                format!("done: {what}: there is no more")
            }
            (&Ok(Value::Count(count)), Request::Read { buffer, filled, .. }) => {
                format!("done: {what}: {}", data(&buffer[*filled..filled + count]))
            }
            (
                &Ok(Value::Count(count) | Value::Datagram(count, _)),
                Request::Receive { buffer } | Request::ReceiveFrom { buffer },
            ) => format!("done: {what}: {}", data(&buffer[..count])),
            (
                &Ok(Value::Count(count)),
                Request::Write { bytes, from, .. } | Request::Send { bytes, from },
            ) if from + count < bytes.len() => {
                format!("done in part: {what}: {count} of {} bytes", bytes.len() - from)
            }
            (&Ok(Value::Count(count)), Request::TrySend { bytes }) if count < bytes.len() => {
                format!("done in part: {what}: {count} of {} bytes", bytes.len())
            }
            _ => format!("done: {what}"),
        }
    }

    /// What was sent by who asked, as a part of that.
    pub fn sent(&self, fd: FdId, bytes: &[u8], done: &Result<Value, Errno>) -> String {
        let what = format!("send {} on {}", data(bytes), self.of(fd));
        match done {
            Err(errno) => format!("fails with {}: {what}", errno.name()),
            &Ok(Value::Count(count)) if count < bytes.len() => {
                format!("does in part: {what}: {count} of {} bytes", bytes.len())
            }
            Ok(_) => format!("does: {what}"),
        }
    }

    fn of(&self, fd: FdId) -> &str {
        self.labels.get(&fd).map_or("a descriptor that was never opened", String::as_str)
    }

    fn name(&mut self, fd: FdId, request: &Request) {
        if self.labels.contains_key(&fd) {
            return;
        }
        let label = match request {
            Request::Open { path, .. } => text(path),
            _ => {
                self.sockets += 1;
                format!("socket {}", self.sockets)
            }
        };
        self.labels.insert(fd, label);
    }
}

/// One end of a pipe is being opened.
pub fn waits_for_other_end(request: &Request) -> String {
    format!("waits for somebody at the other end: {}", what(request, &[]))
}

/// A path, or other bytes that are mostly text.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_string()
}

fn data(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(BYTES_SHOWN)];
    let mut out = format!("\"{}\"", shown.escape_ascii());
    if shown.len() < bytes.len() {
        write!(out, "... ({} bytes)", bytes.len()).expect("a string takes any text");
    }
    out
}

fn address(address: &Address) -> String {
    match address {
        Address::Ip { ip, port } if ip.is_ipv6() => format!("[{ip}]:{port}"),
        Address::Ip { ip, port } => format!("{ip}:{port}"),
        Address::Local(path) => text(path),
    }
}

/// A request, on these descriptors: what it uses before what it opens.
fn what(request: &Request, on: &[&str]) -> String {
    let name = request.name();
    let first = on.first().copied().unwrap_or_default();
    match request {
        Request::Open { path, .. }
        | Request::Stat { path, .. }
        | Request::ListDir { path }
        | Request::MakeDir { path }
        | Request::MakePipe { path }
        | Request::RemoveDir { path }
        | Request::RemoveFile { path }
        | Request::ReadLink { path }
        | Request::SetPermissions { path, .. }
        | Request::SetOwner { path, .. }
        | Request::SetTimes { path, .. }
        | Request::SetWorkingDir { path } => format!("{name} {}", text(path)),
        Request::Rename { from, to } => format!("{name} {} to {}", text(from), text(to)),
        Request::HardLink { existing, new } | Request::SymbolicLink { existing, new } => {
            format!("{name} {} to {}", text(new), text(existing))
        }
        Request::Write { bytes, from, .. } => format!("{name} {} to {first}", data(&bytes[*from..])),
        Request::Send { bytes, from } => format!("{name} {} on {first}", data(&bytes[*from..])),
        Request::TrySend { bytes } => format!("{name} {} on {first}", data(bytes)),
        Request::SendTo { bytes, address: to } => {
            format!("{name} {} on {first} to {}", data(bytes), address(to))
        }
        Request::Read { .. } => format!("{name} from {first}"),
        Request::Accept => match on {
            [listener, new] => format!("{name} {new} on {listener}"),
            _ => format!("{name} on {first}"),
        },
        Request::Connect { address: to } => format!("{name} {first} to {}", address(to)),
        Request::Bind { address: to } => format!("{name} {first} to {}", address(to)),
        Request::Shutdown { how } => {
            let how = match how {
                Shut::Read => "reading",
                Shut::Write => "writing",
                Shut::Both => "both ways",
            };
            format!("{name} {first}, {how}")
        }
        Request::Socket { .. } => format!("make {first}"),
        Request::Receive { .. } | Request::ReceiveFrom { .. } | Request::Poll { .. } => {
            format!("{name} on {first}")
        }
        Request::SetOption { .. } | Request::GetOption { .. } | Request::GetName { .. } => {
            format!("{name} of {first}")
        }
        _ if first.is_empty() => name.to_string(),
        _ => format!("{name} {first}"),
    }
}
