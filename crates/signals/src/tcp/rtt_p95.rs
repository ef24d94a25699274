//! The round trip of the slowest answers.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.rtt-p95",
    title: "Round trip (TCP), 95th percentile",
    about: "95th percentile of the round trips of answered connection attempts in the bin.",
    unit: Unit::Microseconds,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};
