//! What the engine saw of each series: the ground that a statement about silence stands on.

use falter_model::{Entity, SignalId};

/// What was seen of one signal of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalSeen {
    /// Whose.
    pub entity: Entity,
    /// Which measure.
    pub signal: SignalId,
    /// The width of its bins in seconds; for snapshots, the median distance between them.
    pub step_s: i64,
    /// Bins or snapshots that had a value.
    pub bins: u64,
    /// Times that were not measured: runs of bins without a value, or holes between snapshots.
    pub gaps: u64,
}
