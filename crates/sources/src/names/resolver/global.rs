//! Addresses that the whole world reaches. A name that leads elsewhere leads whoever follows it into the network
//! where he stands: to his own machine, his router, his cloud's servers of secrets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// False for the special-purpose addresses that IANA lists as not globally reachable (RFC 6890, its registries
/// of 2024), for multicast and for what is reserved.
pub(super) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        // This network, shared (RFC 6598), protocol assignments, benchmarks (RFC 2544), reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !is_special
}

/// Of IPv6 all that is global is in `2000::/3` (RFC 4291, section 2.4).
fn is_global_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_documentation = (first, second) == (0x2001, 0x0db8) || first & 0xfff0 == 0x3ff0;
    // 6to4 carries an address of IPv4, which may be any (RFC 3056).
    let carries = (first == 0x2002).then(|| {
        let [_, high, low, ..] = address.segments();
        Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
    });
    first & 0xe000 == 0x2000 && !is_documentation && carries.is_none_or(is_global_v4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_some_reach_is_not_global() {
        for (address, expected) in [
            ("175.45.176.81", true),
            ("8.8.8.8", true),
            ("2001:4860:4860::8888", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("198.19.0.1", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("64:ff9b::7f00:1", false),
            ("2001:db8::1", false),
            ("3fff::1", false),
            ("2002:7f00:1::1", false),
            ("2002:af2d:b051::1", true),
        ] {
            assert_eq!(is_global(address.parse().unwrap()), expected, "{address}");
        }
    }
}
