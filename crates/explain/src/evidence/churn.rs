//! Updates of routes in the hour before the onset, against the usual.
//!
//! Where an operator's own routing fails, churn comes first: half an hour on 8 July 2022, an hour and
//! a factor of about fifty on 7 November 2023. A flood makes routes unstable too.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::withdrawal_spread::words;
use super::{Finding, Scene};

/// Below twice the usual an hour is like any other; ten times is a storm. Judgement.
const RAISED: f64 = 2.0;
const STORM: f64 = 10.0;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let routes = scene.sharp_routes()?;
    let churn = routes.churn_before.filter(|churn| churn.is_finite())?;
    let place = usize::from(churn >= RAISED) + usize::from(churn >= STORM);
    let lead = match routes.churn_lead {
        Some(lead) if place > 0 => format!(", from {} before", words(lead)),
        _ => String::new(),
    };
    let mut observed = vec![("times_usual", churn)];
    observed.extend(routes.churn_lead.map(|lead| ("lead_s", lead.as_seconds())));
    Some(Finding {
        id: "routes.churn-before",
        group: Group::Routes,
        kind: Kind::Routes,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.churn.get(place).copied().unwrap_or(0.0)),
        says: format!("{churn:.1} times the usual route updates in the hour before it{lead}."),
        observed,
    })
}
