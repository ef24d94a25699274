//! Backscatter of an attack: answers of victims to forged senders, seen by a darknet.
//!
//! Reflected floods leave none, so silence says little.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::{Finding, Scene};

/// From this rate on Corsaro's plugin speaks of an attack: 30 packets in a minute.
const ATTACK_PPM: u64 = 30;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let rate = scene.case.probes.as_ref()?.backscatter_ppm?;
    let attack = rate >= ATTACK_PPM;
    let says = if attack {
        format!("Backscatter of an attack: {rate} packets a minute from inside.")
    } else {
        "No backscatter of an attack was seen; reflected floods leave none.".to_owned()
    };
    Some(Finding {
        id: "attack.backscatter",
        group: Group::Attack,
        kind: Kind::Attack,
        basis: EvidenceBasis::Literature,
        likelihood: Scene::expected(|expects| yes_or_no(attack, expects.backscatter)),
        says,
        observed: vec![("packets_per_minute", rate as f64)],
    })
}
