//! Whether anything at all answered a vantage point: if nothing does, its own wire may be cut.

use std::collections::BTreeSet;

use falter_model::{Span, Text, Timestamp};

/// Answers are kept by the minute.
const MINUTE: Span = Span::from_minutes(1);

/// How long they are remembered: longer than the widest bin and its grace.
const KEPT: Span = Span::from_minutes(30);

/// Minutes in which each vantage point heard anything.
#[derive(Debug, Default)]
pub(crate) struct Heard(BTreeSet<(Text, Timestamp)>);

impl Heard {
    /// Something was asked at `at`, and answered or not.
    pub(crate) fn note(&mut self, at: Timestamp, vantage: &Text, answered: bool) {
        if answered {
            self.0.insert((vantage.clone(), floor(at)));
        }
    }

    /// True where something that was asked in a minute of `[from, until)` was answered.
    pub(crate) fn anything(&self, vantage: &Text, from: Timestamp, until: Timestamp) -> bool {
        let mut minutes = self.0.range((vantage.clone(), floor(from))..(vantage.clone(), until));
        minutes.next().is_some()
    }

    /// Forgets what no bin will ask for any more.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.0.retain(|(_, minute)| now - *minute < KEPT);
    }
}

fn floor(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(MINUTE.micros()) * MINUTE.micros())
}
