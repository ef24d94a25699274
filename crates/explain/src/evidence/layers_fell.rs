//! Which of routes, hosts and traffic fell with the outage, of those that were watched.
//!
//! All three fell in 94.5 % of shutdowns and in 53.9 % of spontaneous outages (SIGCOMM 2023). Which one
//! stays tells more: routes stay up where access networks lose power or a filter is set, darknet
//! sources stay where only one path is cut. What was not watched is summed over; an outage is known
//! because something fell, so the likelihood is that of the pattern given that something watched fell.

use falter_model::{EvidenceBasis, Kind, LayerFacts};

use super::group::Group;
use super::{Finding, Scene};

/// Which of (routes, hosts, traffic) fell, in the order in which causes state their expectation.
pub const PATTERNS: [(bool, bool, bool); 7] = [
    (true, true, true),
    (true, true, false),
    (true, false, true),
    (false, true, true),
    (false, true, false),
    (false, false, true),
    (true, false, false),
];

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let layers = scene.case.layers;
    let watched = [layers.routes, layers.hosts, layers.traffic];
    let n_watched = watched.iter().flatten().count();
    let n_fell = watched.iter().flatten().filter(|fell| **fell).count();
    if n_watched < 2 || n_fell == 0 {
        return None;
    }
    let likelihood = scene.fitted(|fit| likelihood(&fit.layers, layers));
    Some(Finding {
        id: "layers.fell",
        group: Group::Layers,
        // It tells routes from what they carry; without routes it is about hosts.
        kind: if layers.routes.is_some() { Kind::Routes } else { Kind::Hosts },
        basis: EvidenceBasis::Literature,
        likelihood,
        says: says(layers),
        observed: vec![("watched", n_watched as f64), ("fell", n_fell as f64)],
    })
}

/// The place of a fully watched pattern in [`PATTERNS`].
pub(crate) fn pattern(layers: LayerFacts) -> Option<usize> {
    let found = (layers.routes?, layers.hosts?, layers.traffic?);
    PATTERNS.iter().position(|pattern| *pattern == found)
}

fn likelihood(expected: &[f64; 7], layers: LayerFacts) -> f64 {
    let sum = |wanted: &dyn Fn((bool, bool, bool)) -> bool| -> f64 {
        PATTERNS.iter().zip(expected).filter(|(pattern, _)| wanted(**pattern)).map(|(_, p)| p).sum()
    };
    let agrees = |(routes, hosts, traffic): (bool, bool, bool)| {
        layers.routes.is_none_or(|fell| fell == routes)
            && layers.hosts.is_none_or(|fell| fell == hosts)
            && layers.traffic.is_none_or(|fell| fell == traffic)
    };
    let noticed = |(routes, hosts, traffic): (bool, bool, bool)| {
        (layers.routes.is_some() && routes)
            || (layers.hosts.is_some() && hosts)
            || (layers.traffic.is_some() && traffic)
    };
    sum(&agrees) / sum(&noticed).max(1e-9)
}

fn says(layers: LayerFacts) -> String {
    let layers = [("routes", layers.routes), ("hosts", layers.hosts), ("traffic", layers.traffic)];
    let list = |wanted: bool| {
        let names: Vec<&str> = layers
            .iter()
            .filter(|(_, fell)| *fell == Some(wanted))
            .map(|(name, _)| *name)
            .collect();
        names.join(" and ")
    };
    let (fell, stayed) = (list(true), list(false));
    if stayed.is_empty() {
        format!("All that was watched fell: {fell}.")
    } else {
        format!("Down: {fell}. Still up: {stayed}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_that_nobody_watched_changes_nothing() {
        let expected = [0.5, 0.2, 0.1, 0.1, 0.04, 0.03, 0.03];
        let only_routes = LayerFacts { routes: Some(true), ..LayerFacts::default() };
        assert!((likelihood(&expected, only_routes) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn whole_patterns_have_their_own_probability() {
        let expected = [0.5, 0.2, 0.1, 0.1, 0.04, 0.03, 0.03];
        let all = LayerFacts {
            routes: Some(true),
            hosts: Some(true),
            traffic: Some(true),
            ..LayerFacts::default()
        };
        assert!((likelihood(&expected, all) - 0.5).abs() < 1e-12);
        assert_eq!(pattern(all), Some(0));
    }
}
