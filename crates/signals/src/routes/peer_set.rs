//! A set of peer ASes, by number.

/// Numbers in use, a bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PeerSet(Vec<u64>);

impl PeerSet {
    /// Adds a number.
    pub(crate) fn insert(&mut self, number: u16) {
        let word = usize::from(number / 64);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (number % 64);
        }
    }

    /// How many numbers are in it.
    pub(crate) fn len(&self) -> u32 {
        self.0.iter().map(|bits| bits.count_ones()).sum()
    }

    /// True where nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    /// Becomes a copy of another, without giving back its memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.0.clear();
        self.0.extend_from_slice(&other.0);
    }

    /// Becomes empty.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
