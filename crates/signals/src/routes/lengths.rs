//! Which prefix lengths are in use where, so that what covers a prefix, or lies within it, is looked
//! for only where there may be any.

use std::net::IpAddr;

use falter_model::{Family, Prefix};

use super::electorate::side;

/// Regions of a family: few enough to stay in the processor's cache.
const REGIONS: usize = 1 << 16;

/// Lengths from this on share the last bit.
const LAST: u8 = 63;

/// Lengths in use, a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths(u64);

impl Lengths {
    const fn add(&mut self, length: u8) {
        self.0 |= 1 << if length < LAST { length } else { LAST };
    }

    const fn may_have(self, length: u8) -> bool {
        self.0 >> (if length < LAST { length } else { LAST }) & 1 == 1
    }

    /// Those under `length`, at most [`LAST`].
    const fn below(self, length: u8) -> u64 {
        self.0 & ((1 << length) - 1)
    }

    const fn may_have_longer(self, length: u8) -> bool {
        self.0 >> (if length < LAST { length + 1 } else { LAST }) != 0
    }
}

/// Lengths of one family.
#[derive(Debug, Default)]
struct InUse {
    everywhere: Lengths,
    /// By region, of prefixes that lie in one; empty before the first. IPv6 regions are hashed: what
    /// shares one only costs a look in vain.
    regions: Vec<Lengths>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct LengthsInUse([InUse; 2]);

impl LengthsInUse {
    /// A prefix is in the table.
    pub(super) fn add(&mut self, prefix: Prefix) {
        let Some(in_use) = self.0.get_mut(side(prefix.family())) else { return };
        in_use.everywhere.add(prefix.length());
        let Some(region) = region(prefix) else { return };
        if in_use.regions.is_empty() {
            in_use.regions.resize(REGIONS, Lengths::default());
        }
        if let Some(lengths) = in_use.regions.get_mut(region) {
            lengths.add(prefix.length());
        }
    }

    /// Lengths, longest first, of which the table may hold a prefix that covers this one.
    pub(super) fn covering(&self, prefix: Prefix) -> impl Iterator<Item = u8> + use<> {
        let here = self.here(prefix);
        let everywhere = self.everywhere(prefix.family());
        let whole = region_length(prefix.family());
        let bits = everywhere.below(whole) | (here.0 & !here.below(whole));
        let mut short = Lengths(bits).below(prefix.length().min(LAST));
        let long = if here.may_have(LAST) { LAST..prefix.length() } else { 0..0 };
        long.rev().chain(std::iter::from_fn(move || {
            let longest = u8::try_from(short.checked_ilog2()?).ok()?;
            short &= !(1 << longest);
            Some(longest)
        }))
    }

    /// True where the table may hold a prefix that lies within this one, itself excepted.
    pub(super) fn may_hold_within(&self, prefix: Prefix) -> bool {
        self.here(prefix).may_have_longer(prefix.length())
    }

    fn everywhere(&self, family: Family) -> Lengths {
        self.0.get(side(family)).map(|in_use| in_use.everywhere).unwrap_or_default()
    }

    /// Those of the region of a prefix; of a prefix that is wider than one, all.
    fn here(&self, prefix: Prefix) -> Lengths {
        let Some(region) = region(prefix) else { return self.everywhere(prefix.family()) };
        let in_use = self.0.get(side(prefix.family()));
        in_use.and_then(|in_use| in_use.regions.get(region)).copied().unwrap_or_default()
    }
}

/// Length of a region: a /16, for IPv6 what a registry gives to one network.
const fn region_length(family: Family) -> u8 {
    match family {
        Family::V4 => 16,
        Family::V6 => 32,
    }
}

/// The region that a prefix lies in; `None` where it is wider than one.
fn region(prefix: Prefix) -> Option<usize> {
    if prefix.length() < region_length(prefix.family()) {
        return None;
    }
    let region = match prefix.address() {
        IpAddr::V4(v4) => v4.to_bits() >> 16,
        // The golden ratio as a fraction of 2^32 spreads neighbors (Knuth, multiplicative hashing).
        IpAddr::V6(v6) => {
            u32::try_from(v6.to_bits() >> 96).unwrap_or_default().wrapping_mul(0x9E37_79B9) >> 16
        }
    };
    usize::try_from(region).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    fn in_use(prefixes: &[&str]) -> LengthsInUse {
        let mut lengths = LengthsInUse::default();
        for text in prefixes {
            lengths.add(prefix(text));
        }
        lengths
    }

    #[test]
    fn what_covers_is_among_the_lengths_longest_first() {
        let lengths = in_use(&["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/23", "10.2.0.0/20"]);
        let covering = |text| lengths.covering(prefix(text)).collect::<Vec<_>>();
        assert_eq!(covering("10.1.2.0/24"), [23, 16, 8]);
        assert_eq!(covering("10.3.0.0/24"), [8]);
        assert_eq!(covering("10.0.0.0/8"), [0; 0]);
    }

    #[test]
    fn what_lies_within_is_not_missed() {
        let lengths = in_use(&["10.1.2.0/24", "2001:db8::/48", "2001:db8:1::/112"]);
        for text in
            ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "2001:d00::/24", "2001:db8:1::/64"]
        {
            assert!(lengths.may_hold_within(prefix(text)), "{text}");
        }
        for text in ["10.1.2.0/24", "10.2.0.0/16", "2001:db9::/32"] {
            assert!(!lengths.may_hold_within(prefix(text)), "{text}");
        }
    }
}
