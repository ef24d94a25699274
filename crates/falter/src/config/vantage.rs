//! `[vantage]`: who watches, and from which side of the networks' borders.

use falter_model::{Asn, Place, VantagePoint};
use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Vantage {
    /// The name that observations carry.
    id: String,
    /// The AS that it sits in, where known: two vantage points of one AS count as one.
    asn: Option<Asn>,
    /// `outside` or `inside` the networks that it watches.
    place: Place,
}

impl Default for Vantage {
    fn default() -> Self {
        Self { id: "here".to_owned(), asn: None, place: Place::Outside }
    }
}

impl Vantage {
    /// As the other stages know it.
    pub(crate) fn point(&self) -> VantagePoint {
        VantagePoint { id: self.id.as_str().into(), asn: self.asn, place: self.place }
    }
}
