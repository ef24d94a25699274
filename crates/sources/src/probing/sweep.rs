//! Which addresses of a network's prefixes are asked whether anybody is there, in which order.

use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Family, Prefix};

/// Larger networks are swept in part: these many addresses, spread over all prefixes.
const MOST: u64 = 1 << 22;

/// Goes round all IPv4 addresses of some prefixes; IPv6 has too many.
#[derive(Debug)]
pub(super) struct Sweep {
    /// First address and number of addresses of each.
    ranges: Vec<(u32, u64)>,
    all: u64,
    /// A step that meets every address, far from the last one: nobody is asked in a row.
    step: u64,
    place: u64,
}

impl Sweep {
    pub(super) fn new(prefixes: &[Prefix]) -> Self {
        let v4 = prefixes.iter().filter(|prefix| prefix.family() == Family::V4);
        let ranges: Vec<(u32, u64)> = v4
            .map(|prefix| {
                let first = (prefix.words().0 >> 32) & u64::from(u32::MAX);
                (
                    u32::try_from(first).unwrap_or_default(),
                    1 << (32 - u64::from(prefix.length().min(32))),
                )
            })
            .collect();
        let all: u64 = ranges.iter().map(|(_, count)| count).sum();
        Self { ranges, all, step: coprime(all), place: 0 }
    }

    /// The next address; `None` where there is none to sweep.
    pub(super) fn next(&mut self) -> Option<IpAddr> {
        if self.all == 0 {
            return None;
        }
        self.place = (self.place + self.step) % self.all;
        let mut left = self.place;
        for (first, count) in &self.ranges {
            if left < *count {
                let offset = u32::try_from(left).unwrap_or_default();
                return Some(Ipv4Addr::from_bits(first.wrapping_add(offset)).into());
            }
            left -= count;
        }
        None
    }

    /// How many there are to ask in one round.
    pub(super) fn round(&self) -> u64 {
        self.all.min(MOST)
    }
}

/// A number near the golden section of `all` that has no divisor in common with it.
fn coprime(all: u64) -> u64 {
    let mut step = (all / 8 * 5).max(1);
    while gcd(step, all) > 1 {
        step += 1;
    }
    step
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_address_is_met_once_in_a_round() {
        for prefixes in
            [&["175.45.176.0/22"][..], &["192.0.2.0/24", "198.51.100.7/32"], &["10.0.0.0/31"]]
        {
            let prefixes: Vec<Prefix> = prefixes.iter().map(|text| text.parse().unwrap()).collect();
            let mut sweep = Sweep::new(&prefixes);
            let round = sweep.round();
            let met: BTreeSet<IpAddr> = (0..round).filter_map(|_| sweep.next()).collect();
            assert_eq!(met.len() as u64, round, "{prefixes:?}");
            assert!(met.iter().all(|address| {
                prefixes
                    .iter()
                    .any(|prefix| prefix.overlaps(format!("{address}/32").parse().unwrap()))
            }));
        }
    }

    #[test]
    fn ipv6_is_not_swept() {
        let mut sweep = Sweep::new(&["2001:db8::/32".parse().unwrap()]);
        assert_eq!((sweep.next(), sweep.round()), (None, 0));
    }
}
