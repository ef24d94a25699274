//! Share of the asked targets that answered.

use falter_model::{Shape, SignalSpec, Unit};

use super::{Shot, answered_of};
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.up-share",
    title: "Answering hosts (ICMP)",
    about: "Targets that answered echo requests in the bin, of the targets that were asked.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: crate::steps::MINUTE,
};

/// Answering targets of all asked, as a share.
pub(crate) fn tally(shots: &[Shot]) -> Tally {
    answered_of(shots, |shot| shot.target).as_share()
}
