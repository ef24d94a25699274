//! The usual round trip.

use falter_model::{Shape, SignalSpec, Unit};

use super::{Shot, round_trips};
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.rtt",
    title: "Round trip (ICMP), median",
    about: "Median round trip of answered echo requests in the bin.",
    unit: Unit::Microseconds,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};

/// Median of the round trips; not measured without an answer.
pub(crate) fn tally(shots: &[Shot]) -> Tally {
    Tally::quantile(round_trips(shots), 0.5)
}
