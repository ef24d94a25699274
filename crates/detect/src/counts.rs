//! Detector for counts that are nearly free of noise: visible blocks, prefixes, table entries.
//!
//! The baseline is the robust median of a day and of seven (docs/method.md, "Detectors"). A loss is an
//! alert when it is more than noise, more than churn, and more than the smallest loss that makes an
//! outage. Of up to 20 units, one is enough.

use falter_model::{Basis, Timestamp};

use crate::detector::{Call, Detector, Loss, Sample, Standing};
use crate::history::{History, Summary};
use crate::tail::sigmas;

/// The smallest lost share that makes an outage (docs/method.md, "States": partial from 0.05).
const SMALLEST_LOSS: f64 = 0.05;
/// The smallest lost share of counts that grow with the number of observers. Table entries are
/// prefixes times peers: when a collector loses peers, all networks lose entries. Measured: on 18
/// August 2020 the entries of each of ten British ASes fell by 8 to 12 % while four of 1,108
/// prefixes went (RouteViews, GB-2020-08).
const SMALLEST_LOSS_OF_ENTRIES: f64 = 0.15;
/// Noise is thought to be at least this share of the baseline (docs/method.md, "Detectors").
const LEAST_SIGMA: f64 = 0.005;
/// Up to this many units, one lost is an alert (docs/method.md, "Detectors").
const FEW: f64 = 20.0;
/// Shares times `n` round: a hair below a margin is the margin.
const ROUNDING: f64 = 1e-6;
/// Under a day of history all margins are this much wider.
const UNSEASONED: f64 = 2.0;

/// See the module.
#[derive(Debug)]
pub(crate) struct Counts {
    history: History,
    smallest_loss: f64,
    /// Values are shares of `n`. Decided by the values: none over 1 was seen.
    form: Form,
    /// Units of the last sample: what a share was a share of.
    units: f64,
}

/// How a count is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As the number of units that are up.
    Units,
    /// As their share of `n`.
    ShareOfN,
}

impl Counts {
    /// A detector of losses of `basis`.
    pub(crate) fn new(basis: Basis) -> Self {
        let smallest_loss = match basis {
            Basis::Hosts | Basis::Blocks | Basis::Prefixes => SMALLEST_LOSS,
            Basis::RibEntries | Basis::Other => SMALLEST_LOSS_OF_ENTRIES,
        };
        Self { history: History::default(), smallest_loss, form: Form::ShareOfN, units: 1.0 }
    }

    /// A detector of the share of observers that see something: it is gone for them once half of
    /// those that saw it see it no more (docs/method.md, "Routes": visible is what more than half of the
    /// peers carry).
    pub(crate) fn of_observers() -> Self {
        Self { smallest_loss: 0.5, ..Self::new(Basis::Other) }
    }

    /// The value that it learned last.
    pub(crate) fn last(&self) -> Option<f64> {
        self.history.last()
    }

    /// The units that are up. 3 of 4 may be written as `3` or as `0.75` with `n = 4`; the first
    /// value over 1 shows which, and what was read as a share before is forgotten.
    fn up(&mut self, sample: &Sample) -> f64 {
        let n = sample.n.filter(|n| *n > 1.0);
        if self.form == Form::ShareOfN && (n.is_none() || sample.value > 1.0) {
            self.form = Form::Units;
            self.history.clear();
        }
        self.units = match self.form {
            Form::Units => 1.0,
            Form::ShareOfN => n.unwrap_or(1.0),
        };
        sample.value * self.units
    }

    /// Units that must be lost for an alert.
    fn margin(&self, summary: &Summary, sample: &Sample) -> f64 {
        let baseline = summary.baseline;
        let noise = sigmas(sample.distance)
            * summary.sigma.max(if baseline > FEW { LEAST_SIGMA * baseline } else { 0.0 });
        // Were each unit away one hundredth of the time by itself, the square root of their number
        // would be ten standard deviations of how many are away at once.
        let churn = if baseline > FEW { libm::sqrt(baseline) } else { 0.0 };
        let widened = if summary.seasoned { 1.0 } else { UNSEASONED } * noise.max(churn);
        widened.max(self.smallest_loss * baseline).max(1.0)
    }
}

