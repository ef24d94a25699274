//! `[names]`: authoritative name servers of the network's zones, and where names resolve from. Like
//! addresses, they are asked only where a contact is configured.

use std::net::IpAddr;

use falter_model::Span;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Names {
    /// Each server is asked so often for each of its zones, over UDP and over TCP.
    pub(crate) every: Span,
    /// Root servers of a world of its own, such as a testbed; the Internet's by default.
    pub(crate) roots: Vec<IpAddr>,
    /// Where name servers listen.
    pub(crate) port: u16,
}

impl Default for Names {
    fn default() -> Self {
        Self { every: Span::from_seconds(30), roots: Vec::new(), port: 53 }
    }
}

impl Names {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        bounds::span("names.every", self.every, &(Span::from_seconds(5)..=Span::from_hours(1)))?;
        bounds::number("names.port", &self.port, &(1..=u16::MAX))
    }
}
