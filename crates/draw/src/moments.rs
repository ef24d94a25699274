//! Times and lengths of time as people write them.

use falter_model::{Span, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Date and time of day in a zone; `None` beyond the years that calendars know.
pub(crate) fn civil(at: Timestamp, zone: &TimeZone) -> Option<DateTime> {
    let at = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
    Some(zone.to_datetime(at))
}

/// The zone of this IANA name; `None` where it is not known.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    jiff::tz::db().get(name).ok()
}

/// `25 January 2022`.
pub(crate) fn date(at: Timestamp, zone: &TimeZone) -> String {
    civil(at, zone).map_or_else(
        || at.to_string(),
        |civil| format!("{} {} {}", civil.day(), month(civil.month()), civil.year()),
    )
}

/// `21:53`, or `21:53:07` where seconds matter.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    civil(at, zone).map_or_else(
        || at.to_string(),
        |civil| {
            let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
            if second == 0 {
                format!("{hour:02}:{minute:02}")
            } else {
                format!("{hour:02}:{minute:02}:{second:02}")
            }
        },
    )
}

/// `25 Jan 21:53`.
pub(crate) fn short(at: Timestamp) -> String {
    civil(at, &TimeZone::UTC).map_or_else(
        || at.to_string(),
        |civil| {
            format!("{} {} {}", civil.day(), short_month(civil.month()), clock(at, &TimeZone::UTC))
        },
    )
}

/// `25 Jan`.
pub(crate) fn day(at: Timestamp) -> String {
    civil(at, &TimeZone::UTC).map_or_else(
        || at.to_string(),
        |civil| format!("{} {}", civil.day(), short_month(civil.month())),
    )
}

/// How many days of UTC these moments lie in; 2 stands for more.
pub(crate) fn days(mut moments: impl Iterator<Item = Timestamp>) -> usize {
    let Some(first) = moments.next() else { return 0 };
    if moments.all(|moment| same_day(first, moment, &TimeZone::UTC)) { 1 } else { 2 }
}

/// `21:48 and 21:53`, or with days, as in `25 Jan 23:58 and 26 Jan 00:03`.
pub(crate) fn between(from: Timestamp, until: Timestamp) -> String {
    let utc = TimeZone::UTC;
    if same_day(from, until, &utc) {
        format!("{} and {}", clock(from, &utc), clock(until, &utc))
    } else {
        format!("{} and {}", short(from), short(until))
    }
}

/// `25 January 2022, 21:53 to 23:40`, or `25 January 2022, 21:53 to 26 January 2022, 03:40`.
pub(crate) fn period(from: Timestamp, until: Timestamp, zone: &TimeZone) -> String {
    let begin = format!("{}, {}", date(from, zone), clock(from, zone));
    if same_day(from, until, zone) {
        format!("{begin} to {}", clock(until, zone))
    } else {
        format!("{begin} to {}, {}", date(until, zone), clock(until, zone))
    }
}

fn same_day(a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    civil(a, zone).map(DateTime::date) == civil(b, zone).map(DateTime::date)
}

/// `45 s`, `12 min`, `5 h 47 min`, `4 days 18 h`: at most two units, the rest cut off.
pub(crate) fn length(span: Span) -> String {
    let seconds = span.micros().max(0) / 1_000_000;
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let day_word = if days == 1 { "day" } else { "days" };
    match (days, hours, minutes, rest) {
        (0, 0, 0, 0) if span.micros() > 0 => "under 1 s".to_owned(),
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, 0, _, _) => format!("{d} {day_word}"),
        (d, h, _, _) => format!("{d} {day_word} {h} h"),
    }
}

fn month(number: i8) -> &'static str {
    match number {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

/// The first three letters.
pub(crate) fn short_month(number: i8) -> &'static str {
    month(number).get(..3).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_named_once() {
        let (from, until) = (at("2022-01-25T21:53Z"), at("2022-01-25T23:40:07Z"));
        assert_eq!(period(from, until, &TimeZone::UTC), "25 January 2022, 21:53 to 23:40:07");
        let there = zone("Asia/Pyongyang").unwrap();
        assert_eq!(period(from, until, &there), "26 January 2022, 06:53 to 08:40:07");
        let late = at("2022-01-26T03:40Z");
        assert_eq!(
            period(from, late, &TimeZone::UTC),
            "25 January 2022, 21:53 to 26 January 2022, 03:40"
        );
    }

    #[test]
    fn lengths_have_two_units_at_most() {
        for (seconds, words) in [
            (0, "0 s"),
            (-5, "0 s"),
            (45, "45 s"),
            (720, "12 min"),
            (725, "12 min 5 s"),
            (20_820, "5 h 47 min"),
            (86_400, "1 day"),
            (411_000, "4 days 18 h"),
        ] {
            assert_eq!(length(Span::from_seconds(seconds)), words);
        }
        assert_eq!(length(Span::from_micros(10)), "under 1 s");
    }

    #[test]
    fn beyond_the_calendar_nothing_breaks() {
        assert_eq!(date(Timestamp::MAX, &TimeZone::UTC), "after time");
        assert_eq!(clock(Timestamp::MIN, &TimeZone::UTC), "before time");
        assert!(zone("No/Where").is_none());
    }
}
