//! The configuration file: a file a section. Each value has a default, and bounds that are checked
//! before anything starts; `docs/falter.example.toml` shows all of them.

mod archives;
mod bounds;
mod darknet;
mod names;
mod probing;
mod routes;
mod signals;
mod sites;
mod sources;
mod store;
mod vantage;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use falter_model::{Shape, SignalId};
use serde::Deserialize;

use crate::exit::Failure;

pub(crate) use archives::is_url;
use bounds::OutOfBounds;
pub(crate) use names::Names;
pub(crate) use probing::{Probing, Tcp, check_contact};
pub(crate) use routes::{Bootstrap as BootstrapConfig, RisLive as RisLiveConfig};
use signals::Bad;

/// Everything that can be configured; each part has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where things are kept.
    pub(crate) store: store::Store,
    /// What is bad about imported signals.
    pub(crate) signals: signals::Signals,
    /// Who observes.
    pub(crate) vantage: vantage::Vantage,
    /// What is watched.
    pub(crate) watch: watch::Watch,
    /// Where archives are fetched from and kept.
    pub(crate) archives: archives::Archives,
    /// Where routes come from.
    pub(crate) routes: routes::Routes,
    /// How addresses are asked.
    pub(crate) probing: Probing,
    /// Attacks, seen from addresses that nobody uses.
    pub(crate) darknet: darknet::Darknet,
    /// How name servers are asked.
    pub(crate) names: Names,
    /// How sites and services are visited.
    pub(crate) sites: sites::Sites,
    /// Other sources.
    pub(crate) sources: sources::Sources,
    /// The file's own text, for the digest.
    #[serde(skip)]
    text: String,
}

impl Config {
    /// What the configuration says of signals that are not ours.
    pub(crate) fn shapes(&self) -> BTreeMap<SignalId, Shape> {
        let shape = |bad: &Bad| match bad {
            Bad::Down => Shape::Volume,
            Bad::Up => Shape::Badness,
            Bad::Neither => Shape::Context,
        };
        self.signals.iter().map(|(id, bad)| (SignalId::from(id.as_str()), shape(bad))).collect()
    }

    /// Reads a configuration file; without one, the defaults.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the configuration {}", path.display()))
            .map_err(Failure::usage)?;
        Self::parse(text)
            .with_context(|| format!("the configuration {} is wrong", path.display()))
            .map_err(Failure::usage)
    }

    fn parse(text: String) -> anyhow::Result<Self> {
        let mut config: Self = toml::from_str(&text)?;
        config.check()?;
        config.text = text;
        Ok(config)
    }

    fn check(&self) -> Result<(), OutOfBounds> {
        self.store.check()?;
        self.vantage.check()?;
        self.watch.check()?;
        self.archives.check()?;
        self.routes.check()?;
        self.darknet.check()?;
        self.probing.check()?;
        self.names.check()?;
        self.sites.check()
    }

    /// The file's text; empty without a file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests;
