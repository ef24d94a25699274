//! Detector for what is better the less there is of it: packet loss, round trips, failures.
//!
//! It tells degradation, not loss: at least ten points more packets lost than usual, or a round
//! trip of at least twice the usual (docs/method.md, "States").

use falter_model::{Timestamp, Unit};

use crate::detector::{Call, Detector, Loss, Sample, Standing};
use crate::history::{History, Summary};
use crate::tail::sigmas_of_three;

/// More points of loss than usual (docs/method.md, "States").
const MORE_LOSS: f64 = 0.10;
/// Times the usual round trip, or the usual number of failures (docs/method.md, "States").
const TIMES: f64 = 2.0;
/// A round trip that is less than this longer, in microseconds, is the machine's doing, not the
/// network's: what a busy scheduler adds. Expert.
const LEAST_LONGER_US: f64 = 1_000.0;
/// Under a day of history all margins are this much wider, as those of the other detectors.
const UNSEASONED: f64 = 2.0;
/// Losses come in bursts: variance over the binomial. Expert.
const OVERDISPERSION: f64 = 3.0;
/// Quiet packets that are remembered in judging how sure the usual loss is, at most.
const MOST_REMEMBERED: f64 = 200.0;
/// Occurrences over the usual that are too few to mean anything.
const FEW_EVENTS: f64 = 5.0;

/// See the module.
#[derive(Debug)]
pub(crate) struct Badness {
    history: History,
    unit: Unit,
    /// Packets sent in quiet times.
    asked: f64,
    n: f64,
}

impl Badness {
    /// A detector of values in `unit`.
    pub(crate) fn new(unit: Unit) -> Self {
        Self { history: History::default(), unit, asked: 0.0, n: 1.0 }
    }

    /// How much more than usual is degradation. To go on it takes half as much, and no less of what
    /// noise alone must not reach: that is enough only if every one of three steps reaches it.
    fn margin(&self, summary: &Summary, sample: &Sample, standing: Standing) -> f64 {
        let part = match standing {
            Standing::Up => 1.0,
            Standing::Out => 0.5,
        };
        let usual = summary.baseline;
        let widened = if summary.seasoned { 1.0 } else { UNSEASONED };
        // Alone it must last three steps to be told (docs/method.md, "States").
        let z = sigmas_of_three(sample.distance);
        match self.unit {
            Unit::Share => {
                let n = sample.n.unwrap_or(1.0).max(1.0);
                // Laplace's rule keeps the chance of what never happened above zero.
                let remembered = self.asked.clamp(1.0, MOST_REMEMBERED);
                let p = (usual.clamp(0.0, 1.0) * remembered + 1.0) / (remembered + 2.0);
                let binomial = libm::sqrt(OVERDISPERSION * p * (1.0 - p) / n);
                // All packets lost is always enough, however few were sent.
                let margin = widened * (part * MORE_LOSS).max(z * binomial.max(summary.sigma));
                margin.min((1.0 - usual).max(part * MORE_LOSS))
            }
            Unit::Events => {
                let more = part * (usual * (TIMES - 1.0)).max(FEW_EVENTS);
                widened * more.max(z * summary.sigma)
            }
            Unit::Microseconds => {
                let longer = (part * usual * (TIMES - 1.0)).max(z * summary.sigma);
                (widened * longer).max(part * LEAST_LONGER_US)
            }
            _ => widened * (part * usual * (TIMES - 1.0)).max(z * summary.sigma),
        }
    }
}

impl Detector for Badness {
    fn rule(&self) -> &'static str {
        "badness"
    }

    fn judge(&mut self, sample: &Sample, standing: Standing) -> Call {
        self.n = sample.n.unwrap_or(1.0).max(1.0);
        let Some(summary) = self.history.summary() else { return Call::Unknown };
        let more = sample.value - summary.baseline;
        let margin = self.margin(&summary, sample, standing);
        if more < margin || more <= 0.0 {
            return Call::Good;
        }
        Call::Bad(Loss { share: 0.0, of: None })
    }

    fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64) {
        self.asked += self.n;
        self.history.learn(from, until, value);
    }

    fn settle(&mut self) {
        self.history.clear();
    }
}

#[cfg(test)]
mod tests {
    use falter_model::Span;

    use super::*;

    fn alerts(unit: Unit, usual: f64, now: f64, n: Option<f64>) -> bool {
        let mut badness = Badness::new(unit);
        let start = Timestamp::EPOCH;
        for hour in 0..48 {
            let at = start + Span::from_hours(hour);
            badness.n = n.unwrap_or(1.0);
            badness.learn(at, at + Span::from_hours(1), usual);
        }
        let sample = Sample { at: start, value: now, n, distance: Span::from_minutes(5) };
        matches!(badness.judge(&sample, Standing::Up), Call::Bad(_))
    }

    #[test]
    fn ten_points_of_loss_over_many_packets() {
        assert!(alerts(Unit::Share, 0.01, 0.12, Some(10_000.0)));
        assert!(!alerts(Unit::Share, 0.01, 0.09, Some(10_000.0)));
    }

    #[test]
    fn of_few_packets_it_takes_more() {
        assert!(!alerts(Unit::Share, 0.01, 0.15, Some(10.0)));
        assert!(alerts(Unit::Share, 0.01, 0.9, Some(10.0)));
        assert!(alerts(Unit::Share, 0.01, 1.0, Some(1.0)));
    }

    #[test]
    fn a_doubled_round_trip() {
        assert!(alerts(Unit::Microseconds, 30_000.0, 60_100.0, None));
        assert!(!alerts(Unit::Microseconds, 30_000.0, 50_000.0, None));
    }

    #[test]
    fn less_than_a_millisecond_is_the_machine() {
        assert!(!alerts(Unit::Microseconds, 300.0, 1_200.0, None));
        assert!(alerts(Unit::Microseconds, 300.0, 1_301.0, None));
    }

    #[test]
    fn who_knows_an_hour_only_takes_more_to_be_sure() {
        let mut badness = Badness::new(Unit::Microseconds);
        let start = Timestamp::EPOCH;
        badness.learn(start, start + Span::from_hours(1), 30_000.0);
        let mut is_bad = |value: f64| {
            let distance = Span::from_minutes(1);
            let sample = Sample { at: start, value, n: Some(2.0), distance };
            matches!(badness.judge(&sample, Standing::Up), Call::Bad(_))
        };
        assert!(!is_bad(80_000.0));
        assert!(is_bad(91_000.0));
    }
}
