//! Sockets over the ring, for the ports that `boot/warpbeam_port.erl` is: natives of `warpbeam_native`.
//!
//! Invariants: each is one operation at the desk. What cannot wait for anybody (`socket`, `bind`, options, names, `try_send`) is
//! waited for; what can is begun, gives its reference, and ends in the message `{warpbeam_io, Reference, Result}` to who
//! began it. `send_for` is none that others could tell: it does all of it, or nothing. Addresses are as `inet` has them: `{Ip, Port}`, `{local, Path}`. Source: the documentation of `inet`.

use super::arguments::{actor, atom, bytes, count, pid, reference, signed};
use super::iolists::{bytes_of, to_bytes};
use super::ring_calls::{self as ring, About, descriptor, order};
use super::send::send;
use crate::bif::{Ctx, EffectResult, Local, Outcome, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::{Heap, HeapFull};
use crate::process::lent::{Active, Lent, Moved, Reader, Reading};
use crate::process::pid::Pid;
use crate::ring::desk::{Answer, Shape};
use crate::ring::net::{Address, Domain, Name, Shut, SocketKind, SocketOption};
use crate::ring::request::Value;
use crate::ring::{Call, Order, Request, Told, Waiter, buffers};
use crate::term::{Atom, Word};
use std::net::IpAddr;

crate::bif::table::natives! { ROWS:
    effect "warpbeam_native" "socket" 3 = socket, Io;
    effect "warpbeam_native" "bind" 2 = bind, Io;
    effect "warpbeam_native" "listen" 2 = listen, Io;
    effect "warpbeam_native" "shutdown" 2 = shutdown, Io;
    effect "warpbeam_native" "set_socket_option" 3 = set_option, Io;
    effect "warpbeam_native" "socket_option" 2 = get_option, Io;
    effect "warpbeam_native" "socket_name" 2 = socket_name, Io;
    effect "warpbeam_native" "try_send" 2 = try_send, Io;
    effect "warpbeam_native" "begin_accept" 2 = begin_accept, Io;
    effect "warpbeam_native" "begin_connect" 2 = begin_connect, Io;
    effect "warpbeam_native" "begin_receive" 2 = begin_receive, Io;
    effect "warpbeam_native" "begin_send" 2 = begin_send, Io;
    effect "warpbeam_native" "begin_receive_from" 2 = begin_receive_from, Io;
    effect "warpbeam_native" "begin_send_to" 3 = begin_send_to, Io;
    effect "warpbeam_native" "cancel" 1 = cancel, Io;
    effect "warpbeam_native" "send_for" 2 = send_for, MakeCounters;
    local "warpbeam_native" "lend" 1 = lend;
    local "warpbeam_native" "sent_for_me" 0 = sent_for_me;
    effect "warpbeam_native" "activate_for" 2 = activate_for, MakeCounters;
    effect "warpbeam_native" "receive_for" 2 = receive_for, MakeCounters;
    effect "warpbeam_native" "answer" 2 = answer, Send 0;
    local "warpbeam_native" "lend_reading" 5 = lend_reading;
    local "warpbeam_native" "take_reading" 0 = take_reading;
}

/// Begins an operation that ends in a message. Its reference, or an error.
fn begin<'h>(ctx: &mut Ctx<'h, '_>, about: About, request: Request, shape: Shape) -> EffectResult<'h> {
    begin_told(ctx, Told::Message, about, request, shape)
}

fn begin_told<'h>(
    ctx: &mut Ctx<'h, '_>,
    told: Told,
    about: About,
    request: Request,
    shape: Shape,
) -> EffectResult<'h> {
    let name = ctx.control.next_reference();
    // The term comes first: without room for it nothing is begun.
    let term = ctx.m.reference(name)?;
    let waiter = Waiter { pid: ctx.control.pid, told };
    let order = Order { name, waiter, fd: about.fd, opens: about.opens, request, shape };
    match ctx.world.io(ctx.control.pid, Call::Begin(order)) {
        Ok(()) => Ok(term.into()),
        Err(refused) => ring::refused(ctx, refused),
    }
}

fn ip<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<IpAddr> {
    let parts = m.tuple_elements(term)?;
    let number = |term: &Term<'h>| term.as_small().and_then(|n| u16::try_from(n).ok());
    let numbers: Vec<u16> = parts.iter().map(number).collect::<Option<_>>()?;
    if let Ok(parts) = <[u16; 8]>::try_from(&numbers[..]) {
        return Some(IpAddr::from(parts));
    }
    let bytes: Vec<u8> = numbers.into_iter().map(|n| u8::try_from(n).ok()).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(&bytes[..]).ok().map(IpAddr::from)
}

