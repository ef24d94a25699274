//! Whether near controls (other customers of the same transit) failed too: then the fault is upstream.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let failed = scene.case.probes.as_ref()?.near_controls_failed?;
    let says = if failed {
        "Its neighbors behind the same transit failed too: the trouble is upstream."
    } else {
        "Its neighbors behind the same transit stayed up."
    };
    Some(Finding {
        id: "hosts.near-controls",
        group: Group::Hosts,
        kind: Kind::Hosts,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(failed, expects.near_controls)),
        says: says.to_owned(),
        observed: vec![("failed", f64::from(u8::from(failed)))],
    })
}
