//! `erlang:decode_packet/3`: the first packet of a binary, by one of the protocols that sockets know.
//!
//! Invariant: how long a packet is, is found before anything is made of it. Source: the documentation of
//! `erlang:decode_packet/3`; limits and corner cases from a live `erl` of OTP 25.

use super::arguments::{bits, list, option};
use super::binaries::slice;
use super::http_lines::{FIELDS, Line, METHODS, Uri, header_line, start_line, usual};
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::Atom;
use std::borrow::Cow;

crate::bif::table::natives! { ROWS:
    pure "erlang" "decode_packet" 3 = decode_packet;
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Protocol {
    Raw,
    /// A length of so many bytes comes first.
    Length(usize),
    Asn1,
    Cdr,
    SunRm,
    Fcgi,
    Tpkt,
    SslTls,
    Line,
    /// `as_binaries` says what text becomes.
    Http {
        headers: bool,
        as_binaries: bool,
    },
}

fn protocol(term: Term<'_>) -> Option<Protocol> {
    if let Some(size) = term.as_small() {
        return match size {
            0 => Some(Protocol::Raw),
            1 | 2 | 4 => Some(Protocol::Length(size as usize)),
            _ => None,
        };
    }
    Some(match term.as_atom()?.text() {
        "raw" => Protocol::Raw,
        "asn1" => Protocol::Asn1,
        "cdr" => Protocol::Cdr,
        "sunrm" => Protocol::SunRm,
        "fcgi" => Protocol::Fcgi,
        "tpkt" => Protocol::Tpkt,
        "ssl_tls" => Protocol::SslTls,
        "line" => Protocol::Line,
        "http" => Protocol::Http { headers: false, as_binaries: false },
        "httph" => Protocol::Http { headers: true, as_binaries: false },
        "http_bin" => Protocol::Http { headers: false, as_binaries: true },
        "httph_bin" => Protocol::Http { headers: true, as_binaries: true },
        _ => return None,
    })
}

#[derive(Clone, Copy, Debug)]
struct Options {
    /// Bytes that a packet may have beside its header; 0 is no limit.
    packet_size: usize,
    /// Bytes after which a line is cut; 0 is never.
    line_length: usize,
    line_delimiter: u8,
}

fn options<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Options, Raise<'h>> {
    let mut options = Options { packet_size: 0, line_length: 0, line_delimiter: b'\n' };
    for term in list(m, term)? {
        let (name, value) = option(m, term).ok_or(Raise::BADARG)?;
        let value = value.as_small().and_then(|n| u32::try_from(n).ok()).ok_or(Raise::BADARG)?;
        match name.text() {
            "packet_size" => options.packet_size = value as usize,
            "line_length" => options.line_length = value as usize,
            "line_delimiter" => options.line_delimiter = u8::try_from(value).map_err(|_| Raise::BADARG)?,
            _ => return Err(Raise::BADARG),
        }
    }
    Ok(options)
}

/// How long the first packet is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    Whole(usize),
    More(Option<usize>),
    Wrong,
}

/// Bytes that a packet may have with its header, whatever the options.
const PACKET_BYTES_MAX: usize = i32::MAX as usize;

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, &byte| n << 8 | usize::from(byte))
}

/// A header of `header` bytes, and `body` bytes after it.
fn framed(header: usize, body: usize, available: usize, limit: usize) -> Extent {
    if body > PACKET_BYTES_MAX - header || limit != 0 && body > limit {
        return Extent::Wrong;
    }
    let whole = header + body;
    if whole <= available { Extent::Whole(whole) } else { Extent::More(Some(whole)) }
}

fn extent(protocol: Protocol, bytes: &[u8], options: Options) -> Extent {
    let fixed = match protocol {
        Protocol::Raw if bytes.is_empty() => return Extent::More(None),
        Protocol::Raw => return Extent::Whole(bytes.len()),
        Protocol::Line => return line_extent(bytes, options),
        Protocol::Http { headers, .. } => return http_extent(headers, bytes, options),
        Protocol::Asn1 => return asn1_extent(bytes, options),
        Protocol::Length(size) => size,
        Protocol::Cdr => 12,
        Protocol::SunRm | Protocol::Tpkt => 4,
        Protocol::Fcgi => 8,
        Protocol::SslTls => 5,
    };
    let Some(head) = bytes.get(..fixed) else { return Extent::More(None) };
    let (header, body) = match protocol {
        Protocol::SunRm => (fixed, big_endian(head) & 0x7fff_ffff),
        Protocol::Tpkt if head[0] != 3 => return Extent::Wrong,
        Protocol::Tpkt => match big_endian(&head[2..4]).checked_sub(fixed) {
            Some(body) => (fixed, body),
            None => return Extent::Wrong,
        },
        Protocol::Fcgi if head[0] != 1 => return Extent::Wrong,
        Protocol::Fcgi => (fixed, big_endian(&head[4..6]) + usize::from(head[6])),
        Protocol::Cdr if !head.starts_with(b"GIOP") => return Extent::Wrong,
        Protocol::Cdr if head[6] & 1 != 0 => {
            (fixed, u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize)
        }
        Protocol::Cdr => (fixed, big_endian(&head[8..12])),
        Protocol::SslTls if is_old_hello(head) => match big_endian(&head[..2]) & 0x7fff {
            // It has a type and a version at least.
            0..3 => return Extent::Wrong,
            body => (2, body),
        },
        Protocol::SslTls => (fixed, big_endian(&head[3..5])),
        _ => (fixed, big_endian(head)),
    };
    framed(header, body, bytes.len(), options.packet_size)
}

