//! `[vantage]`: who observes, and from where.

use falter_model::{Asn, Place, VantagePoint};
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Vantage {
    /// The name that this vantage point's observations carry: 1 to 64 letters, digits, dots, dashes.
    pub(crate) id: String,
    /// The AS that it sits in; not known by default, then it counts as an AS of its own.
    pub(crate) asn: Option<Asn>,
    /// `outside` or `inside` of the networks that are watched.
    pub(crate) place: Place,
}

impl Default for Vantage {
    fn default() -> Self {
        Self { id: "here".to_owned(), asn: None, place: Place::Outside }
    }
}

impl Vantage {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        let is_good = |id: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            (1..=64).contains(&id.len()) && id.chars().all(allowed)
        };
        bounds::text("vantage.id", &self.id, is_good, "1 to 64 letters, digits, dots or dashes")
    }

    /// As recordings and the pipeline know it.
    pub(crate) fn point(&self) -> VantagePoint {
        VantagePoint { id: self.id.as_str().into(), asn: self.asn, place: self.place }
    }
}
