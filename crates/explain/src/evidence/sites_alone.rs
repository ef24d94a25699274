//! Sites that failed while what carries them was up: software, one machine with many sites, or a flood
//! of its own.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let failed = scene.case.layers.sites?;
    let (carrier, carrier_failed) = scene.carrier()?;
    if !failed {
        return None;
    }
    let alone = !carrier_failed;
    let says = if alone {
        format!("Web sites failed while {carrier} were up.")
    } else {
        format!("Sites failed together with {carrier}.")
    };
    Some(Finding {
        id: "sites.alone",
        group: Group::Services,
        kind: Kind::Sites,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(alone, expects.sites_alone)),
        says,
        observed: vec![("alone", f64::from(u8::from(alone)))],
    })
}
