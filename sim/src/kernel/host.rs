//! Hosts, and the links between them that can be cut.
//!
//! Each address that a run is given (`--hosts`) is a host of its own; processes are all of one node, and a socket lives on
//! the host whose address it is bound to. Sockets that are bound to no such address are on the first, whose the loopback is.
//! Invariant: what a host sends arrives but while a cut stops it, and what it sends to itself always does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// A machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Host(pub u16);

impl Host {
    pub const FIRST: Host = Host(0);
}

/// Something on a link, by the link and how many were on it before; of a host with itself, how often it was cut off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Passage {
    pub from: Host,
    pub to: Host,
    pub count: u32,
}

/// What can be cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// A host from all others.
    Host(Host),
    Link(Host, Host),
    /// One way of a link: what comes the other way arrives.
    Way {
        from: Host,
        to: Host,
    },
}

impl Cut {
    fn stops(self, from: Host, to: Host) -> bool {
        match self {
            Cut::Host(host) => (host == from) != (host == to),
            Cut::Link(one, other) => [(one, other), (other, one)].contains(&(from, to)),
            Cut::Way { from: sends, to: misses } => (sends, misses) == (from, to),
        }
    }

    fn ends(self) -> (Host, Host) {
        match self {
            Cut::Host(host) => (host, host),
            Cut::Link(from, to) | Cut::Way { from, to } => (from, to),
        }
    }
}

/// Hosts in a run.
const HOSTS_MAX: usize = 254;
/// Times that the network can be cut in a run.
const CUTS_MAX: usize = 3;

#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// The address of each host.
    addresses: Arc<[IpAddr]>,
    /// What cuts links now: each ends with the passage of its name.
    cuts: Vec<(Passage, Cut)>,
    cuts_made: usize,
    passages: BTreeMap<(Host, Host), u32>,
}

impl Hosts {
    pub fn new(addresses: Arc<[IpAddr]>) -> Hosts {
        Hosts { addresses, ..Hosts::default() }
    }

    /// The addresses that it was made with.
    pub fn addresses(&self) -> &Arc<[IpAddr]> {
        &self.addresses
    }

    /// Who has an address, for somebody on `from`: the loopback is everybody's own, but for addresses of hosts.
    pub fn of(&self, from: Host, ip: IpAddr) -> Option<Host> {
        match self.addresses.iter().position(|&address| address == ip) {
            Some(at) => Some(Host(at as u16)),
            None => (ip.is_loopback() || ip.is_unspecified()).then_some(from),
        }
    }

    /// The address from which somebody on `host` talks to `ip`; none where the loopback's does.
    pub fn source(&self, host: Host, ip: IpAddr) -> Option<IpAddr> {
        if self.of(host, ip) == Some(host) {
            return self.addresses.get(host.0 as usize).copied().filter(|&own| own == ip);
        }
        self.addresses.get(host.0 as usize).copied().filter(|own| own.is_ipv4() == ip.is_ipv4())
    }

    /// A host for people.
    pub fn text(&self, host: Host) -> String {
        self.addresses.get(host.0 as usize).map_or("the loopback".to_string(), IpAddr::to_string)
    }

    /// Whether what one host sends to another arrives.
    pub fn hears(&self, to: Host, from: Host) -> bool {
        !self.cuts.iter().any(|(_, cut)| cut.stops(from, to))
    }

    /// Whether two hosts reach each other.
    pub fn reach(&self, one: Host, other: Host) -> bool {
        self.hears(one, other) && self.hears(other, one)
    }

    /// Whether this can be cut now, for somebody on `from` who sends to `to`: it is whole.
    pub fn can_cut(&self, cut: Cut, from: Host, to: Host) -> bool {
        let whole = match cut {
            Cut::Way { from, to } => self.hears(to, from),
            Cut::Host(_) | Cut::Link(..) => self.reach(from, to),
        };
        self.cuts_made < CUTS_MAX && whole
    }

    /// Cuts something. The cut's name, by which it heals.
    pub fn cut(&mut self, cut: Cut) -> Passage {
        let (from, to) = cut.ends();
        let name = self.passage(from, to);
        self.cuts.push((name, cut));
        self.cuts_made += 1;
        name
    }

    pub fn cut_named(&self, name: Passage) -> Option<Cut> {
        self.cuts.iter().find(|(other, _)| *other == name).map(|&(_, cut)| cut)
    }