fn address<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Address, Raise<'h>> {
    let Some([first, second]) =
        m.tuple_elements(term).and_then(|parts| <[Term<'h>; 2]>::try_from(parts).ok())
    else {
        return Err(Raise::BADARG);
    };
    if first.as_atom().is_some_and(|kind| kind.text() == "local") {
        return Ok(Address::Local(bytes(m, second)?.to_vec()));
    }
    let port = second.as_small().and_then(|n| u16::try_from(n).ok()).ok_or(Raise::BADARG)?;
    Ok(Address::Ip { ip: ip(m, first).ok_or(Raise::BADARG)?, port })
}

fn address_term(heap: &mut Heap, address: &Address) -> Result<Word, HeapFull> {
    let small = |n: u16| Word::small(i64::from(n));
    match address {
        Address::Ip { ip, port } => {
            let parts: Vec<Word> = match ip {
                IpAddr::V4(ip) => ip.octets().into_iter().map(|n| small(n.into())).collect(),
                IpAddr::V6(ip) => ip.segments().into_iter().map(small).collect(),
            };
            let ip = heap.new_tuple(&parts)?;
            heap.new_tuple(&[ip, small(*port)])
        }
        Address::Local(path) => {
            let path = heap.binary(path)?;
            heap.new_tuple(&[Word::atom(Atom::known("local")), path])
        }
    }
}

fn result(heap: &mut Heap, answer: &Answer<'_>, value: Word) -> Result<Word, HeapFull> {
    match answer.result {
        Ok(_) => heap.new_tuple(&[Word::atom(Atom::OK), value]),
        Err(_) => ring::ok(heap, answer),
    }
}

/// `{ok, Address}`.
fn name_shape(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    let value = match answer.result {
        Ok(Value::Address(address)) => address_term(heap, address)?,
        _ => Word::NIL,
    };
    result(heap, answer, value)
}

/// `{ok, Count}`.
fn count_shape(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    let sent = if let Ok(Value::Count(sent)) = answer.result { *sent as i64 } else { 0 };
    result(heap, answer, Word::small(sent))
}

/// `{ok, {Address, Bytes}}`.
fn datagram_shape(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    let value = match answer.result {
        Ok(Value::Datagram(_, from)) => {
            let from = address_term(heap, from)?;
            let bytes = heap.binary(answer.bytes)?;
            heap.new_tuple(&[from, bytes])?
        }
        _ => Word::NIL,
    };
    result(heap, answer, value)
}

fn socket<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let opens = Some(descriptor(&ctx.m, args[0])?);
    let domain = match atom(args[1])?.text() {
        "inet" => Domain::Inet,
        "inet6" => Domain::Inet6,
        "local" => Domain::Local,
        _ => return Err(Raise::BADARG),
    };
    let kind = match atom(args[2])?.text() {
        "stream" => SocketKind::Stream,
        "dgram" => SocketKind::Datagram,
        _ => return Err(Raise::BADARG),
    };
    order(ctx, About { fd: None, opens }, Request::Socket { domain, kind }, ring::ok)
}

fn bind<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let address = address(&ctx.m, args[1])?;
    order(ctx, About::on(fd), Request::Bind { address }, ring::ok)
}

fn listen<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let backlog = u32::try_from(count(args[1])?).map_err(|_| Raise::BADARG)?;
    order(ctx, About::on(fd), Request::Listen { backlog }, ring::ok)
}

fn shutdown<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let how = match atom(args[1])?.text() {
        "read" => Shut::Read,
        "write" => Shut::Write,
        "read_write" => Shut::Both,
        _ => return Err(Raise::BADARG),
    };
    order(ctx, About::on(fd), Request::Shutdown { how }, ring::ok)
}

fn option<'h>(term: Term<'h>) -> Result<SocketOption, Raise<'h>> {
    Ok(match atom(term)?.text() {
        "reuseaddr" => SocketOption::ReuseAddress,
        "reuseport" => SocketOption::ReusePort,
        "keepalive" => SocketOption::KeepAlive,
        "nodelay" => SocketOption::NoDelay,
        "sndbuf" => SocketOption::SendBuffer,
        "recbuf" => SocketOption::ReceiveBuffer,
        "broadcast" => SocketOption::Broadcast,
        "linger" => SocketOption::Linger,
        "ipv6_v6only" => SocketOption::V6Only,
        "tos" => SocketOption::TypeOfService,
        "priority" => SocketOption::Priority,
        "ttl" => SocketOption::TimeToLive,
        "multicast_ttl" => SocketOption::MulticastTimeToLive,
        "multicast_loop" => SocketOption::MulticastLoop,
        "multicast_if" => SocketOption::MulticastInterface,
        "add_membership" => SocketOption::AddMembership,
        "drop_membership" => SocketOption::DropMembership,
        "error" => SocketOption::Error,
        _ => return Err(Raise::BADARG),
    })
}

