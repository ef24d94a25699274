//! How long a visit takes.

use falter_model::{Shape, SignalSpec, Step, Unit};

use super::Visit;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "web.latency",
    title: "Time to load, median",
    about: "Median over good visits of the time that all stages took together.",
    unit: Unit::Microseconds,
    shape: Shape::Badness,
    step: Step::FIVE_MINUTES,
};

/// Median time of good visits; not measured without one.
pub(crate) fn tally(visits: &[Visit]) -> Tally {
    let good = visits.iter().filter(|visit| visit.failed.is_none() && visit.took_us > 0);
    Tally::quantile(good.map(|visit| visit.took_us).collect(), 0.5)
}
