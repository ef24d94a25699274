//! How long it lasted, or lasts already.
//!
//! Durations are log-normal under each cause: published quantiles (SIGCOMM 2023) joined with labels.
//! Both ends are brackets, so the likelihood is the probability of a duration between the shortest
//! and the longest that they allow; while the outage goes on, that of one at least as long as so far.

use falter_model::{EvidenceBasis, Kind, Span};

use super::group::Group;
use super::{Finding, Scene};
use crate::fit::CauseFit;

/// How much more likely the likeliest duration may make one cause than another, at most. Tails of
/// log-normals are thinner than those of outages.
const MOST: f64 = 10.0;

/// Brackets are never narrower than this share of the duration: nobody ends an outage by the second.
const LEAST_WIDTH: f64 = 0.05;

/// Hours at the 5th percentile of spontaneous outages and the 99th of shutdowns (SIGCOMM 2023): nothing
/// is published of what lies outside.
const SHORTEST_KNOWN: f64 = 0.25;
const LONGEST_KNOWN: f64 = 203.0;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let outage = &scene.case.outage;
    let (likelihood, says, observed) = if let Some(end) = outage.until {
        let shortest = (end.last_bad - outage.from.first_bad).max(Span::from_seconds(1)).as_hours();
        let onset = outage.from.last_good.unwrap_or(outage.from.first_bad);
        let longest = (end.first_good - onset).as_hours().max(shortest);
        let middle = f64::midpoint(shortest, longest);
        let pad = (LEAST_WIDTH * middle - (longest - shortest)).max(0.0) / 2.0;
        let (low, high) = known((shortest - pad).max(0.0), longest + pad);
        let likelihood = scene.fitted(|fit| below(fit, high) - below(fit, low));
        let says = if longest > 1.5 * shortest {
            format!("Lasted {} to {}.", words(shortest), words(longest))
        } else {
            format!("Lasted {}.", words(middle))
        };
        (likelihood, says, vec![("shortest_h", shortest), ("longest_h", longest)])
    } else {
        let elapsed = (scene.as_of - outage.from.first_bad).as_hours();
        if elapsed <= 0.0 {
            return None;
        }
        let likelihood = scene.fitted(|fit| 1.0 - below(fit, elapsed));
        let says = format!("Goes on after {}.", words(elapsed));
        (likelihood, says, vec![("elapsed_h", elapsed)])
    };
    let most = likelihood.iter().fold(1e-12_f64, |most, p| most.max(*p));
    Some(Finding {
        id: "timing.duration",
        group: Group::Timing,
        kind: Kind::Timing,
        basis: EvidenceBasis::Literature,
        likelihood: likelihood.map(|p| p.max(most / MOST)),
        says,
        observed,
    })
}

/// What lies below or beyond all published figures counts as all that lies there: a distribution fitted
/// to hours says nothing of seconds.
fn known(low: f64, high: f64) -> (f64, f64) {
    let low = if low < SHORTEST_KNOWN { 0.0 } else { low.min(LONGEST_KNOWN) };
    let high = if high > LONGEST_KNOWN { f64::INFINITY } else { high.max(SHORTEST_KNOWN) };
    (low, high)
}

/// Probability of a duration below so many hours.
fn below(fit: &CauseFit, hours: f64) -> f64 {
    let z = (libm::log(hours.max(1e-6)) - libm::log(fit.median_hours)) / fit.sigma;
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Hours in words: `35 minutes`, `5.5 hours`, `4.8 days`.
fn words(hours: f64) -> String {
    if hours < 1.0 / 30.0 {
        format!("{:.0} seconds", hours * 3600.0)
    } else if hours < 2.0 {
        format!("{:.0} minutes", hours * 60.0)
    } else if hours < 48.0 {
        format!("{hours:.1} hours")
    } else {
        format!("{:.1} days", hours / 24.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fit;

    #[test]
    fn half_of_all_are_shorter_than_the_median() {
        for fit in Fit::built_in().causes() {
            assert!((below(fit, fit.median_hours) - 0.5).abs() < 1e-12);
            assert!(below(fit, 0.0) < 1e-6 && below(fit, 1e6) > 0.999);
        }
    }

    #[test]
    fn lengths_of_time_are_told_as_people_do() {
        for (hours, expected) in [(0.5, "30 minutes"), (5.52, "5.5 hours"), (114.0, "4.8 days")] {
            assert_eq!(words(hours), expected);
        }
    }
}
