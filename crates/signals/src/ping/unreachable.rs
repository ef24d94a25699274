//! Who says that targets can't be reached, and how.

use std::collections::BTreeMap;

use falter_model::{Shape, SignalSpec, Unit};

use super::Shot;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.unreachable",
    title: "Unreachable (ICMP)",
    about: "Messages in the bin that a target can't be reached, by the code behind the slash (net, host, admin, ...).",
    unit: Unit::Events,
    shape: Shape::Context,
    step: crate::steps::MINUTE,
};

/// Messages by code.
pub(crate) fn tally(shots: &[Shot]) -> BTreeMap<&str, Tally> {
    let mut codes: BTreeMap<&str, Tally> = BTreeMap::new();
    for code in shots.iter().filter_map(|shot| shot.unreachable.as_deref()) {
        codes.entry(code).or_insert(Tally::events(0)).count_one();
    }
    codes
}
