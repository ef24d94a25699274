//! At which stage visits fail.

use std::collections::BTreeMap;

use falter_model::{Shape, SignalSpec, Stage, Step, Unit};

use super::Visit;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "web.failures",
    title: "Failures of web sites",
    about: "Visits that failed, by the stage behind the slash: resolve, connect, tls, request, status.",
    unit: Unit::Events,
    shape: Shape::Badness,
    step: Step::FIVE_MINUTES,
};

/// Failed visits by stage.
pub(crate) fn tally(visits: &[Visit]) -> BTreeMap<&'static str, Tally> {
    let mut stages: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for stage in visits.iter().filter_map(|visit| visit.failed) {
        let name = match stage {
            Stage::Resolve => "resolve",
            Stage::Connect => "connect",
            Stage::Tls => "tls",
            Stage::Request => "request",
            Stage::Status => "status",
        };
        stages.entry(name).or_insert(Tally::events(0)).count_one();
    }
    stages
}