impl Detector for Counts {
    fn rule(&self) -> &'static str {
        "counts"
    }

    fn judge(&mut self, sample: &Sample, standing: Standing) -> Call {
        let up = self.up(sample);
        if self.history.is_topped_by(up) {
            return Call::Good;
        }
        let Some(summary) = self.history.summary() else { return Call::Unknown };
        let baseline = summary.baseline;
        if baseline < 1.0 {
            // Nothing there that could be lost.
            return Call::Good;
        }
        // Cheap first, since nearly all values are as usual: no margin is smaller.
        let least = (self.smallest_loss * baseline).max(1.0) / 2.0;
        if baseline - up < least - ROUNDING {
            return Call::Good;
        }
        let margin = match standing {
            Standing::Up => self.margin(&summary, sample),
            // To have returned, half of what made the alert must be back; of few units, all.
            Standing::Out => self.margin(&summary, sample) / 2.0,
        };
        if baseline - up < margin - ROUNDING {
            return Call::Good;
        }
        Call::Bad(Loss { share: ((baseline - up) / baseline).clamp(0.0, 1.0), of: Some(baseline) })
    }

    fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64) {
        self.history.learn(from, until, value * self.units);
    }

    fn settle(&mut self) {
        self.history.clear();
    }
}

#[cfg(test)]
mod tests {
    use falter_model::Span;

    use super::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::EPOCH + Span::from_hours(n)
    }

    fn sample(value: f64, n: Option<f64>) -> Sample {
        Sample { at: hour(100), value, n, distance: Span::from_minutes(5) }
    }

    /// True where `now` is an alert after two days of `before`.
    fn alerts(basis: Basis, before: f64, now: f64) -> bool {
        let mut counts = Counts::new(basis);
        counts.judge(&sample(before, None), Standing::Up);
        counts.learn(hour(0), hour(48), before);
        matches!(counts.judge(&sample(now, None), Standing::Up), Call::Bad(_))
    }

    #[test]
    fn one_of_few_is_an_alert() {
        assert!(alerts(Basis::Prefixes, 1.0, 0.0));
        assert!(alerts(Basis::Prefixes, 4.0, 3.0));
        assert!(alerts(Basis::Prefixes, 20.0, 19.0));
        assert!(!alerts(Basis::Prefixes, 4.0, 4.0));
    }

    #[test]
    fn of_many_it_takes_more_than_churn() {
        assert!(!alerts(Basis::Prefixes, 100.0, 91.0));
        assert!(alerts(Basis::Prefixes, 100.0, 90.0));
        assert!(!alerts(Basis::Prefixes, 1000.0, 951.0));
        assert!(alerts(Basis::Prefixes, 1000.0, 949.0));
    }

    #[test]
    fn a_collector_that_loses_peers_is_no_outage() {
        assert!(!alerts(Basis::RibEntries, 122_913.0, 111_743.0));
        assert!(alerts(Basis::RibEntries, 122_913.0, 92_184.0));
    }

    #[test]
    fn a_share_with_n_is_the_count() {
        for (value, expected) in [(1.0, false), (0.75, true), (0.0, true)] {
            let mut counts = Counts::new(Basis::Prefixes);
            counts.judge(&sample(1.0, Some(4.0)), Standing::Up);
            counts.learn(hour(0), hour(48), 1.0);
            let call = counts.judge(&sample(value, Some(4.0)), Standing::Up);
            assert_eq!(matches!(call, Call::Bad(_)), expected, "{value}");
        }
    }

    #[test]
    fn the_first_value_over_one_shows_that_units_are_counted() {
        let mut counts = Counts::new(Basis::Prefixes);
        counts.judge(&sample(1.0, Some(4.0)), Standing::Up);
        counts.learn(hour(0), hour(48), 1.0);
        assert_eq!(counts.judge(&sample(4.0, Some(4.0)), Standing::Up), Call::Unknown);
        counts.learn(hour(48), hour(49), 4.0);
        let Call::Bad(loss) = counts.judge(&sample(1.0, Some(4.0)), Standing::Up) else {
            panic!("three of four are gone")
        };
        assert!((loss.share - 0.75).abs() < 1e-9);
    }

    #[test]
    fn an_outage_ends_when_half_of_the_margin_is_back() {
        let mut counts = Counts::new(Basis::Prefixes);
        counts.judge(&sample(1000.0, None), Standing::Up);
        counts.learn(hour(0), hour(48), 1000.0);
        assert_eq!(counts.judge(&sample(960.0, None), Standing::Up), Call::Good);
        assert!(matches!(counts.judge(&sample(960.0, None), Standing::Out), Call::Bad(_)));
        assert_eq!(counts.judge(&sample(980.0, None), Standing::Out), Call::Good);
    }
}
