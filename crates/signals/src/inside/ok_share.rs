//! Share of the web sites that work for those inside.

use falter_model::{Shape, SignalSpec, Step, Unit};

use crate::tally::Tally;
use crate::web::{self, Visit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "inside.ok-share",
    title: "Working web sites, from inside",
    about: "Share of the sites visited from inside the network that answered with a status below 400, by at least one visit.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: Step::FIVE_MINUTES,
};

/// Sites that worked at least once, of all visited.
pub(crate) fn tally(visits: &[Visit]) -> Tally {
    web::ok_share::tally(visits)
}
