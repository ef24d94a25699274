//! How long name servers take.

use falter_model::{Shape, SignalSpec, Unit};

use super::Question;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "dns.rtt",
    title: "Answer time of name servers, median",
    about: "Median time to any answer of a name server.",
    unit: Unit::Microseconds,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};

/// Median time to an answer; not measured without one.
pub(crate) fn tally(questions: &[Question]) -> Tally {
    let times = questions.iter().filter_map(|question| question.rtt_us).map(u64::from);
    Tally::quantile(times.collect(), 0.5)
}
