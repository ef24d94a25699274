//! What a series was like while nothing was wrong: values with the time that each held.

use std::collections::VecDeque;

use falter_model::{Span, Timestamp};

use crate::median::{MAD_TO_SIGMA, median, median_distance};

/// The longer of the two windows that a baseline is taken from (docs/method.md, "Detectors").
const LONG: Span = Span::from_days(7);
/// The shorter one.
const SHORT: Span = Span::from_days(1);
/// A long history is summed up again no more often than this: a median over a day hardly moves in
/// less.
const SUMMED_UP_EVERY: Span = Span::from_hours(1);
/// A history of fewer runs is always summed up anew.
const SHORT_RUNS: usize = 64;

/// Values of quiet times of the last seven quiet days, as runs of equal values.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    runs: VecDeque<Run>,
    /// Quiet time learned, in all.
    learned: Span,
    summary: Option<(Span, Summary)>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    from: Timestamp,
    until: Timestamp,
    value: f64,
}

/// A history in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    /// The lower of the medians of a day and of seven: after a rise the old level is no loss.
    pub(crate) baseline: f64,
    /// Standard deviation over seven days, from the median distance.
    pub(crate) sigma: f64,
    /// The lowest and highest value of the last quiet day.
    pub(crate) range: (f64, f64),
    /// True once a whole day was learned.
    pub(crate) seasoned: bool,
}

impl History {
    /// Takes a value that held for `[from, until)` while nothing was wrong.
    pub(crate) fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64) {
        if until <= from {
            return;
        }
        self.learned = self.learned + (until - from);
        match self.runs.back_mut() {
            Some(run) if run.until == from && run.value.to_bits() == value.to_bits() => {
                run.until = until;
            }
            _ => self.runs.push_back(Run { from, until, value }),
        }
        // The window is counted back from the last quiet moment, not from now: an outage of a week
        // must not empty it.
        while self.runs.front().is_some_and(|run| run.until + LONG <= until) {
            self.runs.pop_front();
        }
    }

    /// The last value.
    pub(crate) fn last(&self) -> Option<f64> {
        self.runs.back().map(|run| run.value)
    }

    /// Forgets all: what came to stay is the new normal.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// True where `value` is no lower than anything that the baseline can be, which spares summing
    /// up: so it is of nearly all counts, nearly always. False says nothing.
    pub(crate) fn is_topped_by(&self, value: f64) -> bool {
        // A long history keeps its numbers for an hour from when they were asked for: there it must
        // be asked each time.
        let is_short = !self.runs.is_empty() && self.runs.len() + 1 < SHORT_RUNS;
        is_short && self.runs.iter().all(|run| run.value <= value)
    }

    /// The numbers as of now; `None` before the first value held for any time.
    pub(crate) fn summary(&mut self) -> Option<Summary> {
        let fresh = |learned: Span| {
            learned == self.learned
                || self.runs.len() >= SHORT_RUNS && self.learned - learned < SUMMED_UP_EVERY
        };
        if let Some((learned, summary)) = self.summary
            && fresh(learned)
        {
            return Some(summary);
        }
        let summary = self.sum_up()?;
        self.summary = Some((self.learned, summary));
        Some(summary)
    }

    fn sum_up(&self) -> Option<Summary> {
        let Run { until: last, value, .. } = *self.runs.back()?;
        if self.runs.iter().all(|run| run.value.to_bits() == value.to_bits()) {
            // As of nearly all counts, nearly always: what follows would say the same.
            let seasoned = self.learned >= SHORT;
            return Some(Summary { baseline: value, sigma: 0.0, range: (value, value), seasoned });
        }
        let mut long = self.weighted_since(last - LONG);
        let mut short = self.weighted_since(last - SHORT);
        let long_median = median(&mut long)?;
        let short_median = median(&mut short)?;
        let range =
            short.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (value, _)| {
                (low.min(*value), high.max(*value))
            });
        Some(Summary {
            baseline: long_median.min(short_median),
            sigma: MAD_TO_SIGMA * median_distance(&long, long_median),
            range,
            seasoned: self.learned >= SHORT,
        })
    }

    /// Values and the seconds that each held since `start`.
    fn weighted_since(&self, start: Timestamp) -> Vec<(f64, f64)> {
        self.runs
            .iter()
            .filter(|run| run.until > start)
            .map(|run| (run.value, (run.until - run.from.max(start)).as_seconds()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::EPOCH + Span::from_hours(n)
    }

    #[test]
    fn a_rise_does_not_make_the_old_level_a_loss() {
        let mut history = History::default();
        history.learn(hour(0), hour(120), 100.0);
        history.learn(hour(120), hour(150), 130.0);
        assert!((history.summary().unwrap().baseline - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_slow_fall_is_followed_within_a_day() {
        let mut history = History::default();
        history.learn(hour(0), hour(120), 100.0);
        history.learn(hour(120), hour(150), 96.0);
        assert!((history.summary().unwrap().baseline - 96.0).abs() < 1e-9);
    }

    #[test]
    fn a_long_outage_does_not_empty_the_window() {
        let mut history = History::default();
        history.learn(hour(0), hour(48), 100.0);
        history.learn(hour(48 + 24 * 20), hour(49 + 24 * 20), 100.0);
        let summary = history.summary().unwrap();
        assert!(summary.seasoned);
        assert!((summary.baseline - 100.0).abs() < 1e-9);
    }

    #[test]
    fn what_tops_the_history_tops_the_baseline() {
        let mut history = History::default();
        assert!(!history.is_topped_by(1.0));
        for (from, value) in [(0, 3.0), (24, 7.0), (30, 5.0)] {
            history.learn(hour(from), hour(from + 5), value);
        }
        assert!(history.is_topped_by(7.0));
        assert!(!history.is_topped_by(6.0));
        assert!(history.summary().unwrap().baseline <= 7.0);
    }

    #[test]
    fn no_value_no_summary() {
        let mut history = History::default();
        assert!(history.summary().is_none());
        history.learn(hour(1), hour(1), 5.0);
        assert!(history.summary().is_none());
    }
}
