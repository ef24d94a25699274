//! ASes, prefixes and transits: what is watched in routing.

use std::collections::BTreeSet;
use std::net::IpAddr;

use falter_model::{Family, Prefix, Profile};

use super::Finding;

/// Special address space that is never routed between networks: the IANA registries of special
/// addresses (RFC 6890), as far as somebody might write them here by mistake.
const NEVER_ROUTED: &[(&str, &str)] = &[
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private, RFC 1918"),
    ("100.64.0.0/10", "shared, RFC 6598"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link local"),
    ("172.16.0.0/12", "private, RFC 1918"),
    ("192.0.2.0/24", "documentation, RFC 5737"),
    ("192.168.0.0/16", "private, RFC 1918"),
    ("198.18.0.0/15", "benchmarks, RFC 2544"),
    ("198.51.100.0/24", "documentation, RFC 5737"),
    ("203.0.113.0/24", "documentation, RFC 5737"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/8", "loopback and other special use"),
    ("2001:db8::/32", "documentation, RFC 3849"),
    ("3fff::/20", "documentation, RFC 9637"),
    ("fc00::/7", "private, RFC 4193"),
    ("fe80::/10", "link local"),
    ("ff00::/8", "multicast"),
];

/// AS numbers that never stand in routes of the Internet: the IANA registry of special AS numbers
/// (RFC 7249).
const NEVER_SEEN: &[(u32, u32, &str)] = &[
    (0, 0, "reserved, RFC 7607"),
    (23_456, 23_456, "AS_TRANS, RFC 6793"),
    (64_496, 64_511, "documentation, RFC 5398"),
    (64_512, 65_534, "private, RFC 6996"),
    (65_535, 65_535, "reserved, RFC 7300"),
    (65_536, 65_551, "documentation, RFC 5398"),
    (4_200_000_000, 4_294_967_294, "private, RFC 6996"),
    (u32::MAX, u32::MAX, "reserved, RFC 7300"),
];

/// Nothing to watch, things given twice or one within the other, special numbers, no transit.
pub(super) fn check(profile: &Profile) -> Vec<Finding> {
    let mut findings = Vec::new();
    extent(profile, &mut findings);
    asns(profile, &mut findings);
    prefixes(&profile.prefixes, &mut findings);
    transits(profile, &mut findings);
    findings
}

fn extent(profile: &Profile, findings: &mut Vec<Finding>) {
    if profile.asns.is_empty() && profile.prefixes.is_empty() {
        findings.push(Finding::error(
            "neither asns nor prefixes: there is nothing to watch",
            "name its ASes; `falter network init` finds them in a RIB",
        ));
    } else if profile.asns.is_empty() {
        findings.push(Finding::warning(
            "no asns: a new origin of its prefixes can't be told from a usual one",
            "name the ASes that originate its prefixes",
        ));
    }
}

fn asns(profile: &Profile, findings: &mut Vec<Finding>) {
    for (list, asns) in [("asns", &profile.asns), ("transits", &profile.transits)] {
        for asn in repeated(asns) {
            findings.push(Finding::warning(format!("{list}: {asn} is given twice"), "keep one"));
        }
        for asn in asns {
            let special = NEVER_SEEN.iter().find(|(low, high, _)| (*low..=*high).contains(&asn.0));
            if let Some((_, _, why)) = special {
                findings.push(Finding::warning(
                    format!("{list}: {asn} never stands in the Internet's routes ({why})"),
                    "write the number that collectors see, unless this is a testbed",
                ));
            }
        }
    }
}

fn prefixes(prefixes: &[Prefix], findings: &mut Vec<Finding>) {
    for prefix in repeated(prefixes) {
        findings.push(Finding::warning(format!("prefixes: {prefix} is given twice"), "keep one"));
    }
    let distinct: BTreeSet<Prefix> = prefixes.iter().copied().collect();
    for prefix in &distinct {
        // A covering prefix sorts before it: the nearest one is the longest that covers.
        let cover = distinct.range(..prefix).rev().find(|other| other.covers(*prefix));
        if let Some(cover) = cover {
            findings.push(Finding::warning(
                format!("prefixes: {prefix} lies within {cover}"),
                format!("remove {prefix}: its blocks are watched as part of {cover}"),
            ));
        }
        if let Some(why) = never_routed(*prefix) {
            findings.push(Finding::error(
                format!("prefixes: {prefix} is never routed ({why})"),
                "write the addresses that the world sees",
            ));
        }
        if prefix.length() > prefix.family().block_length() {
            findings.push(Finding::warning(
                format!("prefixes: {prefix} is smaller than a block"),
                format!("most networks filter it; write {} if that is announced", prefix.block()),
            ));
        }
        if prefix.length() < shortest(prefix.family()) {
            findings.push(Finding::error(
                format!("prefixes: {prefix} is larger than any allocation"),
                "check its length",
            ));
        }
    }
}

/// IANA hands out /8s of IPv4 and /12s of IPv6 to registries; a network has no more than that.
const fn shortest(family: Family) -> u8 {
    match family {
        Family::V4 => 8,
        Family::V6 => 12,
    }
}

fn transits(profile: &Profile, findings: &mut Vec<Finding>) {
    if profile.transits.is_empty() {
        findings.push(Finding::warning(
            "no transits: the loss of one can't be told from other changes of paths",
            "name the ASes before its own in AS paths; `falter network init` counts them in a RIB",
        ));
    }
    for transit in &profile.transits {
        if profile.asns.contains(transit) {
            findings.push(Finding::warning(
                format!("transits: {transit} is one of its own asns"),
                "name the neighbor outside that carries its traffic",
            ));
        }
    }
}

/// Why a prefix is never routed; `None` where it may be.
pub(super) fn never_routed(prefix: Prefix) -> Option<&'static str> {
    NEVER_ROUTED
        .iter()
        .find(|(special, _)| special.parse().is_ok_and(|special: Prefix| special.covers(prefix)))
        .map(|(_, why)| *why)
}

/// As [`never_routed`], of one address.
pub(super) fn never_reached(address: IpAddr) -> Option<&'static str> {
    never_routed(Prefix::host(address))
}

/// What stands in a list more than once, each told once, sorted.
pub(super) fn repeated<T: Ord + Copy>(list: &[T]) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    list.iter().filter(|item| !seen.insert(**item)).copied().collect()
}

/// True where the network's own prefixes contain the address.
pub(super) fn is_inside(profile: &Profile, address: IpAddr) -> bool {
    profile.prefixes.iter().any(|prefix| prefix.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_prefix_can_be_read() {
        for (special, _) in NEVER_ROUTED {
            assert_eq!(special.parse::<Prefix>().unwrap().to_string(), *special);
        }
        assert!(NEVER_SEEN.is_sorted());
        assert!(!NEVER_SEEN.iter().any(|(low, high, _)| (*low..=*high).contains(&131_279)));
    }
}
