//! `[[sources.lines]]`: lines of recordings as others write them, so that several vantage points join.

use std::path::PathBuf;

use serde::Deserialize;

/// `[sources]`: sources besides those of falter's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sources {
    /// Recordings that grow while they are read.
    pub(crate) lines: Vec<Lines>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    /// A named pipe or a file, uncompressed: what another `falter record` writes.
    pub(crate) path: PathBuf,
    /// The network that it is about; all that are watched, if not given.
    pub(crate) network: Option<String>,
}
