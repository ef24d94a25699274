//! Counts the entries of a RIB by origin, prefix and the AS before the origin.

use std::collections::BTreeMap;

use falter_model::{Asn, Family, Prefix};

/// Who originates what and who carries it, counted in RIB entries: a peer's route to a prefix counts
/// once.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    routes: BTreeMap<(Asn, Prefix), u64>,
    upstreams: BTreeMap<(Asn, Asn), u64>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one entry. `origin` is `None` where the path ends in a set: then nobody can be named.
    /// The path runs from the peer to the origin and may repeat the origin. Default routes and other
    /// prefixes that are larger than any allocation say nothing of a network and are left out.
    pub fn add(&mut self, prefix: Prefix, origin: Option<Asn>, path: &[Asn]) {
        let Some(origin) = origin else { return };
        if prefix.length() < shortest(prefix.family()) {
            return;
        }
        *self.routes.entry((origin, prefix)).or_default() += 1;
        if let Some(upstream) = path.iter().rev().find(|asn| **asn != origin) {
            *self.upstreams.entry((origin, *upstream)).or_default() += 1;
        }
    }

    /// How many pairs of origin and prefix were counted.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// True where nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Every origin with its prefixes, both sorted.
    pub(super) fn origins(&self) -> impl Iterator<Item = (Asn, Vec<Prefix>)> {
        let mut routes = self.routes.keys().peekable();
        std::iter::from_fn(move || {
            let (origin, first) = routes.next()?;
            let mut prefixes = vec![*first];
            while let Some((_, prefix)) = routes.next_if(|(next, _)| next == origin) {
                prefixes.push(*prefix);
            }
            Some((*origin, prefixes))
        })
    }

    /// The prefixes of an origin, sorted.
    pub(super) fn prefixes(&self, origin: Asn) -> Vec<Prefix> {
        self.origins().find(|(asn, _)| *asn == origin).map(|(_, all)| all).unwrap_or_default()
    }

    /// The ASes before an origin with the number of entries, sorted by AS.
    pub(super) fn upstreams(&self, origin: Asn) -> impl Iterator<Item = (Asn, u64)> {
        self.upstreams
            .range((origin, Asn(0))..=(origin, Asn(u32::MAX)))
            .map(|((_, upstream), count)| (*upstream, *count))
    }
}

/// IANA hands out /8s of IPv4 and /12s of IPv6 to registries; no network announces more.
const fn shortest(family: Family) -> u8 {
    match family {
        Family::V4 => 8,
        Family::V6 => 12,
    }
}
