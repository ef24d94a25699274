//! Blocks in which something answers.

use falter_model::{Shape, SignalSpec, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "tcp.up-blocks",
    title: "Blocks with an answer (TCP)",
    about: "Blocks (/24 or /48) in which some target answered connection attempts, of the blocks in which any was asked.",
    unit: Unit::Blocks,
    shape: Shape::Share,
    step: crate::steps::MINUTE,
};
