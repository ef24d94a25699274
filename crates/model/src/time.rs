//! Time as the data tells it: microseconds since 1970 UTC, spans, steps and half-open bins.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Its text form is RFC 3339 with `Z`, with as many fractional digits as are needed (none, three or
/// six). On input the seconds may be missing (`2021-01-13T16:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// A length of time in microseconds; negative where a difference runs backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

/// The width of a bin; always at least one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(Span);

/// A slice of time `[from, from + step)`, aligned to the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bin {
    from: Timestamp,
    step: Step,
}

/// A text that is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an RFC 3339 time in UTC such as 2022-01-25T21:00:00Z, found {found:?}")]
pub struct TimeError {
    /// What stood there.
    pub found: Box<str>,
}

/// A bin must be at least one second wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a step must be at least one second, found {micros} microseconds")]
pub struct StepError {
    /// The width that was asked for.
    pub micros: i64,
}

const SECOND: i64 = 1_000_000;

impl Timestamp {
    /// The epoch, 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// Earlier than any observation.
    pub const MIN: Self = Self(i64::MIN / 4);
    /// Later than any observation.
    pub const MAX: Self = Self(i64::MAX / 4);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// The whole second that this moment lies in.
    #[must_use]
    pub const fn floor_second(self) -> Self {
        Self(self.0.div_euclid(SECOND).saturating_mul(SECOND))
    }

    /// The bin of the given step that this moment lies in.
    pub const fn bin(self, step: Step) -> Bin {
        let width = step.0.0;
        Bin { from: Self(self.0.div_euclid(width).saturating_mul(width)), step }
    }

    /// As `20210113T160000Z`: the form that stands in an outage's id.
    pub fn compact(self) -> String {
        let text = Self::from_seconds(self.seconds()).to_string();
        text.chars().filter(|c| *c != '-' && *c != ':').collect()
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    /// From whole minutes.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self::from_seconds(minutes.saturating_mul(60))
    }

    /// From whole hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_minutes(hours.saturating_mul(60))
    }

    /// From days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Self::from_hours(days.saturating_mul(24))
    }

    /// In microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// In seconds with their fraction.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// In hours with their fraction.
    pub fn as_hours(self) -> f64 {
        self.as_seconds() / 3600.0
    }

    /// This many times over.
    #[must_use]
    pub const fn times(self, factor: i64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// The n-th part of it; the whole where `n` is zero.
    #[must_use]
    pub const fn divided(self, n: i64) -> Self {
        if n == 0 { self } else { Self(self.0 / n) }
    }
}

impl Step {
    /// One second: the step of ticks.
    pub const SECOND: Self = Self(Span::from_seconds(1));
    /// Five minutes: the step of most public series.
    pub const FIVE_MINUTES: Self = Self(Span::from_minutes(5));

    /// A step of the given width; an error below one second.
    pub const fn new(width: Span) -> Result<Self, StepError> {
        if width.0 < SECOND { Err(StepError { micros: width.0 }) } else { Ok(Self(width)) }
    }

    /// The width of a bin.
    pub const fn width(self) -> Span {
        self.0
    }

    /// The width of a bin in whole seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.0 / SECOND
    }
}

impl Bin {
    /// The first moment of the bin.
    pub const fn from(self) -> Timestamp {
        self.from
    }

    /// The first moment after the bin.
    pub fn until(self) -> Timestamp {
        self.from + self.step.0
    }

    /// The width of the bin.
    pub const fn step(self) -> Step {
        self.step
    }

    /// The bin after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { from: self.until(), step: self.step }
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(time) = jiff::Timestamp::from_microsecond(self.0) else {
            return write!(f, "{}", if self.0 < 0 { "before time" } else { "after time" });
        };
        let civil = jiff::tz::TimeZone::UTC.to_datetime(time);
        let date = format_args!("{:04}-{:02}-{:02}", civil.year(), civil.month(), civil.day());
        write!(f, "{date}T{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())?;
        match self.0.rem_euclid(SECOND) {
            0 => {}
            micros if micros % 1000 == 0 => write!(f, ".{:03}", micros / 1000)?,
            micros => write!(f, ".{micros:06}")?,
        }
        f.write_str("Z")
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        // Jiff reads RFC 3339 and also times without seconds; anything finer than a microsecond is
        // cut off.
        text.parse::<jiff::Timestamp>()
            .map(|time| Self(time.as_microsecond()))
            .map_err(|_| TimeError { found: text.into() })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// As the largest unit that divides it: `180s`, `5min`, `2h`, `7d`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400 * SECOND, "d"), (3_600 * SECOND, "h"), (60 * SECOND, "min")];
        for (width, unit) in units {
            if self.0 != 0 && self.0 % width == 0 {
                return write!(f, "{}{unit}", self.0 / width);
            }
        }
        if self.0 % SECOND == 0 {
            write!(f, "{}s", self.0 / SECOND)
        } else if self.0 % 1000 == 0 {
            write!(f, "{}ms", self.0 / 1000)
        } else {
            write!(f, "{}us", self.0)
        }
    }
}

impl FromStr for Span {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let error = || TimeError { found: text.into() };
        let trimmed = text.trim();
        let digits = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let number: i64 = number.parse().map_err(|_| error())?;
        let width = match unit.trim() {
            "us" => 1,
            "ms" => 1000,
            "s" => SECOND,
            "m" | "min" => 60 * SECOND,
            "h" => 3_600 * SECOND,
            "d" => 86_400 * SECOND,
            _ => return Err(error()),
        };
        number.checked_mul(width).map(Self).ok_or_else(error)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format_args!(
                "expected a length of time such as 180s, 5min, 2h or 7d, found {text:?}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_may_be_missing_on_input() {
        let time: Timestamp = "2021-01-13T16:00Z".parse().unwrap();
        assert_eq!(time.to_string(), "2021-01-13T16:00:00Z");
        assert_eq!(time.compact(), "20210113T160000Z");
    }

    #[test]
    fn a_bin_before_the_epoch_is_aligned_too() {
        let bin = Timestamp::from_seconds(-1).bin(Step::FIVE_MINUTES);
        assert_eq!(bin.from(), Timestamp::from_seconds(-300));
        assert_eq!(bin.until(), Timestamp::EPOCH);
    }

    #[test]
    fn a_text_that_is_no_time_is_named() {
        let error = "yesterday".parse::<Timestamp>().unwrap_err();
        assert!(error.to_string().contains("yesterday"));
    }

    proptest! {
        #[test]
        fn times_survive_their_text_form(micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }

        #[test]
        fn spans_survive_their_text_form(micros in 0_i64..10_000_000_000_000) {
            let span = Span::from_micros(micros);
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
    }
}
