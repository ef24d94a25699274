//! Writing a story down.

use std::time::Duration;

use super::Plot;
use crate::action::Action;
use crate::story::Step;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: Vec<Step>,
}

impl Script {
    /// Does something at a time since the beginning; to the millisecond.
    pub(super) fn at(&mut self, at: Duration, action: Action) {
        let at = Duration::from_millis(u64::try_from(at.as_millis()).unwrap_or(u64::MAX));
        self.steps.push(Step { at, action });
    }

    /// All that is written, and whom it concerns.
    pub(super) fn concerns(self, extent: impl Into<String>) -> Plot {
        Plot { extent: extent.into(), steps: self.steps }
    }
}
