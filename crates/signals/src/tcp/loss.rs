//! How much is lost on the way to hosts that usually answer.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.loss",
    title: "Packet loss (TCP)",
    about: "Share of connection attempts that were not answered, as the mean over targets that answered in the bin; a silence counts once the target answers again, and more than five in a row are no loss.",
    unit: Unit::Share,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};