fn set_option<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let option = option(args[1])?;
    let value = signed(&ctx.m, args[2]).ok_or(Raise::BADARG)?;
    order(ctx, About::on(fd), Request::SetOption { option, value }, ring::ok)
}

fn get_option<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let option = option(args[1])?;
    order(ctx, About::on(fd), Request::GetOption { option }, ring::value)
}

fn socket_name<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let name = match atom(args[1])?.text() {
        "own" => Name::Own,
        "peer" => Name::Peer,
        _ => return Err(Raise::BADARG),
    };
    order(ctx, About::on(fd), Request::GetName { name }, name_shape)
}

fn try_send<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let bytes = bytes_of(&ctx.m, args[1])?;
    match ctx.world.send_at_once(ctx.control.pid, fd, &bytes) {
        Some(Ok(sent)) => {
            let sent = if let Value::Count(sent) = sent { sent as i64 } else { 0 };
            Ok(ctx.m.tuple(&[Term::atom(Atom::OK), Term::small(sent)])?.into())
        }
        Some(Err(errno)) => ring::failed(ctx, errno),
        None => {
            let bytes = bytes.into_owned();
            order(ctx, About::on(fd), Request::TrySend { bytes }, count_shape)
        }
    }
}

/// `begin_accept(Listener, Descriptor)`.
fn begin_accept<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = Some(descriptor(&ctx.m, args[0])?);
    let opens = Some(descriptor(&ctx.m, args[1])?);
    begin(ctx, About { fd, opens }, Request::Accept, ring::ok)
}

fn begin_connect<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let address = address(&ctx.m, args[1])?;
    begin(ctx, About::on(fd), Request::Connect { address }, ring::ok)
}

/// Bytes that one operation receives at most: room is made before it is known how many there are.
const RECEIVE_MAX: usize = 1 << 26;

fn room<'h>(term: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    Ok(buffers::zeroed(count(term)?.clamp(1, RECEIVE_MAX)))
}

/// Ends in `{ok, Bytes}`, `eof` or an error; or is dealt with in the place of the process that it is for.
fn begin_receive<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let buffer = room(args[1])?;
    let told = if ctx.control.lent.is_some() { Told::Lent } else { Told::Message };
    begin_told(ctx, told, About::on(fd), Request::Receive { buffer }, ring::read)
}

fn begin_send<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let bytes = to_bytes(&ctx.m, args[1])?;
    begin(ctx, About::on(fd), Request::Send { bytes, from: 0 }, ring::ok)
}

fn begin_receive_from<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let buffer = room(args[1])?;
    begin(ctx, About::on(fd), Request::ReceiveFrom { buffer }, datagram_shape)
}

fn begin_send_to<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&ctx.m, args[0])?;
    let address = address(&ctx.m, args[1])?;
    let bytes = to_bytes(&ctx.m, args[2])?;
    begin(ctx, About::on(fd), Request::SendTo { bytes, address }, ring::ok)
}

/// Asks to end an operation soon; its message comes all the same.
fn cancel<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let name = reference(&ctx.m, args[0])?;
    // One that has ended has told so.
    let _ = ctx.world.io(ctx.control.pid, Call::Cancel(name));
    Ok(Outcome::Value(Term::atom(Atom::OK)))
}

/// `send_for(Port, Data)`: sends in the port's place. Whether it did; otherwise the port is to be asked.
fn send_for<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let port = args[0].word().is_port().then(|| Pid::of_actor(args[0].word())).flatten();
    let Some(port) = port else { return Ok(Term::boolean(false).into()) };
    let bytes = bytes_of(&ctx.m, args[1]).unwrap_or_default();
    let sent = !bytes.is_empty() && ctx.world.send_for(port, &bytes);
    Ok(Term::boolean(sent).into())
}

/// `activate_for(Port, Active)`: begins to read in the port's place. Whether it did; otherwise the port is to be asked.
fn activate_for<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let port = args[0].word().is_port().then(|| Pid::of_actor(args[0].word())).flatten();
    let begun = match (port, active(args[1])) {
        (Some(port), Some(active)) => ctx.world.activate_for(port, active, ring::read),
        _ => false,
    };
    Ok(Term::boolean(begun).into())
}

/// `receive_for(Port, Length)`: begins to read in the port's place, for the caller. The reference with which it will be
/// answered, as by the port; `false` where the port is to be asked.
fn receive_for<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let port = actor(args[0])?;
    // What is too long the port refuses, however long it is.
    let Ok(length) = count(args[1]) else { return Ok(Term::boolean(false).into()) };
    // The term comes first: without room for it nothing is begun. Only a name that is used is counted.
    let request = ctx.control.coming_reference();
    let term = ctx.m.reference(request)?;
    let reader = Reader { pid: ctx.control.pid, request, length };
    if length > RECEIVE_MAX || !ctx.world.receive_for(port, reader, ring::read) {
        return Ok(Term::boolean(false).into());
    }
    ctx.control.next_reference();
    Ok(term.into())
}

