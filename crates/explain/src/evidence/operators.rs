//! How many independent operators lost routes, and whether a remainder survived.
//!
//! A fault or a planned job stays with one operator; an order or a cable reaches many. Nearly every
//! shutdown spares somebody (Noor in Egypt, 2011; one AS of Uganda, 2021).

use falter_model::{Entity, EvidenceBasis, Kind, State};

use super::group::Group;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let routes = scene.case.routes.as_ref()?;
    let operators = routes.operators;
    let lost = routes.operators_lost.max(complete_parts(scene)).min(operators);
    if operators < 2 || lost == 0 {
        return None;
    }
    let (place, says) = if lost == 1 {
        (0, format!("Only one of {operators} operators lost routes."))
    } else if lost < operators {
        (1, format!("{lost} of {operators} operators lost routes; the others stayed up."))
    } else {
        (2, format!("All {operators} operators lost routes."))
    };
    Some(Finding {
        id: "routes.operators",
        group: Group::Routes,
        kind: Kind::Routes,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.operators.get(place).copied().unwrap_or(0.0)),
        says,
        observed: vec![("operators_lost", f64::from(lost)), ("operators", f64::from(operators))],
    })
}

/// Autonomous systems that were out altogether.
fn complete_parts(scene: &Scene<'_>) -> u32 {
    let complete = scene
        .case
        .outage
        .parts
        .iter()
        .filter(|part| matches!(part.entity, Entity::Asn(_)) && part.state == State::Complete);
    u32::try_from(complete.count()).unwrap_or(u32::MAX)
}
