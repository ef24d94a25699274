//! Which transits were lost: none, one of several, all.
//!
//! With one transit in all there is nothing to compare, and it says nothing.

use falter_model::{EvidenceBasis, Kind, TransitFacts};

use super::group::Group;
use super::{Finding, Scene};

/// A transit counts if it carried at least this share of paths before.
const USED: f64 = 0.05;

/// It is lost if less than this share of what it carried is left.
const LOST: f64 = 0.1;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let routes = scene.case.routes.as_ref()?;
    let used: Vec<&TransitFacts> =
        routes.transits.iter().filter(|transit| transit.share_before.get() >= USED).collect();
    if used.len() < 2 {
        return None;
    }
    let mut lost: Vec<&str> =
        used.iter().filter(|transit| is_lost(transit)).map(|transit| &*transit.transit).collect();
    lost.sort_unstable();
    let (place, says) = if lost.is_empty() {
        (0, format!("None of {} transits was lost.", used.len()))
    } else if lost.len() < used.len() {
        (1, format!("Lost {} of {} transits: {}.", lost.len(), used.len(), lost.join(", ")))
    } else {
        (2, format!("Lost all {} transits.", used.len()))
    };
    Some(Finding {
        id: "routes.transit-lost",
        group: Group::Routes,
        kind: Kind::Routes,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.transits.get(place).copied().unwrap_or(0.0)),
        says,
        observed: vec![("lost", lost.len() as f64), ("transits", used.len() as f64)],
    })
}

fn is_lost(transit: &TransitFacts) -> bool {
    transit.share_during.get() < LOST * transit.share_before.get()
}