/// A client's greeting in the form of SSL 2.
fn is_old_hello(head: &[u8]) -> bool {
    head[0] & 0x80 != 0 && head[2] == 1
}

/// Bytes of a length in long form.
const LENGTH_BYTES_MAX: usize = 4;

/// A tag, of one byte or more, and a length, in short or long form; one without an end counts as 0.
fn asn1_extent(bytes: &[u8], options: Options) -> Extent {
    let header = || {
        let mut at = 1;
        if bytes.first()? & 0x1f == 0x1f {
            while bytes.get(at)? & 0x80 != 0 {
                at += 1;
            }
            at += 1;
        }
        let length = usize::from(*bytes.get(at)?);
        at += 1;
        if length & 0x80 == 0 {
            return Some((at, length));
        }
        let size = length & 0x7f;
        if size > LENGTH_BYTES_MAX {
            return Some((at, usize::MAX));
        }
        Some((at + size, big_endian(bytes.get(at..at + size)?)))
    };
    match header() {
        Some((header, body)) => framed(header, body, bytes.len(), options.packet_size),
        None => Extent::More(None),
    }
}

fn line_extent(bytes: &[u8], options: Options) -> Extent {
    let end = bytes.iter().position(|&byte| byte == options.line_delimiter);
    let whole = end.map_or(bytes.len(), |end| end + 1);
    if options.packet_size != 0 && whole > options.packet_size {
        Extent::Wrong
    } else if options.line_length != 0
        && (whole > options.line_length || whole == options.line_length && end.is_none())
    {
        Extent::Whole(options.line_length)
    } else if end.is_some() {
        Extent::Whole(whole)
    } else {
        Extent::More(None)
    }
}

/// A line; a header's goes on where the next one begins with a space.
fn http_extent(headers: bool, bytes: &[u8], options: Options) -> Extent {
    let limit = if options.packet_size != 0 { options.packet_size } else { options.line_length };
    let mut from = 0;
    loop {
        let Some(end) = bytes[from..].iter().position(|&byte| byte == b'\n') else {
            return if limit != 0 && bytes.len() >= limit { Extent::Wrong } else { Extent::More(None) };
        };
        let whole = from + end + 1;
        let next = bytes.get(whole);
        if headers && whole > 2 && next.is_some_and(|&byte| byte == b' ' || byte == b'\t') {
            from = whole;
            continue;
        }
        return if limit != 0 && whole > limit {
            Extent::Wrong
        } else if headers && next.is_none() && whole > 2 {
            Extent::More(None)
        } else {
            Extent::Whole(whole)
        };
    }
}

fn atom<'h>(name: &'static str) -> Term<'h> {
    Term::atom(Atom::known(name))
}

/// `{ok, Packet, Rest}`, `{more, Length}` or `{error, invalid}`. Bits behind the last whole byte are rest.
fn decode_packet<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let protocol = protocol(args[0]).ok_or(Raise::BADARG)?;
    let bits = bits(m, args[1])?;
    let size = bits.size;
    let bits = bits.slice(0, size / 8 * 8);
    let data = bits.aligned().map_or_else(|| Cow::Owned(bits.to_vec()), Cow::Borrowed);
    let options = options(m, args[2])?;
    let whole = match extent(protocol, &data, options) {
        Extent::Whole(whole) => whole,
        Extent::More(length) => {
            let length = length.map_or(Term::atom(Atom::UNDEFINED), |n| Term::small(n as i64));
            return Ok(m.tuple(&[atom("more"), length])?);
        }
        Extent::Wrong => return Ok(m.tuple(&[Term::atom(Atom::ERROR), atom("invalid")])?),
    };
    let packet = match protocol {
        Protocol::Http { headers, as_binaries } => {
            let packet = data[..whole].to_vec();
            http(m, &packet, headers, as_binaries)?
        }
        Protocol::SslTls => {
            let packet = data[..whole].to_vec();
            ssl_tls(m, &packet)?
        }
        Protocol::Length(header) => slice(m, args[1], header * 8, (whole - header) * 8)?,
        Protocol::Fcgi => {
            let padding = usize::from(data[6]);
            slice(m, args[1], 0, (whole - padding) * 8)?
        }
        _ => slice(m, args[1], 0, whole * 8)?,
    };
    let rest = slice(m, args[1], whole * 8, size - whole * 8)?;
    Ok(m.tuple(&[Term::atom(Atom::OK), packet, rest])?)
}

