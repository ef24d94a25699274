//! How many prefixes a table has that is being told: a small one to the last, a large one closely.
//!
//! A prefix counts once, however often it is announced and with however many paths (RFC 7911), so those
//! that were seen must be remembered. Of a large table a sample is: the prefixes whose hash ends in so
//! many zeros that the sample stays small (adaptive sampling; Flajolet, Computing 43, 1990).

use std::collections::BTreeSet;

use falter_model::Prefix;

/// Routes that are remembered. Up to here the number is exact; beyond, its standard error is about
/// 1.2/sqrt(16,384), which is 1 %, where a full feed is one from 75 % of the largest on.
const MOST: usize = 16_384;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct TableSize {
    /// Hashes of prefixes, with the identifiers of their paths.
    sample: BTreeSet<(u64, u32)>,
    /// A prefix is in the sample if its hash ends in so many zeros.
    zeros: u32,
}

impl TableSize {
    /// A path was announced.
    pub(super) fn announced(&mut self, prefix: Prefix, id: Option<u32>) {
        let hash = hash(prefix);
        if hash.trailing_zeros() < self.zeros {
            return;
        }
        self.sample.insert((hash, id.unwrap_or(0)));
        while self.sample.len() > MOST && self.zeros < u64::BITS {
            self.zeros += 1;
            let zeros = self.zeros;
            self.sample.retain(|(hash, _)| hash.trailing_zeros() >= zeros);
        }
    }

    /// A path was withdrawn.
    pub(super) fn withdrawn(&mut self, prefix: Prefix, id: Option<u32>) {
        self.sample.remove(&(hash(prefix), id.unwrap_or(0)));
    }

    /// Prefixes with a path.
    pub(super) fn prefixes(&self) -> u32 {
        let (mut sampled, mut last) = (0_u64, None);
        for (hash, _) in &self.sample {
            sampled += u64::from(last != Some(hash));
            last = Some(hash);
        }
        u32::try_from(sampled.checked_shl(self.zeros).unwrap_or(u64::MAX)).unwrap_or(u32::MAX)
    }
}

/// The same on every machine; the finalizer of `MurmurHash3` over all that makes the prefix.
const fn hash(prefix: Prefix) -> u64 {
    let (high, low) = prefix.words();
    mixed(mixed(mixed(high) ^ low) ^ prefix.length() as u64)
}

const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(number: u32) -> Prefix {
        Prefix::v4(number << 8, 24).unwrap()
    }

    #[test]
    fn a_prefix_counts_once_and_goes_with_its_last_path() {
        let mut size = TableSize::default();
        for id in [Some(1), Some(2), Some(1)] {
            size.announced(prefix(7), id);
        }
        size.announced(prefix(8), None);
        assert_eq!(size.prefixes(), 2);
        size.withdrawn(prefix(7), Some(2));
        assert_eq!(size.prefixes(), 2);
        size.withdrawn(prefix(7), Some(1));
        size.withdrawn(prefix(9), Some(1));
        assert_eq!(size.prefixes(), 1);
    }

    #[test]
    fn a_large_table_is_counted_closely_in_little_memory() {
        let mut size = TableSize::default();
        for number in 0..1_000_000 {
            size.announced(prefix(number), None);
            size.announced(prefix(number / 2), Some(1));
        }
        assert!(size.sample.len() <= MOST);
        let prefixes = size.prefixes();
        assert!(prefixes.abs_diff(1_000_000) < 40_000, "{prefixes}");
        for number in 0..500_000 {
            size.withdrawn(prefix(number), None);
            size.withdrawn(prefix(number), Some(1));
        }
        let prefixes = size.prefixes();
        assert!(prefixes.abs_diff(500_000) < 30_000, "{prefixes}");
    }
}
