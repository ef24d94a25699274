//! Earlier outages at whole days before.
//!
//! Of 158 shutdowns that followed another, 67.7 % began exactly one to four days after it; of 574
//! spontaneous outages one did (SIGCOMM 2023). Chance is taken into account: with many earlier outages
//! one of them is bound to lie near a whole day. Where nothing happened in the days before there is
//! no evidence: every series has a first.

use falter_model::{Case, EvidenceBasis, Kind, Onset, Span};

use super::group::Group;
use super::{Finding, Scene};
use crate::fit::CauseFit;

/// Days after which repetition is looked for.
const DAYS: [i64; 4] = [1, 2, 3, 4];

/// Two beginnings are at the same time of day if no further apart than this: bins of 5 to 10 minutes
/// on either side.
const TOLERANCE: Span = Span::from_minutes(10);

/// Earlier outages matter up to four days and the tolerance.
const REACH: Span = Span::from_micros(Span::from_days(4).micros() + TOLERANCE.micros());

/// Outages shortly before are the same event with a break, not a repetition.
const TOO_SOON: Span = Span::from_hours(12);

/// The largest ratio between two causes: one of 574 is one event (SIGCOMM 2023, docs/method.md).
const MOST: f64 = 50.0;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.is_sharp() {
        return None;
    }
    let earlier = earlier_within_reach(scene.case);
    if earlier == 0 {
        return None;
    }
    let days = recurs_at_whole_days(scene.case);
    let chance = chance(earlier);
    let likelihood = scene.fitted(|fit| likelihood(fit, days.is_some(), chance));
    let most = likelihood.iter().fold(0.0_f64, |most, p| most.max(*p));
    let says = match days {
        Some(1) => "Began at the same time of day as an outage one day before.".to_owned(),
        Some(days) => {
            format!("Began at the same time of day as an outage {days} days before.")
        }
        None => format!(
            "Began at another time of day than {} in the four days before.",
            if earlier == 1 { "the outage".to_owned() } else { format!("the {earlier} outages") }
        ),
    };
    Some(Finding {
        id: "timing.recurrence",
        group: Group::Timing,
        kind: Kind::Timing,
        basis: EvidenceBasis::Literature,
        likelihood: likelihood.map(|p| p.max(most / MOST)),
        says,
        observed: vec![
            ("days", days.map_or(0.0, |days| days as f64)),
            ("earlier_outages", f64::from(earlier)),
            ("chance", chance),
        ],
    })
}

/// With a share `recurs` on purpose, and chance among the rest.
fn likelihood(fit: &CauseFit, recurs: bool, chance: f64) -> f64 {
    let yes = fit.recurs + (1.0 - fit.recurs) * chance;
    if recurs { yes } else { 1.0 - yes }
}

/// The probability that one of so many earlier outages lies near a whole day by chance.
fn chance(earlier: u32) -> f64 {
    let window = 2.0 * TOLERANCE.as_hours() / 24.0;
    1.0 - libm::pow(1.0 - window, f64::from(earlier))
}

/// Earlier outages that could have been at a whole day before this one.
pub(crate) fn earlier_within_reach(case: &Case) -> u32 {
    let onset = case.outage.from.first_bad;
    let within = case.past.iter().filter(|past| {
        let before = onset - past.from.first_bad;
        is_sharp(past.from) && before > TOO_SOON && before <= REACH
    });
    u32::try_from(within.count()).unwrap_or(u32::MAX)
}

/// The fewest whole days after which it repeats an earlier outage.
pub(crate) fn recurs_at_whole_days(case: &Case) -> Option<i64> {
    let onset = case.outage.from.first_bad;
    DAYS.into_iter().find(|days| {
        case.past.iter().filter(|past| is_sharp(past.from)).any(|past| {
            let off = (onset - past.from.first_bad) - Span::from_days(*days);
            off.micros().abs() <= TOLERANCE.micros()
        })
    })
}

fn is_sharp(onset: Onset) -> bool {
    onset.last_good.is_some_and(|last_good| onset.first_bad - last_good <= TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fit;

    #[test]
    fn chance_grows_with_earlier_outages() {
        assert!(chance(0).abs() < 1e-12);
        assert!((chance(1) - 20.0 / 1440.0).abs() < 1e-12);
        assert!(chance(50) > 0.4, "of fifty outages one is bound to lie near a whole day");
    }

    #[test]
    fn repetition_among_many_outages_says_little() {
        let fits = Fit::built_in().causes();
        let [.., shutdown, _] = fits;
        let [_, power, ..] = fits;
        let ratio = |chance| likelihood(shutdown, true, chance) / likelihood(power, true, chance);
        assert!(ratio(chance(1)) > 10.0, "{}", ratio(chance(1)));
        assert!(ratio(chance(50)) < 2.5, "{}", ratio(chance(50)));
    }
}
