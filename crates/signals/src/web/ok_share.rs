//! Share of the web sites that work.

use std::collections::BTreeSet;

use falter_model::{Shape, SignalSpec, Step, Unit};

use super::Visit;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "web.ok-share",
    title: "Working web sites",
    about: "Share of the visited sites that answered with a status below 400, by at least one visit.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: Step::FIVE_MINUTES,
};

/// Sites that worked at least once, of all visited.
pub(crate) fn tally(visits: &[Visit]) -> Tally {
    let all: BTreeSet<_> = visits.iter().map(|visit| visit.host.clone()).collect();
    let good: BTreeSet<_> = visits
        .iter()
        .filter(|visit| visit.failed.is_none())
        .map(|visit| visit.host.clone())
        .collect();
    Tally::of(good.len(), all.len()).as_share()
}