/// `{ssl_tls, [], Type, {Major, Minor}, Data}`; an old greeting becomes one of today's.
fn ssl_tls<'h>(m: &mut Mutator<'h>, packet: &[u8]) -> PureResult<'h> {
    const HANDSHAKE: u8 = 22;
    const CLIENT_HELLO: u8 = 1;
    let (kind, version, data) = if is_old_hello(packet) {
        let body = &packet[3..];
        let length = (body.len() as u32).to_be_bytes();
        let mut data = vec![CLIENT_HELLO, length[1], length[2], length[3]];
        data.extend_from_slice(body);
        (HANDSHAKE, [packet[3], packet[4]], data)
    } else {
        (packet[0], [packet[1], packet[2]], packet[5..].to_vec())
    };
    let version = m.tuple(&version.map(|n| Term::small(i64::from(n))))?;
    let data = m.binary(&data)?;
    Ok(m.tuple(&[atom("ssl_tls"), Term::nil(), Term::small(i64::from(kind)), version, data])?)
}

/// What text becomes: a list of bytes or a binary.
struct Texts {
    as_binaries: bool,
}

impl Texts {
    fn text<'h>(&self, m: &mut Mutator<'h>, bytes: &[u8]) -> PureResult<'h> {
        if self.as_binaries {
            return Ok(m.binary(bytes)?);
        }
        let bytes: Vec<Term<'h>> = bytes.iter().map(|&byte| Term::small(i64::from(byte))).collect();
        Ok(m.list(&bytes)?)
    }

    /// An atom where the text is one of `known`; its place there from 1, or 0.
    fn known<'h>(
        &self,
        m: &mut Mutator<'h>,
        bytes: &[u8],
        known: &[&'static str],
    ) -> Result<(Term<'h>, usize), Raise<'h>> {
        match known.iter().position(|name| name.as_bytes() == bytes) {
            Some(at) => Ok((atom(known[at]), at + 1)),
            None => Ok((self.text(m, bytes)?, 0)),
        }
    }

    fn uri<'h>(&self, m: &mut Mutator<'h>, uri: Uri<'_>) -> PureResult<'h> {
        let parts = match uri {
            Uri::Star => return Ok(atom("*")),
            Uri::Text(text) => return self.text(m, text),
            Uri::AbsPath(path) => vec![atom("abs_path"), self.text(m, path)?],
            Uri::Scheme(scheme, rest) => vec![atom("scheme"), self.text(m, scheme)?, self.text(m, rest)?],
            Uri::Absolute { scheme, host, port, path } => {
                let port = port.map_or(Term::atom(Atom::UNDEFINED), |port| Term::small(i64::from(port)));
                let (host, path) = (self.text(m, host)?, self.text(m, path)?);
                vec![atom("absoluteURI"), atom(scheme), host, port, path]
            }
        };
        Ok(m.tuple(&parts)?)
    }
}

fn http<'h>(m: &mut Mutator<'h>, packet: &[u8], headers: bool, as_binaries: bool) -> PureResult<'h> {
    let texts = Texts { as_binaries };
    let number = |n: i32| Term::small(i64::from(n));
    let parts = match if headers { header_line(packet) } else { start_line(packet) } {
        Line::EndOfHeaders => return Ok(atom("http_eoh")),
        Line::Wrong => vec![atom("http_error"), texts.text(m, packet)?],
        Line::Request { method, uri, version: (major, minor) } => {
            let method = texts.known(m, method, METHODS)?.0;
            let uri = texts.uri(m, uri)?;
            vec![atom("http_request"), method, uri, m.tuple(&[number(major), number(minor)])?]
        }
        Line::Response { version: (major, minor), status, phrase } => {
            let version = m.tuple(&[number(major), number(minor)])?;
            vec![atom("http_response"), version, number(status), texts.text(m, phrase)?]
        }
        Line::Header { name, value } => {
            let (field, place) = texts.known(m, &usual(name), FIELDS)?;
            let (name, value) = (texts.text(m, name)?, texts.text(m, value)?);
            vec![atom("http_header"), Term::small(place as i64), field, name, value]
        }
    };
    Ok(m.tuple(&parts)?)
}
