//! `[sites]`: the network's web sites and other services. Like addresses, they are asked only where a
//! contact is configured.

use falter_model::Span;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sites {
    /// Each site is visited and each service called so often.
    pub(crate) every: Span,
}

impl Default for Sites {
    fn default() -> Self {
        Self { every: Span::from_minutes(1) }
    }
}

impl Sites {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        bounds::span("sites.every", self.every, &(Span::from_seconds(10)..=Span::from_hours(1)))
    }
}
