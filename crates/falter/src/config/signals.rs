//! `[signals]`: what is bad about imported signals, by id.

use std::collections::BTreeMap;

use serde::Deserialize;

/// See the module: `"upstream.delay" = "up"`.
pub(crate) type Signals = BTreeMap<String, Bad>;

/// Which direction is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Bad {
    /// Less is bad: what is assumed of an id that is not ours.
    Down,
    /// More is bad: delay, loss, failures.
    Up,
    /// Neither: context for a verdict.
    Neither,
}
