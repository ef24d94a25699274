//! `[darknet]`: attacks seen in what their victims answer to addresses that nobody uses.

use std::path::PathBuf;

use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Darknet {
    /// A capture (pcap) to read; none by default.
    pub(crate) pcap: Option<PathBuf>,
    /// An interface to listen on; none by default.
    pub(crate) interface: Option<String>,
}
