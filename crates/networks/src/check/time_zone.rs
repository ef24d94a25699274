//! The time zone: without a good one, what the local hour says about the cause is withheld.

use falter_model::Profile;
use jiff::tz::TimeZoneDatabase;

use super::Finding;

/// A zone that the bundled tz database doesn't know, or none.
pub(super) fn check(profile: &Profile) -> Vec<Finding> {
    match &profile.time_zone {
        None => vec![Finding::note(
            "no time_zone: evidence of the local hour is withheld",
            "set the IANA name, such as Asia/Pyongyang, if the network has one zone",
        )],
        Some(name) if TimeZoneDatabase::bundled().get(name).is_err() => vec![Finding::error(
            format!("time_zone {name:?} is not known"),
            "write an IANA name, such as Asia/Pyongyang",
        )],
        Some(_) => Vec::new(),
    }
}
