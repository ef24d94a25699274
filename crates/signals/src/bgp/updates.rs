//! How much is told about an entity's prefixes: churn comes before some failures and follows others.

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.updates",
    title: "Route changes",
    about: "Announcements and withdrawals of the entity's prefixes by all peers, in a bin. Without a profile only bins with any are told.",
    unit: Unit::Events,
    shape: Shape::Context,
    step: Step::FIVE_MINUTES,
};
