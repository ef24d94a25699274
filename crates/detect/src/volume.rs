//! Detector for amounts that breathe with day and week: darknet sources, traffic, imports.
//!
//! What is expected is the median of the same time of the week over four weeks and more, of the
//! same time of day before that, and of the last week where day and week explain nothing (docs/method.md,
//! "Volumes"). A level shift is located by cumulative sums (Page 1954): the alert begins where the
//! sum last left zero.

use std::collections::{BTreeMap, VecDeque};

use falter_model::{Span, Timestamp};

use crate::detector::{Call, Detector, Loss, Sample, Standing};
use crate::history::History;
use crate::median::{MAD_TO_SIGMA, median, median_distance};
use crate::tail::{sigmas, sure_log_odds};

/// The smallest lost share of an unknown unit that makes an outage: as for table entries, which may
/// come under any id.
const SMALLEST_LOSS: f64 = 0.15;
/// Noise is thought to be at least this share of what is expected.
const LEAST_SIGMA: f64 = 0.02;
/// Time of the week is told in slots of at least this width: a slot must collect a value a week.
const SLOT: Span = Span::from_minutes(30);
/// A slot keeps the values of this many weeks.
const WEEKS_KEPT: usize = 8;
/// A slot is trusted with this many weeks (docs/method.md, "Detectors").
const WEEKS_NEEDED: usize = 4;
/// The same time of day is trusted with this many days.
const DAYS_NEEDED: usize = 4;
/// Residuals kept to tell which expectation explains the series best, and how well.
const RESIDUALS_KEPT: usize = 512;
/// Residuals needed before an expectation is believed.
const RESIDUALS_NEEDED: usize = 4;
/// Until so long a time was learned, nobody knows what a weekend does.
const YOUNG: Span = Span::from_days(8);
/// No weekend takes away more than this. Expert: the deepest weekends of access networks are a third
/// below their working days.
const DEEPEST_WEEKEND: f64 = 0.5;
/// A weekend takes away at most this many times what the swing of a day does.
const WEEKEND_OVER_DAY: f64 = 5.0;
/// Days whose lowest quiet value is remembered.
const LOWS_KEPT: usize = 28;
/// A loss must be this much deeper than the deepest quiet value of those days.
const DEEPER_THAN_QUIET: f64 = 1.25;
/// Drift of the cumulative sum, in standard deviations: shifts of twice that are found fastest.
const DRIFT: f64 = 1.0;
/// One value adds at most this many standard deviations to the sum: no single value decides by it.
const MOST_SIGMAS: f64 = 4.0;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Volume {
    flat: History,
    /// Quiet time learned, in all.
    learned: Span,
    by_slot: BTreeMap<i64, VecDeque<f64>>,
    week: Forecaster,
    day: Forecaster,
    level: Forecaster,
    /// Cumulative sum of how far values lie below what was expected.
    sum: f64,
}

/// How well one kind of expectation did: relative residuals of quiet times.
#[derive(Debug, Default)]
struct Forecaster {
    residuals: VecDeque<f64>,
    sigma: Option<f64>,
    /// By day, how far the lowest quiet value lay below what was expected.
    lows: VecDeque<(i64, f64)>,
}

/// What is expected.
#[derive(Debug, Clone, Copy)]
struct Expectation {
    value: f64,
    /// Relative to `value`.
    sigma: f64,
    /// How far quiet values may lie below it, relative to `value`.
    deepest: f64,
}

impl Forecaster {
    fn learn(&mut self, at: Timestamp, expected: Option<f64>, value: f64) {
        let Some(expected) = expected.filter(|expected| *expected > 0.0) else { return };
        if self.residuals.len() == RESIDUALS_KEPT {
            self.residuals.pop_front();
        }
        let residual = (value - expected) / expected;
        self.residuals.push_back(residual);
        self.sigma = None;
        let day = at.seconds().div_euclid(86_400);
        match self.lows.back_mut() {
            Some((last, low)) if *last == day => *low = low.max(-residual),
            _ => self.lows.push_back((day, -residual)),
        }
        if self.lows.len() > LOWS_KEPT {
            self.lows.pop_front();
        }
    }

