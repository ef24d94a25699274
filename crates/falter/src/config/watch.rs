//! `[watch]`: what is watched, and how it goes on after a restart.

use falter_model::Span;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Watch {
    /// Profiles to watch where the command line names none.
    pub(crate) networks: Vec<String>,
    /// So much of what was kept is read again at the start, and more where an outage goes on.
    pub(crate) warm_up: Span,
}

impl Default for Watch {
    fn default() -> Self {
        Self { networks: vec!["kp".to_owned()], warm_up: Span::from_days(1) }
    }
}

impl Watch {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        if self.networks.is_empty() {
            return Err(OutOfBounds {
                key: "watch.networks",
                expected: "one network or more".to_owned(),
                found: "none".to_owned(),
            });
        }
        bounds::span("watch.warm_up", self.warm_up, &(Span::ZERO..=Span::from_days(30)))
    }
}
