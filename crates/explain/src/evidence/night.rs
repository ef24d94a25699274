//! The onset at local night.
//!
//! Work is planned for the hours of least use (Richter, IMC 2018); accidents keep no hours. The onset
//! must be known to within an hour.

use falter_model::{EvidenceBasis, Kind, Span, Timestamp};

use super::group::Group;
use super::local_hour::{local_seconds, time_of_day};
use super::scene::yes_or_no;
use super::{Finding, Scene};

/// The night ends at six, local time.
const NIGHT_UNTIL: i64 = 6 * 3600;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let zone = scene.case.time_zone.as_deref()?;
    scene.onset_width().filter(|width| *width <= Span::from_hours(1))?;
    let onset = scene.case.outage.from.first_bad;
    let of_day = local_seconds(zone, onset)?.rem_euclid(86_400);
    let night = is_at_night(zone, onset)?;
    let clock = time_of_day(zone, onset)?;
    let says = if night {
        format!("Began at {clock} local time, at night, when work is planned.")
    } else {
        format!("Began at {clock} local time, not at night.")
    };
    Some(Finding {
        id: "timing.night",
        group: Group::Timing,
        kind: Kind::Timing,
        basis: EvidenceBasis::Expert,
        likelihood: scene.fitted(|fit| yes_or_no(night, fit.night)),
        says,
        observed: vec![("hour_of_day", of_day as f64 / 3600.0)],
    })
}

/// True between midnight and six, local time; `None` for a zone that does not exist.
pub(crate) fn is_at_night(zone: &str, at: Timestamp) -> Option<bool> {
    local_seconds(zone, at).map(|seconds| seconds.rem_euclid(86_400) < NIGHT_UNTIL)
}
