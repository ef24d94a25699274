//! Blocks (/48) of an entity that the world has a route to.

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module. The share of peer ASes is IODA's (docs/method.md).
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.visible-blocks6",
    title: "Visible IPv6 blocks",
    about: "Blocks (/48) that a prefix covers which more than half of the full-feed peer ASes carry, \
            of the blocks that belong to the entity. Deaggregation or a covering announcement is no \
            loss. Peers of which nothing is known do not count.",
    unit: Unit::Blocks,
    shape: Shape::Count,
    step: Step::FIVE_MINUTES,
};
