//! Origins that were not seen before and appeared during the outage: renumbering or scrubbing.
//!
//! Their absence is not weighed: most outages of every cause show none.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let origins = scene.case.routes.as_ref()?.new_origins;
    if origins == 0 {
        return None;
    }
    let noun = if origins == 1 { "origin" } else { "origins" };
    Some(Finding {
        id: "routes.new-origins",
        group: Group::Routes,
        kind: Kind::Routes,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.new_origin),
        says: format!("{origins} new {noun} announced its prefixes meanwhile."),
        observed: vec![("new_origins", f64::from(origins))],
    })
}
