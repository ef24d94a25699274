//! What the engine needs to know before the first reading.

use std::collections::BTreeMap;

use falter_model::{Profile, Shape, SignalId, SignalSpec, VantagePoints};

/// What is watched, and what is known of its signals.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The network's profile; `None` where the input itself names what it is about.
    pub network: Option<Profile>,
    /// The specification of a signal of our own; `None` for imported ids.
    pub spec_of: fn(&SignalId) -> Option<SignalSpec>,
    /// What the values of imported signals are, where the configuration says so; for other ids it is
    /// told by their values, and less is bad.
    pub shapes: BTreeMap<SignalId, Shape>,
    /// Who observes from where, as far as that is known.
    pub vantage_points: VantagePoints,
}

impl Default for Plan {
    /// No profile, no signal of our own, no vantage point inside.
    fn default() -> Self {
        Self {
            network: None,
            spec_of: |_| None,
            shapes: BTreeMap::new(),
            vantage_points: VantagePoints::default(),
        }
    }
}
