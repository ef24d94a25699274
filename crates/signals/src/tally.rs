//! One signal's value in one bin: what was counted, and out of how many.

use crate::quantile::quantile;

/// A value and its `n`; both `None` where not measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Tally {
    pub(crate) value: Option<f64>,
    pub(crate) n: Option<f64>,
}

impl Tally {
    /// So many of all; not measured of none.
    pub(crate) fn of(up: usize, all: usize) -> Self {
        if all == 0 {
            return Self::default();
        }
        Self { value: Some(up as f64), n: Some(all as f64) }
    }

    /// Occurrences.
    pub(crate) fn events(count: usize) -> Self {
        Self { value: Some(count as f64), n: None }
    }

    /// One more occurrence.
    pub(crate) fn count_one(&mut self) {
        self.value = self.value.map(|value| value + 1.0);
    }

    /// The value as a share of `n`.
    #[must_use]
    pub(crate) fn as_share(self) -> Self {
        let share = self.value.zip(self.n).map(|(value, n)| value / n);
        Self { value: share, n: self.n }
    }

    /// A quantile of values, and how many there were; not measured of none.
    pub(crate) fn quantile(mut values: Vec<u64>, share: f64) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        Self { value: quantile(&mut values, share), n: Some(values.len() as f64) }
    }
}
