//! Socket addresses in the layout of the operating system, written and read byte by byte.
//!
//! Invariant: what [`RawAddress::new`] writes, [`RawAddress::read`] gives back. Source: ip(7), ipv6(7), unix(7).

use crate::ring::net::{Address, Domain};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of the largest address.
const SIZE: usize = 128;
const PATH_AT: usize = 2;

#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct RawAddress {
    bytes: [u8; SIZE],
    pub length: u32,
}

pub fn family(domain: Domain) -> libc::c_int {
    match domain {
        Domain::Inet => libc::AF_INET,
        Domain::Inet6 => libc::AF_INET6,
        Domain::Local => libc::AF_UNIX,
    }
}

impl RawAddress {
    /// Room for one.
    pub fn room() -> RawAddress {
        RawAddress { bytes: [0; SIZE], length: SIZE as u32 }
    }

    /// `None`: the path is too long.
    pub fn new(address: &Address) -> Option<RawAddress> {
        let mut raw = RawAddress::room();
        raw.bytes[..2].copy_from_slice(&(family(address.domain()) as u16).to_ne_bytes());
        raw.length = match address {
            Address::Ip { ip, port } => {
                raw.bytes[2..4].copy_from_slice(&port.to_be_bytes());
                match ip {
                    IpAddr::V4(ip) => {
                        raw.bytes[4..8].copy_from_slice(&ip.octets());
                        16
                    }
                    IpAddr::V6(ip) => {
                        raw.bytes[8..24].copy_from_slice(&ip.octets());
                        28
                    }
                }
            }
            Address::Local(path) => {
                let room = size_of::<libc::sockaddr_un>() - PATH_AT;
                // With the zero at its end. A name that begins with a zero is none of a file, and all its bytes count.
                let end = usize::from(path.first().is_some_and(|&first| first != 0));
                if path.len() + end > room {
                    return None;
                }
                raw.bytes[PATH_AT..PATH_AT + path.len()].copy_from_slice(path);
                (PATH_AT + path.len() + end) as u32
            }
        };
        Some(raw)
    }

    /// What the kernel has written; `None` for a kind that nobody asked for.
    pub fn read(&self) -> Option<Address> {
        let family = i32::from(u16::from_ne_bytes([self.bytes[0], self.bytes[1]]));
        let port = u16::from_be_bytes([self.bytes[2], self.bytes[3]]);
        match family {
            libc::AF_INET => {
                let ip: [u8; 4] = self.bytes[4..8].try_into().ok()?;
                Some(Address::Ip { ip: IpAddr::V4(Ipv4Addr::from(ip)), port })
            }
            libc::AF_INET6 => {
                let ip: [u8; 16] = self.bytes[8..24].try_into().ok()?;
                Some(Address::Ip { ip: IpAddr::V6(Ipv6Addr::from(ip)), port })
            }
            libc::AF_UNIX => {
                let path = self.bytes.get(PATH_AT..self.length as usize).unwrap_or_default();
                let end = path.iter().skip(1).position(|&byte| byte == 0);
                Some(Address::Local(match (path.first(), end) {
                    (Some(0), _) | (_, None) => path.to_vec(),
                    (_, Some(end)) => path[..=end].to_vec(),
                }))
            }
            _ => None,
        }
    }

    pub fn as_ptr(&self) -> *const libc::sockaddr {
        self.bytes.as_ptr().cast()
    }

    pub fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        self.bytes.as_mut_ptr().cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_went() {
        let all = [
            Address::Ip { ip: "127.0.0.1".parse().expect("an address"), port: 80 },
            Address::Ip { ip: "::1".parse().expect("an address"), port: 65_535 },
            Address::Local(b"/tmp/socket".to_vec()),
            Address::Local(b"a".to_vec()),
            Address::Local(b"\0of no file".to_vec()),
            Address::Local([&[0][..], &[b'x'; 107]].concat()),
            Address::Local(Vec::new()),
        ];
        for address in all {
            assert_eq!(RawAddress::new(&address).and_then(|raw| raw.read()), Some(address));
        }
        assert!(RawAddress::new(&Address::Local(vec![b'x'; 108])).is_none());
    }
}
