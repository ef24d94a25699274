//! A fault as it will go: what is done when, known before it begins. Two stories from one seed are equal.

use std::collections::BTreeMap;
use std::time::Duration;

use falter_model::Cause;

use crate::action::Action;

/// What a fault does, from its first action to its last.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The mechanism; `None` for faults of the measurement and for nothing at all.
    pub cause: Option<Cause>,
    /// The fault's name, such as `overload`.
    pub fault: &'static str,
    /// Which of its implementations, such as `link-flood`.
    pub implementation: &'static str,
    /// What was drawn or asked for, by name; the unit ends the name (`rate_pps`, `lasts_s`).
    pub parameters: BTreeMap<&'static str, f64>,
    /// How much of the country it concerns, in words.
    pub extent: String,
    /// What is done, in the order of time.
    pub steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Since the fault began.
    pub at: Duration,
    /// What.
    pub action: Action,
}

impl Story {
    /// From the first action to the last.
    pub fn lasts(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |step| step.at)
    }

    /// True where it sends as much as the machine can: such a country stands alone on its machine.
    pub fn floods(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Flood { .. }))
    }
}
