//! How much is lost on the way to hosts that usually answer.

use std::net::IpAddr;

use falter_model::{Shape, SignalSpec, Unit};

use super::Shot;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.loss",
    title: "Packet loss (ICMP)",
    about: "Share of echo requests that were not answered, to targets that answered within the 24 h before.",
    unit: Unit::Share,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};

/// Share of unanswered shots to targets that `recently` answered.
pub(crate) fn tally(shots: &[Shot], recently: impl Fn(IpAddr) -> bool) -> Tally {
    let counted = || shots.iter().filter(|shot| recently(shot.target));
    let lost = counted().filter(|shot| !shot.answered).count();
    Tally::of(lost, counted().count()).as_share()
}
