//! The stage itself: takes observations in the order of time and tells values as bins close.

use falter_model::{End, Entity, Interned, Observation, Onset, RouteFacts, Timestamp};

use crate::{Output, Plan};

/// Turns observations into readings. Time is what the observations say: each first closes the
/// seconds and bins that ended before it.
#[derive(Debug)]
pub struct Engine {
    plan: Plan,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(plan: Plan) -> Self {
        Self { plan }
    }

    /// Takes one observation and appends what became known by it to `out`.
    pub fn observe(&mut self, _observation: &Observation, _interned: &Interned, _out: &mut Output) {}

    /// Closes what is open up to `until`: the input ended.
    pub fn finish(&mut self, _until: Timestamp, _interned: &Interned, _out: &mut Output) {}

    /// What the routes of an entity did around an outage; `None` where its routes were not watched.
    pub fn route_facts(
        &self,
        _entity: &Entity,
        _from: Onset,
        _until: Option<End>,
        _interned: &Interned,
    ) -> Option<RouteFacts> {
        self.plan.network.as_ref().map(|_| RouteFacts::default())
    }
}