/// `answer(Pid, {Request, Answer})`: what a port owes to who waits for it.
fn answer<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    send(ctx, args[0], args[1])?;
    if let Some(lent) = &mut ctx.control.lent {
        lent.owed = None;
    }
    Ok(Term::atom(Atom::OK).into())
}

/// `lend(Descriptor)`: others may send on it while this port waits. `lend(none)`: no more.
fn lend<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = if args[0].is_atom(Atom::NONE) { None } else { Some(descriptor(&local.m, args[0])?) };
    local.control.lent.get_or_insert_default().fd = fd;
    Ok(Term::atom(Atom::OK).into())
}

fn moved<'h>(m: &mut Mutator<'h>, moved: &Moved) -> Result<[Term<'h>; 3], HeapFull> {
    let mut terms = [Term::atom(Atom::OK); 3];
    for (term, count) in terms.iter_mut().zip([moved.octets, moved.times, moved.largest]) {
        *term = m.integer(count as i64)?;
    }
    Ok(terms)
}

/// `{Octets, Sends, Largest}` of what others have sent since the last call.
fn sent_for_me<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let sent = local.control.lent.as_deref().map(|lent| lent.sent.clone()).unwrap_or_default();
    let terms = moved(&mut local.m, &sent)?;
    let answer = local.m.tuple(&terms)?;
    if let Some(kept) = &mut local.control.lent {
        kept.sent = Moved::default();
    }
    Ok(answer.into())
}

fn active(term: Term<'_>) -> Option<Active> {
    match (term.as_small(), term.as_atom()) {
        (Some(times), _) if times > 0 => Some(Active::Times(times)),
        (_, Some(Atom::TRUE)) => Some(Active::Always),
        (_, Some(Atom::FALSE)) => Some(Active::No),
        (_, Some(Atom::ONCE)) => Some(Active::Once),
        _ => None,
    }
}

fn active_term<'h>(active: Active) -> Term<'h> {
    match active {
        Active::No => Term::atom(Atom::FALSE),
        Active::Once => Term::atom(Atom::ONCE),
        Active::Times(times) => Term::small(times),
        Active::Always => Term::atom(Atom::TRUE),
    }
}

/// `lend_reading(Descriptor, Operation, Room, Binaries, {Owner, Active})`: others may read from it while this port waits.
/// The operation is that in flight, or `none`.
fn lend_reading<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let fd = descriptor(&local.m, args[0])?;
    let operation = if args[1].is_atom(Atom::NONE) { None } else { Some(reference(&local.m, args[1])?) };
    let room = count(args[2])?.clamp(1, RECEIVE_MAX);
    let Some([owner, active]) =
        local.m.tuple_elements(args[4]).and_then(|parts| <[Term<'h>; 2]>::try_from(parts).ok())
    else {
        return Err(Raise::BADARG);
    };
    let reading = Reading {
        fd,
        operation,
        room,
        binaries: args[3].is_atom(Atom::TRUE),
        owner: pid(owner)?,
        active: self::active(active).ok_or(Raise::BADARG)?,
        reader: None,
    };
    local.control.lent.get_or_insert_default().reading = Some(reading);
    Ok(Term::atom(Atom::OK).into())
}

/// `take_reading()`: what has become of the reading that was lent, which ends: `{Operation, Active, {Octets, Reads,
/// Largest}, Readers}`.
fn take_reading<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let Some(Lent { reading: Some(reading), received, .. }) = local.control.lent.as_deref() else {
        return Ok(Term::atom(Atom::NONE).into());
    };
    let operation = match reading.operation {
        Some(name) => local.m.reference(name)?,
        None => Term::atom(Atom::NONE),
    };
    let counts = moved(&mut local.m, received)?;
    let counts = local.m.tuple(&counts)?;
    let waits = match reading.reader {
        Some(Reader { pid, request, length }) => {
            let request = local.m.reference(request)?;
            let from = local.m.tuple(&[Term::of(pid.word()), request])?;
            let length = local.m.integer(length as i64)?;
            let reader = local.m.tuple(&[from, length])?;
            local.m.list(&[reader])?
        }
        None => Term::nil(),
    };
    let answer = local.m.tuple(&[operation, active_term(reading.active), counts, waits])?;
    if let Some(lent) = &mut local.control.lent {
        (lent.reading, lent.received) = (None, Moved::default());
    }
    Ok(answer.into())
}
