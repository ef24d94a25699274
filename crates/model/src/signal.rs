//! Signals: named measures, and what is known of each.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Step, Text};

/// The name of a measure: `bgp.visible-blocks`, or the id that an imported series came with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignalId(Text);

/// What a signal's values are, which decides how a departure is told from noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// How many of `n` are up, nearly free of noise: visible blocks, table entries.
    Count,
    /// A share in [0, 1] of `n` that answered: noise is binomial or worse.
    Share,
    /// An amount that breathes with day and week: traffic, darknet sources.
    Volume,
    /// Something of which more is bad: loss, round trip, failures.
    Badness,
    /// Happenings that explain but do not alarm: updates, withdrawals, serial numbers.
    Context,
}

/// In which unit a signal's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// In [0, 1].
    Share,
    /// Answering hosts.
    Hosts,
    /// Blocks (/24 or /48).
    Blocks,
    /// Routed prefixes.
    Prefixes,
    /// Entries in tables, summed over peers.
    RibEntries,
    /// Microseconds.
    Microseconds,
    /// Occurrences in a bin.
    Events,
    /// Autonomous systems.
    Ases,
    /// Whatever the source counts.
    Other,
}

/// What the manual, the charts and the detectors need to know of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalSpec {
    /// Its id.
    pub id: &'static str,
    /// A few words for a chart's title.
    pub title: &'static str,
    /// One or two sentences for the manual: what is counted, over what.
    pub about: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// What its values are.
    pub shape: Shape,
    /// The width of its bins.
    pub step: Step,
}

impl SignalId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The layer that it speaks of: what stands before the first dot, as `bgp` or `ping`.
    pub fn layer(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl From<&str> for SignalId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for SignalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
