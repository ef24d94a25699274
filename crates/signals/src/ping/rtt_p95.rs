//! The round trip of the slowest answers.

use falter_model::{Shape, SignalSpec, Unit};

use super::{Shot, round_trips};
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.rtt-p95",
    title: "Round trip (ICMP), 95th percentile",
    about: "95th percentile of the round trips of answered echo requests in the bin.",
    unit: Unit::Microseconds,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};

/// The 95th percentile of the round trips; not measured without an answer.
pub(crate) fn tally(shots: &[Shot]) -> Tally {
    Tally::quantile(round_trips(shots), 0.95)
}
