//! Ranges of addresses with their countries, sorted, none within another.

use std::collections::BTreeMap;

use falter_model::{CountryCode, Family, Prefix};

/// Addresses from `first` to `last`, both included, all of one country. IPv4 addresses are numbers
/// below 2^32; the family keeps the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub(super) family: Family,
    pub(super) first: u128,
    pub(super) last: u128,
    pub(super) country: CountryCode,
}

/// Ranges of both families, sorted and disjoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranges {
    v4: Vec<Range>,
    v6: Vec<Range>,
}

impl Ranges {
    /// Sorts them; where two overlap, the one that begins earlier keeps the addresses.
    pub(super) fn new(ranges: Vec<Range>) -> Self {
        let (v4, v6) = ranges.into_iter().partition(|range| range.family == Family::V4);
        Self { v4: disjoint(v4), v6: disjoint(v6) }
    }

    /// These and those; where both know an address, these keep it.
    pub(super) fn join(self, other: Self) -> Self {
        Self { v4: fill(self.v4, other.v4), v6: fill(self.v6, other.v6) }
    }

    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// How many addresses of a prefix are in which country.
    pub(super) fn countries(&self, prefix: Prefix) -> BTreeMap<CountryCode, u128> {
        let ranges = match prefix.family() {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        };
        let (first, last) = bounds(prefix);
        let begin = ranges.partition_point(|range| range.last < first);
        let mut found = BTreeMap::new();
        for range in ranges.iter().skip(begin).take_while(|range| range.first <= last) {
            // Saturates only where one range is all of IPv6.
            let addresses = (range.last.min(last) - range.first.max(first)).saturating_add(1);
            *found.entry(range.country).or_default() += addresses;
        }
        found
    }
}

/// First and last address of a prefix, as numbers.
pub(super) fn bounds(prefix: Prefix) -> (u128, u128) {
    let (high, low) = prefix.words();
    let first = u128::from(high) << 64 | u128::from(low);
    let shift = 128 - u32::from(prefix.family().bits());
    let host_bits = u32::from(prefix.family().bits() - prefix.length());
    let span = if host_bits >= 128 { u128::MAX } else { (1 << host_bits) - 1 };
    let first = first >> shift;
    (first, first | span)
}

fn disjoint(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut kept: Vec<Range> = Vec::with_capacity(ranges.len());
    for mut range in ranges {
        if let Some(before) = kept.last()
            && range.first <= before.last
        {
            if range.last <= before.last {
                continue;
            }
            range.first = before.last + 1;
        }
        kept.push(range);
    }
    kept
}

/// `base`, and what of `others` lies in its holes.
fn fill(base: Vec<Range>, others: Vec<Range>) -> Vec<Range> {
    let mut fillings = Vec::new();
    for other in others {
        let begin = base.partition_point(|range| range.last < other.first);
        let mut rest = Some(other.first);
        for taken in base.iter().skip(begin).take_while(|range| range.first <= other.last) {
            if let Some(first) = rest
                && first < taken.first
            {
                fillings.push(Range { first, last: taken.first - 1, ..other });
            }
            rest = taken.last.checked_add(1);
        }
        if let Some(first) = rest
            && first <= other.last
        {
            fillings.push(Range { first, ..other });
        }
    }
    let mut all = base;
    all.append(&mut fillings);
    all.sort_unstable();
    all
}
