//! The sum over a network's ASes, where nobody measured the network itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use falter_model::Asn;

/// A part that was there this many steps ago or later is expected now (docs/method.md: a missing part is
/// a gap in the sum, not a loss).
const EXPECTED: usize = 2;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sum {
    before: VecDeque<BTreeSet<Asn>>,
    countable: bool,
}

impl Sum {
    /// Value and `n` summed over the parts of one time; `None` where a part is missing or nothing
    /// can be summed: only values that say of how many they were counted can.
    pub(super) fn add(&mut self, parts: BTreeMap<Asn, (f64, f64)>) -> Option<(f64, f64)> {
        self.countable |= !parts.is_empty();
        let complete = self.before.iter().flatten().all(|expected| parts.contains_key(expected));
        let sum = (complete && !parts.is_empty()).then(|| {
            parts.values().fold((0.0, 0.0), |(value, n), part| (value + part.0, n + part.1))
        });
        self.before.push_back(parts.into_keys().collect());
        if self.before.len() > EXPECTED {
            self.before.pop_front();
        }
        sum
    }

    /// Some part ever said of how many it was counted.
    pub(super) const fn is_countable(&self) -> bool {
        self.countable
    }
}
