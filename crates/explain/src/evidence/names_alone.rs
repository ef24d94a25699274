//! Name servers that failed while what carries them was up: an expired zone, a broken server, or a
//! flood of its own.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let failed = scene.case.layers.names?;
    let (carrier, carrier_failed) = scene.carrier()?;
    if !failed {
        return None;
    }
    let alone = !carrier_failed;
    let says = if alone {
        format!("Name servers stopped answering while {carrier} were up.")
    } else {
        format!("Name servers failed together with {carrier}.")
    };
    Some(Finding {
        id: "names.alone",
        group: Group::Services,
        kind: Kind::Names,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(alone, expects.names_alone)),
        says,
        observed: vec![("alone", f64::from(u8::from(alone)))],
    })
}
