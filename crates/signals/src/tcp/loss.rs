//! How much is lost on the way to hosts that usually answer.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.loss",
    title: "Packet loss (TCP)",
    about: "Share of connection attempts that were not answered, to targets that answered within the 24 h before.",
    unit: Unit::Share,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};
