//! `[store]`: where things are kept, and for how long.

use std::path::PathBuf;

use falter_model::Span;
use falter_store::Limits;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Store {
    /// The store's folder, unless `--store` or `FALTER_STORE` names another.
    pub(crate) dir: Option<PathBuf>,
    /// Observations are kept so many days.
    keep_days: u32,
    /// Observations of one network may take so many megabytes (10^6 octets): the oldest go first.
    keep_megabytes: u64,
    /// Series are kept for so many days; outages for ever.
    keep_series_days: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self { dir: None, keep_days: 90, keep_megabytes: 10_000, keep_series_days: 730 }
    }
}

impl Store {
    /// How long series are kept.
    pub(crate) fn keep_series(&self) -> Span {
        Span::from_days(self.keep_series_days.into())
    }

    /// How much of a network's observations is kept.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            age: Span::from_days(self.keep_days.into()),
            octets: self.keep_megabytes.saturating_mul(1_000_000),
        }
    }

    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        bounds::number("store.keep_days", &self.keep_days, &(1..=36_500))?;
        bounds::number("store.keep_megabytes", &self.keep_megabytes, &(10..=100_000_000))?;
        bounds::number("store.keep_series_days", &self.keep_series_days, &(1..=36_500))
    }
}
