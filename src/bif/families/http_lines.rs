//! Lines of the Hypertext Transfer Protocol, taken apart as `erlang:decode_packet/3` does: request lines, status
//! lines, header fields. Pure text: no terms. Source: RFC 2616, and what a live `erl` of OTP 25 makes of lines that
//! break it.

/// A line, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    Request { method: &'a [u8], uri: Uri<'a>, version: Version },
    Response { version: Version, status: i32, phrase: &'a [u8] },
    Header { name: &'a [u8], value: &'a [u8] },
    EndOfHeaders,
    Wrong,
}

/// Major and minor; numbers wrap as a C `int` does.
pub(super) type Version = (i32, i32);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Uri<'a> {
    Star,
    AbsPath(&'a [u8]),
    Absolute { scheme: &'static str, host: &'a [u8], port: Option<i32>, path: &'a [u8] },
    Scheme(&'a [u8], &'a [u8]),
    Text(&'a [u8]),
}

/// The major and minor version of a request that names none.
const UNNAMED: Version = (0, 9);

pub(super) const METHODS: &[&str] = &["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE"];

/// Header fields that are atoms; a field's number is its place, from 1.
pub(super) const FIELDS: &[&str] = &[
    "Cache-Control",
    "Connection",
    "Date",
    "Pragma",
    "Transfer-Encoding",
    "Upgrade",
    "Via",
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "From",
    "Host",
    "If-Modified-Since",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Max-Forwards",
    "Proxy-Authorization",
    "Range",
    "Referer",
    "User-Agent",
    "Age",
    "Location",
    "Proxy-Authenticate",
    "Public",
    "Retry-After",
    "Server",
    "Vary",
    "Warning",
    "Www-Authenticate",
    "Allow",
    "Content-Base",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Md5",
    "Content-Range",
    "Content-Type",
    "Etag",
    "Expires",
    "Last-Modified",
    "Accept-Ranges",
    "Set-Cookie",
    "Set-Cookie2",
    "X-Forwarded-For",
    "Cookie",
    "Keep-Alive",
    "Proxy-Connection",
];

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Whether a byte may stand in a method or in the name of a field.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte)
}

/// What comes before the first byte that does not hold, and the rest.
fn span(bytes: &[u8], holds: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|&byte| !holds(byte)).unwrap_or(bytes.len()))
}

fn skip_spaces(bytes: &[u8]) -> &[u8] {
    span(bytes, is_space).1
}

/// A number of at least one digit, and the rest.
fn number(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let (digits, rest) = span(bytes, |byte| byte.is_ascii_digit());
    if digits.is_empty() {
        return None;
    }
    let more = |n: i32, &digit: &u8| n.wrapping_mul(10).wrapping_add(i32::from(digit - b'0'));
    Some((digits.iter().fold(0, more), rest))
}

/// `HTTP/Major.Minor`, and the rest.
fn version(bytes: &[u8]) -> Option<(Version, &[u8])> {
    let (major, rest) = number(bytes.strip_prefix(b"HTTP/")?)?;
    let (minor, rest) = number(rest.strip_prefix(b".")?)?;
    Some(((major, minor), rest))
}

/// The line without its end.
fn content(packet: &[u8]) -> &[u8] {
    let line = packet.strip_suffix(b"\n").unwrap_or(packet);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The first line of a message.
pub(super) fn start_line(packet: &[u8]) -> Line<'_> {
    let line = content(packet);
    let parsed = if line.starts_with(b"HTTP/") { response(line) } else { request(line) };
    parsed.unwrap_or(Line::Wrong)
}

fn response(line: &[u8]) -> Option<Line<'_>> {
    let (version, rest) = version(line)?;
    let (spaces, rest) = span(rest, is_space);
    let (status, rest) = number(rest).filter(|_| !spaces.is_empty())?;
    let (spaces, phrase) = span(rest, is_space);
    (phrase.is_empty() || !spaces.is_empty()).then_some(Line::Response { version, status, phrase })
}

fn request(line: &[u8]) -> Option<Line<'_>> {
    let (method, rest) = span(line, is_token);
    let (spaces, rest) = span(rest, is_space);
    if method.is_empty() || spaces.is_empty() || rest.is_empty() {
        return None;
    }
    let (uri, rest) = span(rest, |byte| !is_space(byte));
    let rest = skip_spaces(rest);
    let version = if rest.is_empty() { UNNAMED } else { version(rest)?.0 };
    Some(Line::Request { method, uri: self::uri(uri), version })
}

fn uri(text: &[u8]) -> Uri<'_> {
    let after = |scheme: &str| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
    };
    if text == b"*" {
        Uri::Star
    } else if text.len() == 1 || text.starts_with(b"/") {
        Uri::AbsPath(text)
    } else if let Some(rest) = after("http://") {
        absolute("http", rest)
    } else if let Some(rest) = after("https://") {
        absolute("https", rest)
    } else if let Some(colon) = text.iter().position(|&byte| byte == b':') {
        Uri::Scheme(&text[..colon], &text[colon + 1..])
    } else {
        Uri::Text(text)
    }
}

fn absolute<'a>(scheme: &'static str, rest: &'a [u8]) -> Uri<'a> {
    let (authority, path) = span(rest, |byte| byte != b'/');
    let path = if path.is_empty() { b"/" } else { path };
    let (host, port) = span(authority, |byte| byte != b':');
    let port = port.get(1..).and_then(number).filter(|(_, rest)| rest.is_empty()).map(|(port, _)| port);
    Uri::Absolute { scheme, host, port: port.filter(|&port| port != 0), path }
}

/// A header field, or the empty line after the last.
pub(super) fn header_line(packet: &[u8]) -> Line<'_> {
    let line = content(packet);
    if line.is_empty() {
        return Line::EndOfHeaders;
    }
    let (name, rest) = span(line, is_token);
    match rest.strip_prefix(b":") {
        Some(value) => Line::Header { name, value: skip_spaces(value) },
        None => Line::Wrong,
    }
}

/// A field's name as it is usually written: words between hyphens begin with a capital.
pub(super) fn usual(name: &[u8]) -> Vec<u8> {
    let mut begins = true;
    let letter = |&byte: &u8| {
        let begun = begins;
        begins = !begun && byte == b'-';
        if begun { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() }
    };
    name.iter().map(letter).collect()
}
