//! How hosts came back: all at once, or in stairs as machines boot and districts are switched on.

use falter_model::{EvidenceBasis, Kind, Span};

use super::group::Group;
use super::scene::yes_or_no;
use super::withdrawal_spread::words;
use super::{Finding, Scene};

/// Stairs have at least three steps over at least five minutes: two steps are one return cut by the
/// edge of a round. Judgement.
const STEPS: u32 = 3;
const SPREAD: Span = Span::from_minutes(5);

/// With fewer hosts there is no shape.
const LEAST_HOSTS: u32 = 3;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let probes = scene.case.probes.as_ref().filter(|probes| probes.hosts >= LEAST_HOSTS)?;
    scene.case.outage.until?;
    let (steps, spread) = (probes.return_steps?, probes.return_spread?);
    let stairs = steps >= STEPS && spread >= SPREAD;
    let how = if stairs { "in stairs" } else { "at once" };
    Some(Finding {
        id: "recovery.shape",
        group: Group::Recovery,
        kind: Kind::Recovery,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(stairs, expects.stairs)),
        says: format!("Hosts came back {how}: {steps} steps in {}.", words(spread)),
        observed: vec![("steps", f64::from(steps)), ("spread_s", spread.as_seconds())],
    })
}
