//! How often routes to an entity's prefixes are withdrawn.

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.withdrawals",
    title: "Withdrawals",
    about: "Withdrawals of the entity's prefixes by all peers, in a bin. Without a profile only bins with any are told.",
    unit: Unit::Events,
    shape: Shape::Context,
    step: Step::FIVE_MINUTES,
};
