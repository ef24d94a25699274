//! The way from readings to outages.

use falter_model::{
    Blind, LayerFacts, Observation, Outage, PastOutage, ProbeFacts, Reading, Step, Timestamp,
};

use crate::{Plan, SignalSeen};

/// Takes readings and probes in the order of time, gives outages.
#[derive(Debug)]
pub struct Engine {
    plan: Plan,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(plan: Plan) -> Self {
        Self { plan }
    }

    /// Takes a value of a signal.
    pub fn reading(&mut self, _reading: &Reading) {}

    /// Takes a probe, a control or a tick; everything else is passed over.
    pub fn observe(&mut self, _observation: &Observation) {}

    /// Takes a time in which a vantage point could not see.
    pub fn blind(&mut self, _blind: &Blind) {}

    /// The data has come this far in time.
    pub fn advance(&mut self, _now: Timestamp) {}

    /// Outages that began, changed or ended since the last call, without a verdict.
    pub fn changed(&mut self) -> Vec<Outage> {
        Vec::new()
    }

    /// All outages up to this moment, by onset, then entity.
    pub fn finish(&mut self, _until: Timestamp) -> Vec<Outage> {
        let _ = &self.plan;
        Vec::new()
    }

    /// What was seen of each series, by entity, then signal.
    pub fn signals_seen(&self) -> Vec<SignalSeen> {
        Vec::new()
    }

    /// Times in which we could not tell: those told, and those found by the probes' controls.
    pub fn blind_times(&self) -> Vec<Blind> {
        Vec::new()
    }

    /// Earlier outages of the same entity, oldest first.
    pub fn past(&self, _outage: &Outage) -> Vec<PastOutage> {
        Vec::new()
    }

    /// The width of the bins that the outage's onset rests on.
    pub fn step_of(&self, _outage: &Outage) -> Step {
        Step::FIVE_MINUTES
    }

    /// What probed hosts did around an outage; `None` where nothing was probed.
    pub fn probe_facts(&self, _outage: &Outage) -> Option<ProbeFacts> {
        None
    }

    /// Which layers fell with the outage, and which were watched and did not.
    pub fn layer_facts(&self, _outage: &Outage) -> LayerFacts {
        LayerFacts::default()
    }
}
