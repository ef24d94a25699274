//! Prefixes announced with the BLACKHOLE community (RFC 7999), which asks to drop what floods them.
//!
//! Its absence is not weighed: few operators use it.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let prefixes = scene.case.routes.as_ref()?.blackholed;
    if prefixes == 0 {
        return None;
    }
    let noun = if prefixes == 1 { "prefix was" } else { "prefixes were" };
    Some(Finding {
        id: "attack.blackholed",
        group: Group::Attack,
        kind: Kind::Attack,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.blackholed),
        says: format!("{prefixes} {noun} announced to be blackholed."),
        observed: vec![("prefixes", f64::from(prefixes))],
    })
}