    fn deepest(&self) -> f64 {
        self.lows.iter().map(|(_, low)| *low).fold(0.0, f64::max)
    }

    /// Relative standard deviation; `None` until it was tried often enough.
    fn sigma(&mut self) -> Option<f64> {
        if self.residuals.len() < RESIDUALS_NEEDED {
            return None;
        }
        if self.sigma.is_none() {
            let weighted: Vec<(f64, f64)> = self.residuals.iter().map(|r| (*r, 1.0)).collect();
            self.sigma = Some((MAD_TO_SIGMA * median_distance(&weighted, 0.0)).max(LEAST_SIGMA));
        }
        self.sigma
    }
}

impl Volume {
    /// The best that can be expected of `at`; `None` while nothing was tried often enough.
    fn expect(&mut self, at: Timestamp) -> Option<Expectation> {
        let candidates = [
            (self.same_time_of_week(at), self.week.sigma(), self.week.deepest()),
            (self.same_time_of_day(at), self.day.sigma(), self.day.deepest()),
            (self.usual_level(), self.level.sigma(), self.level.deepest()),
        ];
        let mut best: Option<Expectation> = None;
        for (value, sigma, deepest) in candidates {
            let (Some(value), Some(sigma)) = (value, sigma) else { continue };
            // In the order of how much each asks for: a later one must explain clearly better.
            if best.is_none_or(|best| sigma < 0.8 * best.sigma) {
                best = Some(Expectation { value, sigma, deepest });
            }
        }
        best
    }

    fn same_time_of_week(&self, at: Timestamp) -> Option<f64> {
        let values = self.by_slot.get(&slot(at))?;
        let mut weighted: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
        if weighted.len() < WEEKS_NEEDED { None } else { median(&mut weighted) }
    }

    fn same_time_of_day(&self, at: Timestamp) -> Option<f64> {
        let day = Span::from_days(1);
        let mut weighted = Vec::new();
        for days in 0..7 {
            let Some(values) = self.by_slot.get(&slot(at - day.times(days))) else { continue };
            weighted.extend(values.back().map(|value| (*value, 1.0)));
        }
        if weighted.len() < DAYS_NEEDED { None } else { median(&mut weighted) }
    }

    /// What the first weekend may take away.
    fn unknown_weekend(&mut self) -> f64 {
        if self.learned >= YOUNG {
            return 0.0;
        }
        let swing = self.flat.summary().map_or(1.0, |summary| {
            let (low, high) = summary.range;
            if high > 0.0 { (high - low) / high } else { 1.0 }
        });
        (WEEKEND_OVER_DAY * swing).min(DEEPEST_WEEKEND)
    }

    fn usual_level(&mut self) -> Option<f64> {
        self.flat.summary().filter(|summary| summary.seasoned).map(|summary| summary.baseline)
    }
}

