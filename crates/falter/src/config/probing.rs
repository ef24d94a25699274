//! `[probing]`: how addresses are probed, once somebody says who may be asked about it.

use std::net::IpAddr;

use anyhow::{Result, bail};
use falter_model::Prefix;
use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Probing {
    /// Whom to write to about probes: they carry it. Without it nothing is probed.
    pub(crate) contact: Option<String>,
    /// Packets a second to all targets together, from 1 to 10,000.
    pub(crate) packets_per_second: u32,
    /// Packets a second to one target at most, from 0.01 to 10.
    pub(crate) per_target: f64,
    /// Addresses that are probed, besides those that the sweep of a network found.
    pub(crate) targets: Vec<IpAddr>,
    /// Never probed.
    pub(crate) opt_out: Vec<Prefix>,
}

impl Default for Probing {
    fn default() -> Self {
        Self {
            contact: None,
            packets_per_second: 100,
            per_target: 1.0,
            targets: Vec::new(),
            opt_out: Vec::new(),
        }
    }
}

impl Probing {
    /// Whether the numbers are in their bounds.
    pub(crate) fn check(&self) -> Result<()> {
        if !(1..=10_000).contains(&self.packets_per_second) {
            let found = self.packets_per_second;
            bail!("probing.packets_per_second: expected 1 to 10000, found {found}");
        }
        if !(0.01..=10.0).contains(&self.per_target) {
            bail!("probing.per_target: expected 0.01 to 10, found {}", self.per_target);
        }
        if self.contact.as_deref().is_some_and(|contact| !contact.contains('@')) {
            bail!("probing.contact: expected an e-mail address");
        }
        Ok(())
    }
}
