//! Whether the lost hosts went within one round of probes.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::{Finding, Scene};

/// At once: at least four of five lost hosts in the same round. Judgement; the fifth may have been
/// missed by a lost reply.
const MOST: f64 = 0.8;

/// With one host there is no together.
const LEAST_HOSTS: u32 = 2;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let probes = scene.case.probes.as_ref().filter(|probes| probes.hosts >= LEAST_HOSTS)?;
    let share = probes.lost_within_one_round.filter(|share| share.is_finite())?;
    let together = share >= MOST;
    let how = if together { "at once" } else { "little by little" };
    Some(Finding {
        id: "hosts.lost-within-one-round",
        group: Group::Hosts,
        kind: Kind::Hosts,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(together, expects.one_round)),
        says: format!("Hosts went {how}: {:.0} % of the lost within one round.", share * 100.0),
        observed: vec![("share", share), ("hosts", f64::from(probes.hosts))],
    })
}