impl Detector for Volume {
    fn rule(&self) -> &'static str {
        "volume"
    }

    fn judge(&mut self, sample: &Sample, standing: Standing) -> Call {
        let Some(expected) = self.expect(sample.at) else { return Call::Unknown };
        if expected.value <= 0.0 {
            return Call::Good;
        }
        let missing = (expected.value - sample.value) / expected.value;
        let loss = Loss { share: missing.clamp(0.0, 1.0), of: None };
        let floor = self.unknown_weekend().max(DEEPER_THAN_QUIET * expected.deepest);
        let floor = floor.max(SMALLEST_LOSS);
        let alone = (sigmas(sample.distance) * expected.sigma).max(floor);
        if standing == Standing::Out {
            self.sum = 0.0;
            let back = missing < (alone / 2.0).min(0.5);
            return if back { Call::Good } else { Call::Bad(loss) };
        }
        let below = (missing / expected.sigma).min(MOST_SIGMAS);
        self.sum = (self.sum + below - DRIFT).max(0.0);
        // The log-odds of a shift by twice the drift are twice the drift times the sum.
        let enough = sure_log_odds(sample.distance) / (2.0 * DRIFT);
        if missing >= alone || self.sum >= enough && missing >= floor {
            self.sum = 0.0;
            Call::Bad(loss)
        } else if self.sum > 0.0 && missing >= floor {
            Call::Suspect(loss)
        } else {
            Call::Good
        }
    }

    fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64) {
        let (week, day) = (self.same_time_of_week(from), self.same_time_of_day(from));
        let level = self.usual_level();
        self.week.learn(from, week, value);
        self.day.learn(from, day, value);
        self.level.learn(from, level, value);
        self.learned = self.learned + (until - from);
        self.flat.learn(from, until, value);
        let values = self.by_slot.entry(slot(from)).or_default();
        if values.len() == WEEKS_KEPT {
            values.pop_front();
        }
        values.push_back(value);
    }

    fn settle(&mut self) {
        *self = Self::default();
    }
}

/// The slot of the week that a moment lies in. The epoch was a Thursday: only equality matters.
fn slot(at: Timestamp) -> i64 {
    at.micros().rem_euclid(Span::from_days(7).micros()) / SLOT.micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day that swings by four, with a quiet weekend, and a little noise of its own.
    fn traffic(at: Timestamp) -> f64 {
        let hours = at.micros() as f64 / 3.6e9;
        let day = 1.0 + 0.6 * libm::sin(hours / 24.0 * std::f64::consts::TAU);
        let weekend = if (at.seconds() / 86_400) % 7 >= 5 { 0.7 } else { 1.0 };
        let noise = 1.0 + 0.03 * libm::sin(hours * 7.3) * libm::cos(hours * 3.1);
        1000.0 * day * weekend * noise
    }

    /// Judges `days` of traffic, of which `factor` is left in `[bad_from, bad_until)` hours; gives
    /// the hours of bad calls.
    fn bad_hours(days: i64, factor: f64, bad: std::ops::Range<i64>) -> Vec<i64> {
        let mut volume = Volume::default();
        let hour = Span::from_hours(1);
        let mut standing = Standing::Up;
        let mut found = Vec::new();
        for h in 0..days * 24 {
            let at = Timestamp::EPOCH + hour.times(h);
            let value = traffic(at) * if bad.contains(&h) { factor } else { 1.0 };
            let sample = Sample { at, value, n: None, distance: hour };
            match volume.judge(&sample, standing) {
                Call::Bad(_) => {
                    standing = Standing::Out;
                    found.push(h);
                }
                Call::Suspect(_) => {}
                Call::Unknown | Call::Good => {
                    standing = Standing::Up;
                    volume.learn(at, at + hour, value);
                }
            }
        }
        found
    }

    #[test]
    fn six_quiet_weeks_are_quiet() {
        assert_eq!(bad_hours(42, 1.0, 0..0), Vec::<i64>::new());
    }

    #[test]
    fn half_of_the_traffic_gone_is_found_at_any_time_of_day() {
        for start in [36 * 24 + 3, 36 * 24 + 9, 36 * 24 + 18] {
            let found = bad_hours(42, 0.5, start..start + 5);
            assert_eq!(found.first().copied(), Some(start));
            assert_eq!(found.last().copied(), Some(start + 4));
        }
    }

    #[test]
    fn a_small_shift_is_found_by_adding_up() {
        let start = 36 * 24;
        let found = bad_hours(42, 0.8, start..start + 24);
        assert!(!found.is_empty());
        assert!(found.iter().all(|h| (start..start + 24).contains(h)), "{found:?}");
    }
}
