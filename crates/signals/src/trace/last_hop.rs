//! How far packets get.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Shape, SignalSpec, Step, Unit};

use super::TraceHop;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "trace.last-hop",
    title: "Last answering hop",
    about: "The farthest hop that answered on the way to a target, as the median over targets.",
    unit: Unit::Other,
    shape: Shape::Context,
    step: Step::FIVE_MINUTES,
};

/// The farthest answering hop of each target, 0 where none answered; the median over targets.
pub(crate) fn tally(hops: &[TraceHop]) -> Tally {
    let mut farthest: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for hop in hops {
        let ttl = if hop.answered { u64::from(hop.ttl) } else { 0 };
        let last = farthest.entry(hop.target).or_default();
        *last = ttl.max(*last);
    }
    Tally::quantile(farthest.into_values().collect(), 0.5)
}
