//! Share of the asked targets that answered somebody inside.

use falter_model::{Shape, SignalSpec, Unit};

use crate::ping::{self, Shot};
use crate::tally::Tally;

/// See the module. It never alarms by itself: whether hosts are up inside is believed from the probes.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "inside.up-share",
    title: "Answering hosts, from inside",
    about: "Targets that answered a vantage point inside the network in the bin, by ICMP or TCP, of the targets that were asked from inside. Not measured while nothing at all answers there.",
    unit: Unit::Share,
    shape: Shape::Context,
    step: crate::steps::MINUTE,
};

/// Answering targets of all asked, as a share.
pub(crate) fn tally(shots: &[Shot]) -> Tally {
    ping::up_share::tally(shots)
}
