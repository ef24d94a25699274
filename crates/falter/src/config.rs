//! The configuration file: a file a section.

mod probing;
mod routes;
mod signals;
mod store;
mod vantage;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use falter_model::{Shape, SignalId, Span};
use serde::Deserialize;

use crate::exit::Failure;
use signals::Bad;

/// Everything that can be configured; each part has a default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where things are kept.
    pub(crate) store: store::Store,
    /// What is bad about imported signals.
    pub(crate) signals: signals::Signals,
    /// What is watched.
    pub(crate) watch: watch::Watch,
    /// Who watches.
    pub(crate) vantage: vantage::Vantage,
    /// Where routes come from.
    pub(crate) routes: routes::Routes,
    /// How addresses are probed.
    pub(crate) probing: probing::Probing,
    /// The file's own text, for the digest.
    #[serde(skip)]
    text: String,
}

impl Config {
    /// An outage that goes on is read again with so much of the time before it: a day is what counts of
    /// routes are compared with.
    pub(crate) const BEFORE_ONSET: Span = Span::from_days(1);

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
        let mut config: Self = toml::from_str(&text)
            .with_context(|| format!("the configuration {} is wrong", path.display()))
            .map_err(Failure::usage)?;
        config.text = text;
        config
            .probing
            .check()
            .with_context(|| format!("the configuration {} is wrong", path.display()))
            .map_err(Failure::usage)?;
        Ok(config)
    }

    /// The file's text; empty without a file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
