//! Share of the asked targets that answered.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.up-share",
    title: "Answering hosts (TCP)",
    about: "Targets that answered connection attempts in the bin, of the targets that were asked.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: crate::steps::MINUTE,
};
