//! Times as people typed them into the table: `Thursday, June 25, 2020, 3:40:00 AM`,
//! `6/4/2020  20:50:00 PM`, `Saturday June 2, 2018, 8:00 AM`. All are UTC.

use falter_model::{Span, Timestamp};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The moment that a text names; `None` where it names none. The weekday is not read: it is wrong more
/// often than the date.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let mut month = None;
    let mut numbers = Vec::new();
    let mut clock = None;
    let mut meridiem = None;
    for word in text.split([' ', ',', '/', '\t', '\u{a0}']).filter(|word| !word.is_empty()) {
        let lower = word.to_lowercase();
        if word.contains(':') {
            clock = Some(word);
        } else if let Some(index) = MONTHS.iter().position(|name| *name == lower) {
            month = Some(i8::try_from(index).ok()? + 1);
        } else if lower == "am" || lower == "pm" {
            meridiem = Some(lower);
        } else if let Ok(number) = word.parse::<i16>() {
            numbers.push(number);
        }
    }
    let (month, day, year) = match (month, numbers.as_slice()) {
        (Some(month), [day, year]) => (month, *day, *year),
        (None, [month, day, year]) => (i8::try_from(*month).ok()?, *day, *year),
        _ => return None,
    };
    let date = jiff::civil::Date::new(year, month, i8::try_from(day).ok()?).ok()?;
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_second();
    let seconds = seconds_of_day(clock?, meridiem.as_deref())?;
    Some(Timestamp::from_seconds(midnight) + Span::from_seconds(seconds))
}

/// Hours over 12 are on a clock of 24 hours, whatever stands behind them.
fn seconds_of_day(clock: &str, meridiem: Option<&str>) -> Option<i64> {
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let hour = match meridiem {
        Some("pm") if hour < 12 => hour + 12,
        Some("am") if hour == 12 => 0,
        _ => hour,
    };
    let in_range =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    in_range.then_some(hour * 3600 + minute * 60 + second)
}

/// How finely a time was read off a chart: to ten minutes, to five, or to one.
pub(super) fn grain(at: Timestamp) -> Span {
    let minute = at.seconds().div_euclid(60);
    if minute % 10 == 0 {
        Span::from_minutes(10)
    } else if minute % 5 == 0 {
        Span::from_minutes(5)
    } else {
        Span::from_minutes(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(moment(text).map(|at| at.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn times_are_read_as_people_typed_them() {
        check("Thursday, June 25, 2020, 3:40:00 AM", Some("2020-06-25T03:40:00Z"));
        check("6/4/2020  20:50:00 PM", Some("2020-06-04T20:50:00Z"));
        check("4/14/2020  22:0:00 PM", Some("2020-04-14T22:00:00Z"));
        check("Saturday June 2, 2018, 8:00 AM", Some("2018-06-02T08:00:00Z"));
        check("Thursday, February 27, 2020, 12:00:00 AM", Some("2020-02-27T00:00:00Z"));
        check("Tuesday, June 30, 2020, 12:30:00 PM", Some("2020-06-30T12:30:00Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "soon", "June 2020", "June 31, 2020, 3:00 AM", "6/4/2020", "6/4/2020 25:00"]
        {
            check(text, None);
        }
    }
}
