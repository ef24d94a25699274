//! Decides for each elem whether anybody watches it; one test an elem, so it must be quick.

use std::net::IpAddr;

use falter_model::{Asn, Family, Prefix};
use rustc_hash::FxHashSet;

use crate::archive::Interest;

/// Prefixes shorter than this cover so much that they say nothing of one network.
const SHORTEST_V4: u8 = 8;
/// See [`SHORTEST_V4`].
const SHORTEST_V6: u8 = 16;
/// Bits by which a prefix is looked up in the bitmap before anything else is done.
const SIEVE_BITS: u8 = 16;

/// What is watched, ready to be asked.
#[derive(Debug)]
pub(crate) struct Watch {
    /// `None`: everything.
    prefixes: Option<Prefixes>,
    asns: FxHashSet<Asn>,
    /// Prefixes that a watched AS originated at some time: a withdrawal names no origin, and who
    /// announces them instead matters too.
    originated: Originated,
    /// Whether paths are asked for.
    pub(crate) paths: bool,
}

/// Prefixes that a watched AS originated.
#[derive(Debug, Default)]
struct Originated {
    prefixes: FxHashSet<Prefix>,
    /// A bit for each value of the first bits of a prefix's hash; empty as long as there is none. It
    /// fits into the first-level cache, which the prefixes of a large network do not.
    sieve: Vec<u64>,
}

/// The watched prefixes of both families.
#[derive(Debug)]
struct Prefixes {
    v4: Ranges,
    v6: Ranges,
}

/// Watched prefixes of a family as ranges of addresses.
#[derive(Debug, Default)]
struct Ranges {
    /// First and last address (left-aligned), in order and apart from each other.
    ranges: Vec<(u128, u128)>,
    /// A bit for each value of the first 16 bits: whether any range touches it.
    sieve: Vec<u64>,
}

impl Watch {
    pub(crate) fn new(interest: Interest) -> Self {
        let Interest { prefixes, asns, paths } = interest;
        let prefixes = prefixes.map(|all| {
            let (v4, v6): (Vec<Prefix>, Vec<Prefix>) =
                all.into_iter().partition(|prefix| prefix.family() == Family::V4);
            Prefixes { v4: Ranges::new(v4), v6: Ranges::new(v6) }
        });
        let asns = asns.into_iter().collect();
        Self { prefixes, asns, originated: Originated::default(), paths }
    }

    /// True if the origin of a route decides whether it is watched.
    pub(crate) fn needs_origin(&self) -> bool {
        self.prefixes.is_some() && !self.asns.is_empty()
    }

    /// Whether an origin is a watched AS: as good for all routes of an update.
    #[inline]
    pub(crate) fn is_watched_origin(&self, origin: Option<Asn>) -> bool {
        origin.is_some_and(|origin| self.asns.contains(&origin))
    }

    /// Whether an announcement or a table entry is watched, where `is_own` says whether
    /// [its origin is](Self::is_watched_origin).
    #[inline]
    pub(crate) fn announced(&mut self, prefix: Prefix, is_own: bool) -> bool {
        let Some(prefixes) = &self.prefixes else { return true };
        if is_own {
            self.originated.insert(prefix);
            return true;
        }
        self.originated.contains(prefix) || prefixes.overlap(prefix)
    }

    /// Whether an address lies in a watched prefix.
    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        self.prefixes.as_ref().is_none_or(|prefixes| prefixes.overlap(Prefix::host(address)))
    }

    /// Whether a withdrawal is watched.
    #[inline]
    pub(crate) fn withdrawn(&self, prefix: Prefix) -> bool {
        let Some(prefixes) = &self.prefixes else { return true };
        prefixes.overlap(prefix) || self.originated.contains(prefix)
    }
}

impl Originated {
    fn insert(&mut self, prefix: Prefix) {
        if self.prefixes.insert(prefix) {
            self.sieve.resize((1 << SIEVE_BITS) / 64, 0);
            let slot = hashed_slot(prefix);
            if let Some(word) = self.sieve.get_mut(slot / 64) {
                *word |= 1 << (slot % 64);
            }
        }
    }

    #[inline]
    fn contains(&self, prefix: Prefix) -> bool {
        let slot = hashed_slot(prefix);
        self.sieve.get(slot / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
            && self.prefixes.contains(&prefix)
    }
}

impl Prefixes {
    #[inline]
    fn overlap(&self, prefix: Prefix) -> bool {
        match prefix.family() {
            Family::V4 => prefix.length() >= SHORTEST_V4 && self.v4.overlap(prefix),
            Family::V6 => prefix.length() >= SHORTEST_V6 && self.v6.overlap(prefix),
        }
    }
}

impl Ranges {
    fn new(prefixes: Vec<Prefix>) -> Self {
        let mut all: Vec<(u128, u128)> = prefixes.into_iter().map(range).collect();
        all.sort_unstable();
        let mut ranges: Vec<(u128, u128)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match ranges.last_mut() {
                // Prefixes nest or are apart: one that begins within another ends within it.
                Some((_, end)) if first <= *end => *end = last.max(*end),
                _ => ranges.push((first, last)),
            }
        }
        let mut sieve = vec![0_u64; if ranges.is_empty() { 0 } else { (1 << SIEVE_BITS) / 64 }];
        for (first, last) in &ranges {
            for slot in slot(*first)..=slot(*last) {
                if let Some(word) = sieve.get_mut(slot / 64) {
                    *word |= 1 << (slot % 64);
                }
            }
        }
        Self { ranges, sieve }
    }

