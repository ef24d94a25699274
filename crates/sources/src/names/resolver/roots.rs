//! Where every resolution begins.

use std::net::{IpAddr, Ipv4Addr};

use super::global::is_global;

/// The servers of the root zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    pub(in crate::names) servers: Vec<IpAddr>,
    pub(in crate::names) port: u16,
    /// Names may lead to any address: whoever made this world knows where it is.
    leads_anywhere: bool,
}

/// The root servers' IPv4 addresses, a to m (www.internic.net/domain/named.root, version 2025072101).
const INTERNET: [Ipv4Addr; 13] = [
    Ipv4Addr::new(198, 41, 0, 4),
    Ipv4Addr::new(170, 247, 170, 2),
    Ipv4Addr::new(192, 33, 4, 12),
    Ipv4Addr::new(199, 7, 91, 13),
    Ipv4Addr::new(192, 203, 230, 10),
    Ipv4Addr::new(192, 5, 5, 241),
    Ipv4Addr::new(192, 112, 36, 4),
    Ipv4Addr::new(198, 97, 190, 53),
    Ipv4Addr::new(192, 36, 148, 17),
    Ipv4Addr::new(192, 58, 128, 30),
    Ipv4Addr::new(193, 0, 14, 129),
    Ipv4Addr::new(199, 7, 83, 42),
    Ipv4Addr::new(202, 12, 27, 33),
];

impl Roots {
    /// The Internet's.
    pub fn internet() -> Self {
        Self::of_world(INTERNET.map(IpAddr::V4).to_vec(), 53).only_public()
    }

    /// A world of its own, whose name servers all listen on `port`: a testbed's.
    pub const fn of_world(servers: Vec<IpAddr>, port: u16) -> Self {
        Self { servers, port, leads_anywhere: true }
    }

    /// Names may lead to public addresses only, as they should on the Internet.
    #[must_use]
    pub fn only_public(self) -> Self {
        Self { leads_anywhere: false, ..self }
    }

    /// Whether a name may lead to an address.
    pub(super) fn may_lead_to(&self, address: IpAddr) -> bool {
        self.leads_anywhere || is_global(address)
    }
}
