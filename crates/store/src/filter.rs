//! Which outages are asked for.

use falter_model::{Entity, OutageId, Timestamp};

/// Which outages are asked for; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutageFilter {
    /// Only those of this entity.
    pub entity: Option<Entity>,
    /// Only those that came of watching or replaying this network.
    pub network: Option<String>,
    /// Only those of this family.
    pub family: Option<OutageId>,
    /// Only those that had not ended by then; an outage that goes on has not.
    pub from: Option<Timestamp>,
    /// Only those that began before.
    pub until: Option<Timestamp>,
}