    #[inline]
    fn overlap(&self, prefix: Prefix) -> bool {
        let (first, last) = range(prefix);
        // Nearly every elem of an archive ends here: its first 16 bits are nobody's.
        if prefix.length() >= SIEVE_BITS {
            let slot = slot(first);
            if self.sieve.get(slot / 64).is_none_or(|word| word >> (slot % 64) & 1 == 0) {
                return false;
            }
        }
        let next = self.ranges.partition_point(|(_, end)| *end < first);
        self.ranges.get(next).is_some_and(|(begin, _)| *begin <= last)
    }
}

/// First and last address of a prefix, left-aligned.
#[inline]
fn range(prefix: Prefix) -> (u128, u128) {
    let (high, low) = prefix.words();
    let first = u128::from(high) << 64 | u128::from(low);
    let free = u128::MAX.checked_shr(u32::from(prefix.length())).unwrap_or(0);
    (first, first | free)
}

/// A slot for any prefix, near ones in different slots.
#[inline]
fn hashed_slot(prefix: Prefix) -> usize {
    // Fibonacci hashing: the upper bits of a product with 2^64 divided by the golden ratio.
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let (high, low) = prefix.words();
    let mixed = (high ^ low.rotate_left(32) ^ u64::from(prefix.length())).wrapping_mul(GOLDEN);
    usize::try_from(mixed >> (64 - SIEVE_BITS)).unwrap_or_default()
}

#[inline]
fn slot(address: u128) -> usize {
    usize::try_from(address >> (128 - SIEVE_BITS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn watch(prefixes: &[&str], asns: &[u32]) -> Watch {
        Watch::new(Interest {
            prefixes: Some(prefixes.iter().map(|text| text.parse().unwrap()).collect()),
            asns: asns.iter().copied().map(Asn).collect(),
            paths: false,
        })
    }

    #[test]
    fn what_covers_a_watched_prefix_is_watched_unless_it_covers_everything() {
        let watch = watch(&["175.45.176.0/22", "2001:db8::/32"], &[]);
        for (prefix, expected) in [
            ("175.45.176.0/22", true),
            ("175.45.179.0/24", true),
            ("175.45.180.0/24", false),
            ("175.44.0.0/14", true),
            ("175.0.0.0/8", true),
            ("174.0.0.0/7", false),
            ("0.0.0.0/0", false),
            ("2001:db8:1::/48", true),
            ("2001::/16", true),
            ("2000::/3", false),
            ("2001:db9::/32", false),
            ("::/0", false),
        ] {
            assert_eq!(watch.withdrawn(prefix.parse().unwrap()), expected, "{prefix}");
        }
    }

    #[test]
    fn a_withdrawal_of_what_a_watched_as_once_originated_is_watched() {
        let mut watch = watch(&[], &[131_279]);
        let prefix = "192.0.2.0/24".parse().unwrap();
        let announced = |watch: &mut Watch, origin: u32| {
            let is_own = watch.is_watched_origin(Some(Asn(origin)));
            watch.announced(prefix, is_own)
        };
        assert!(!watch.withdrawn(prefix));
        assert!(!announced(&mut watch, 1));
        assert!(announced(&mut watch, 131_279));
        assert!(announced(&mut watch, 1));
        assert!(watch.withdrawn(prefix));
    }

    #[test]
    fn without_prefixes_everything_is_watched() {
        let mut watch = Watch::new(Interest::default());
        assert!(!watch.needs_origin());
        assert!(watch.announced("0.0.0.0/0".parse().unwrap(), false));
        assert!(watch.withdrawn("::/0".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn it_agrees_with_asking_each_prefix(
            watched in prop::collection::vec((0_u32..64, 4_u8..=32), 0..8),
            asked in prop::collection::vec((0_u32..64, 8_u8..=32), 1..32),
        ) {
            // Addresses in a few slots of the sieve, so that many overlap.
            let prefix = |(bits, length): (u32, u8)| Prefix::v4(bits << 13, length).unwrap();
            let watched: Vec<Prefix> = watched.into_iter().map(prefix).collect();
            let watch = Watch::new(Interest { prefixes: Some(watched.clone()), ..Interest::default() });
            for prefix in asked.into_iter().map(prefix) {
                let expected = watched.iter().any(|other| other.overlaps(prefix));
                prop_assert_eq!(watch.withdrawn(prefix), expected, "{}", prefix);
            }
        }
    }
}
