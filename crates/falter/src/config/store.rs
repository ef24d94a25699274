//! `[store]`: where things are kept.

use std::path::PathBuf;

use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Store {
    /// The store's folder, unless `--store` or `FALTER_STORE` names another.
    pub(crate) dir: Option<PathBuf>,
}
