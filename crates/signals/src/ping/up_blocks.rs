//! Blocks in which something answers.

use falter_model::{Shape, SignalSpec, Unit};

use super::{Shot, answered_of, block};
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.up-blocks",
    title: "Blocks with an answer (ICMP)",
    about: "Blocks (/24 or /48) in which some target answered echo requests, of the blocks in which any was asked.",
    unit: Unit::Blocks,
    shape: Shape::Share,
    step: crate::steps::MINUTE,
};

/// Blocks with an answer, of all asked.
pub(crate) fn tally(shots: &[Shot]) -> Tally {
    answered_of(shots, block)
}
