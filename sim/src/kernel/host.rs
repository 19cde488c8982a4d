//! Hosts and the links between them.
//!
//! A simulated world has one host today, whose addresses are those of the loopback. The network asks here who has an
//! address and what a link does to what is sent over it, so that more hosts are rows of these tables. Invariant: a
//! link that nobody has changed loses nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// A machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Host(pub u32);

impl Host {
    pub const FIRST: Host = Host(0);
}

/// What a link does, in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Link {
    /// Nothing passes, either way.
    pub parted: bool,
    /// Every so manieth datagram is lost; 0: none.
    pub drops_every: u32,
    /// Datagrams that were sent over it.
    sent: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Addresses beside the loopback's.
    addresses: BTreeMap<IpAddr, Host>,
    links: BTreeMap<(Host, Host), Link>,
}

impl Hosts {
    pub fn add_address(&mut self, ip: IpAddr, host: Host) {
        self.addresses.insert(ip, host);
    }

    /// Who has an address, for somebody on `from`: the loopback is everybody's own.
    pub fn of(&self, from: Host, ip: IpAddr) -> Option<Host> {
        if ip.is_loopback() || ip.is_unspecified() { Some(from) } else { self.addresses.get(&ip).copied() }
    }

    pub fn link_mut(&mut self, from: Host, to: Host) -> &mut Link {
        self.links.entry((from, to)).or_default()
    }

    /// Whether two hosts reach each other.
    pub fn reach(&self, from: Host, to: Host) -> bool {
        let parted = |pair| self.links.get(&pair).is_some_and(|link| link.parted);
        !parted((from, to)) && !parted((to, from))
    }

    /// Whether a datagram gets through.
    pub fn passes(&mut self, from: Host, to: Host) -> bool {
        if !self.reach(from, to) {
            return false;
        }
        let Some(link) = self.links.get_mut(&(from, to)) else { return true };
        link.sent = link.sent.wrapping_add(1);
        link.drops_every == 0 || !link.sent.is_multiple_of(link.drops_every)
    }
}
