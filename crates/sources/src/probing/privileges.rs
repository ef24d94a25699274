//! What this machine lets a prober do, and how to mend what it does not.

use falter_wire::packet::IcmpVersion;

use super::echo_socket::{EchoSocket, Kind};

/// What may be opened. TCP connections and UDP are always possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileges {
    /// How ICMP over IPv4 may be sent.
    pub icmp_v4: Allowed,
    /// How ICMP over IPv6 may be sent.
    pub icmp_v6: Allowed,
}

/// How ICMP may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Raw sockets: everything.
    Raw,
    /// Datagram sockets: echo and traces.
    Datagram,
    /// Nothing: targets are asked by TCP and UDP alone.
    Nothing,
}

/// Tries what may be opened.
pub fn privileges() -> Privileges {
    let of = |version| {
        let opens = |kind| EchoSocket::open_as(version, kind, 1).is_ok();
        match (opens(Kind::Raw), opens(Kind::Datagram)) {
            (true, _) => Allowed::Raw,
            (false, true) => Allowed::Datagram,
            (false, false) => Allowed::Nothing,
        }
    };
    Privileges { icmp_v4: of(IcmpVersion::V4), icmp_v6: of(IcmpVersion::V6) }
}

impl Privileges {
    /// How to mend what is missing; `None` where nothing is.
    pub const fn advice(self) -> Option<&'static str> {
        match (self.icmp_v4, self.icmp_v6) {
            (Allowed::Raw, Allowed::Raw) => None,
            (Allowed::Nothing, _) | (_, Allowed::Nothing) => Some(
                "no ICMP: setcap cap_net_raw+ep on the binary, or sysctl \
                 net.ipv4.ping_group_range=\"0 2147483647\"",
            ),
            _ => Some(
                "ICMP by datagram sockets; setcap cap_net_raw+ep on the binary allows raw ones",
            ),
        }
    }
}
