//! Times of a profile's calendar: moments, or days by the network's own clock.

use falter_model::{Profile, Timestamp};
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The moment that a calendar entry's `from` or `until` names: an RFC 3339 time, or the midnight that
/// a day (`2026-01-01`) begins with in the profile's time zone, in UTC without one. `None` for a text
/// that is neither.
pub fn calendar_moment(text: &str, profile: Option<&Profile>) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let day: Date = text.trim().parse().ok()?;
    let midnight = time_zone(profile).to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp::from_micros(midnight.as_microsecond()))
}

fn time_zone(profile: Option<&Profile>) -> TimeZone {
    profile
        .and_then(|profile| profile.time_zone.as_ref())
        .and_then(|name| TimeZoneDatabase::bundled().get(name).ok())
        .unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, zone: Option<&str>, expected: Option<&str>) {
        let mut profile = crate::parse("name = 'x'\ntitle = 'X'\n", "x.toml").unwrap();
        profile.time_zone = zone.map(Into::into);
        let found = calendar_moment(text, Some(&profile)).map(|moment| moment.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_day_begins_at_midnight_by_the_networks_clock() {
        check("2026-01-01", Some("Asia/Pyongyang"), Some("2025-12-31T15:00:00Z"));
        check("2016-01-01", Some("Asia/Pyongyang"), Some("2015-12-31T15:30:00Z"));
        check("2026-01-01", None, Some("2026-01-01T00:00:00Z"));
        assert_eq!(
            calendar_moment("2026-01-01", None),
            Some("2026-01-01T00:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn a_moment_is_itself() {
        check("2026-01-01T08:00Z", Some("Asia/Pyongyang"), Some("2026-01-01T08:00:00Z"));
        check("2026-01-01T08:00:00+09:00", None, Some("2025-12-31T23:00:00Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "New Year", "2026-13-01", "2026-02-30", "2026"] {
            check(text, None, None);
        }
    }
}
