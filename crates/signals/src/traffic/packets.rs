//! Packets in and out of the network.

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "traffic.packets",
    title: "Traffic in packets",
    about: "Packets counted from flow records in the bin; behind the slash the direction (in, out) and, where they are told apart, the service port.",
    unit: Unit::Other,
    shape: Shape::Volume,
    step: Step::FIVE_MINUTES,
};
