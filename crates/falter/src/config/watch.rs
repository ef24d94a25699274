//! `[watch]`: what is watched, and how falter begins.

use falter_model::Span;
use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Watch {
    /// Networks to watch where the command line names none.
    pub(crate) networks: Vec<String>,
    /// How much of what was kept is read again at the start.
    pub(crate) warm_up: Span,
}

impl Default for Watch {
    fn default() -> Self {
        Self { networks: vec!["kp".to_owned()], warm_up: Span::from_days(1) }
    }
}
