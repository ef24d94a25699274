//! The usual round trip.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.rtt",
    title: "Round trip (TCP), median",
    about: "Median round trip of answered connection attempts in the bin.",
    unit: Unit::Microseconds,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};
