//! Who says that targets can't be reached, and how.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.unreachable",
    title: "Unreachable (TCP)",
    about: "Messages in the bin that a target can't be reached, by the code behind the slash (net, host, admin, ...).",
    unit: Unit::Events,
    shape: Shape::Context,
    step: crate::steps::MINUTE,
};