    pub fn heal_all(&mut self) {
        self.cuts.clear();
    }

    pub fn heal(&mut self, name: Passage) {
        self.cuts.retain(|&(other, _)| other != name);
    }

    /// A name for what is on its way.
    pub fn passage(&mut self, from: Host, to: Host) -> Passage {
        let count = self.passages.entry((from, to)).or_default();
        *count += 1;
        Passage { from, to, count: *count }
    }
}

/// Reads the value of `--hosts`: addresses with commas between, or how many hosts (`3` is `10.0.0.1,10.0.0.2,10.0.0.3`).
pub fn parse(text: &str) -> Option<Arc<[IpAddr]>> {
    if let Ok(count) = text.parse::<u8>() {
        return (1..=HOSTS_MAX)
            .contains(&usize::from(count))
            .then(|| (1..=count).map(|n| IpAddr::from([10, 0, 0, n])).collect());
    }
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in text.split(',') {
        let address: IpAddr = address.parse().ok()?;
        if address.is_unspecified()
            || address.is_multicast()
            || addresses.contains(&address)
            || addresses.len() == HOSTS_MAX
        {
            return None;
        }
        addresses.push(address);
    }
    Some(addresses.into())
}

/// What [`parse`] reads.
pub fn text(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_part_hosts_until_they_heal() {
        let mut hosts = Hosts::new(parse("4").expect("a number"));
        let [a, b, c, d] = [0, 1, 2, 3].map(Host);
        let alone = hosts.cut(Cut::Host(b));
        let link = hosts.cut(Cut::Link(a, c));
        let reached = |hosts: &Hosts| {
            let pairs = [(a, b), (b, c), (d, b), (a, c), (c, a), (a, d), (c, d), (b, b)];
            pairs.map(|(one, other)| hosts.reach(one, other))
        };
        assert_eq!(reached(&hosts), [false, false, false, false, false, true, true, true]);
        hosts.heal(alone);
        assert_eq!(reached(&hosts), [true, true, true, false, false, true, true, true]);
        hosts.heal(link);
        assert_eq!(reached(&hosts), [true; 8]);
        let way = Cut::Way { from: a, to: b };
        assert!(hosts.can_cut(way, a, b));
        hosts.cut(way);
        assert!(!hosts.hears(b, a) && hosts.hears(a, b) && !hosts.reach(a, b) && hosts.reach(a, c));
        assert!(!hosts.can_cut(Cut::Link(a, c), a, c), "a run has so many cuts and no more");
    }

    #[test]
    fn what_is_cut_is_not_cut_again() {
        let mut hosts = Hosts::new(parse("2").expect("a number"));
        let [a, b] = [0, 1].map(Host);
        hosts.cut(Cut::Way { from: a, to: b });
        assert!(!hosts.can_cut(Cut::Way { from: a, to: b }, a, b) && !hosts.can_cut(Cut::Link(a, b), a, b));
        assert!(hosts.can_cut(Cut::Way { from: b, to: a }, a, b));
    }

    #[test]
    fn addresses_are_those_of_hosts_and_then_the_loopback() {
        let hosts = Hosts::new(parse("10.0.0.1,127.0.0.2,::5").expect("addresses"));
        let of = |from, ip: &str| hosts.of(Host(from), ip.parse().expect("an address")).map(|host| host.0);
        assert_eq!(of(2, "10.0.0.1"), Some(0));
        assert_eq!(of(0, "127.0.0.2"), Some(1));
        assert_eq!((of(1, "127.0.0.1"), of(1, "::1"), of(2, "0.0.0.0")), (Some(1), Some(1), Some(2)));
        assert_eq!(of(1, "10.0.0.9"), None);
        let source = |from: u16, ip: &str| hosts.source(Host(from), ip.parse().expect("an address"));
        assert_eq!(source(0, "127.0.0.2"), Some(IpAddr::from([10, 0, 0, 1])));
        assert_eq!(source(0, "127.0.0.1"), None);
        assert_eq!(source(1, "127.0.0.2"), Some(IpAddr::from([127, 0, 0, 2])));
        assert_eq!(["1,2", "0", "255", "0.0.0.0", "10.0.0.1,10.0.0.1", ""].map(parse), [const { None }; 6]);
        assert_eq!(text(&parse("2").expect("a number")), "10.0.0.1,10.0.0.2");
    }
}
