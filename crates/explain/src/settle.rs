//! Which measurement would tell the two most probable causes apart.
//!
//! A table per pair of causes lists what separates them, the strongest first. The answer is the first
//! that was not measured.

use falter_model::{Case, Cause, CauseShare, Span};

/// Something that can be measured, and separates causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measurement {
    /// Loss and round trip before the fall.
    Degradation,
    /// How hosts come back.
    Recovery,
    /// The onset to the minute.
    Minute,
    /// When each operator's routes went.
    Routes,
    /// Which transits were lost.
    Transits,
    /// A darknet or flows.
    Attack,
    /// An observer inside.
    Inside,
    /// Neighbors behind the same transit.
    Neighbors,
    /// Name servers and sites.
    Services,
    /// Announcements.
    Calendar,
    /// The day after.
    Repetition,
}

use Measurement::{
    Attack, Calendar, Degradation, Inside, Minute, Neighbors, Recovery, Repetition, Routes,
    Services, Transits,
};

/// One sentence; without two causes to tell apart, or with all measured, it says so.
pub(crate) fn would_settle(case: &Case, causes: &[CauseShare]) -> String {
    let [first, second, ..] = causes else { return String::new() };
    let pair = format!("{} from {}", first.cause, second.cause);
    let missing = separating(first.cause, second.cause)
        .iter()
        .find(|measurement| measurement.is_missing(case));
    match missing {
        Some(measurement) => format!("To tell {pair}: {}.", measurement.words()),
        None => format!("Nothing more that falter measures tells {pair}; ask the operator."),
    }
}

/// What separates two causes, the strongest first.
fn separating(a: Cause, b: Cause) -> &'static [Measurement] {
    use Cause::{Fault, Link, Maintenance, Overload, Power, Shutdown};
    match (a.min(b), a.max(b)) {
        (Overload, Power) => &[Degradation, Attack, Recovery, Routes],
        (Overload, Link) => &[Degradation, Transits, Attack, Routes],
        (Overload, Fault) => &[Attack, Degradation, Routes, Services],
        (Overload, Shutdown) => &[Degradation, Attack, Minute, Routes],
        (Overload, Maintenance) => &[Degradation, Attack, Calendar, Minute],
        (Power, Link) => &[Transits, Recovery, Inside, Neighbors],
        (Power, Fault) => &[Recovery, Routes, Neighbors, Services],
        (Power, Shutdown) => &[Recovery, Minute, Inside, Routes],
        (Power, Maintenance) => &[Recovery, Calendar, Minute],
        (Link, Fault) => &[Transits, Neighbors, Routes, Inside],
        (Link, Shutdown) => &[Minute, Transits, Routes, Repetition],
        (Link, Maintenance) => &[Calendar, Minute, Transits],
        (Fault, Shutdown) => &[Minute, Routes, Services, Repetition],
        (Fault, Maintenance) => &[Calendar, Minute, Routes],
        (Shutdown, Maintenance) => &[Calendar, Routes, Minute, Repetition],
        _ => &[],
    }
}

impl Measurement {
    fn is_missing(self, case: &Case) -> bool {
        let probes = case.probes.as_ref();
        let routes = case.routes.as_ref();
        let onset = case.outage.from;
        let sharp =
            onset.last_good.is_some_and(|good| onset.first_bad - good <= Span::from_minutes(10));
        match self {
            Degradation => probes
                .is_none_or(|probes| probes.loss_before.is_none() && probes.rtt_before.is_none()),
            Recovery => {
                case.outage.until.is_none()
                    || probes.is_none_or(|probes| probes.return_steps.is_none())
            }
            Minute => case.time_zone.is_none() || !sharp,
            Routes => !sharp || routes.is_none_or(|routes| routes.churn_before.is_none()),
            Transits => routes.is_none_or(|routes| routes.transits.len() < 2),
            Attack => probes.is_none_or(|probes| probes.backscatter_ppm.is_none()),
            Inside => case.layers.inside_up.is_none(),
            Neighbors => probes.is_none_or(|probes| probes.near_controls_failed.is_none()),
            Services => case.layers.names.is_none() || case.layers.sites.is_none(),
            Calendar => case.calendar.is_empty(),
            Repetition => case.past.is_empty(),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Degradation => "packet loss and round trip in the half hour before the fall",
            Recovery => "how hosts came back, at once or in stairs",
            Minute => "the onset to within ten minutes on the local clock",
            Routes => "route updates to the minute, before and during the fall",
            Transits => "which transits were lost, where there are two or more",
            Attack => "backscatter in a darknet, or flow records of the operator",
            Inside => "an observer inside the network",
            Neighbors => "probes to neighbors behind the same transit",
            Services => "name servers and sites, asked by themselves",
            Calendar => "announcements of the operator, in the profile's calendar",
            Repetition => "whether it happens again at the same time of day",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_has_something_that_separates_it() {
        for a in Cause::ALL {
            for b in Cause::ALL {
                assert_eq!(separating(a, b).is_empty(), a == b, "{a} and {b}");
                assert_eq!(separating(a, b), separating(b, a));
            }
        }
    }
}
