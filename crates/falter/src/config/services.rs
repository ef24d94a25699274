//! `[names]` and `[sites]`: how often name servers and web sites are asked. Like probes, they are asked
//! only where a contact is configured.

use falter_model::Span;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// `[names]`: authoritative name servers of the network's zones.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Names {
    /// Each server is asked so often.
    pub(crate) every: Span,
}

/// `[sites]`: the network's web sites and other services.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sites {
    /// Each site is visited so often.
    pub(crate) every: Span,
}

impl Default for Names {
    fn default() -> Self {
        Self { every: Span::from_seconds(30) }
    }
}

impl Default for Sites {
    fn default() -> Self {
        Self { every: Span::from_minutes(1) }
    }
}

impl Names {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        bounds::span("names.every", self.every, &(Span::from_seconds(5)..=Span::from_hours(1)))
    }
}

impl Sites {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        bounds::span("sites.every", self.every, &(Span::from_seconds(10)..=Span::from_hours(1)))
    }
}
