//! The configuration file: a file a section.

mod signals;
mod store;

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use crate::exit::Failure;

pub(crate) use signals::Bad;

/// Everything that can be configured; each part has a default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where things are kept.
    pub(crate) store: store::Store,
    /// What is bad about imported signals.
    pub(crate) signals: signals::Signals,
    /// The file's own text, for the digest.
    #[serde(skip)]
    text: String,
}

impl Config {
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
        Ok(config)
    }

    /// The file's text; empty without a file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
