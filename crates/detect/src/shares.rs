//! Detector for shares that answered: names, sites, and hosts where only their share is known.
//!
//! The noise is binomial or worse, since what is asked shares paths, limits and machines. Of few,
//! no single value proves anything: a sequential test (Wald 1945, as the cumulative sum of Page
//! 1954) adds up the evidence that half or all of it is gone.

use falter_model::{Span, Timestamp};

use crate::detector::{Call, Detector, Loss, Sample, Standing};
use crate::history::History;
use crate::tail::{sigmas, sure_log_odds};

/// The smallest lost share that makes an outage (docs/method.md, "States").
const SMALLEST_LOSS: f64 = 0.05;
/// Variance over the binomial: what is asked shares paths and machines, so of `n` about half bear
/// independent witness. Expert; the reachability filter, which knows its targets, does better.
const OVERDISPERSION: f64 = 2.0;
/// One value's log-odds are capped here (docs/method.md, "Reachability"), so that no single bin decides.
const MOST_LOG_ODDS: f64 = 5.0;
/// What still answers of a network that is gone: caches, other paths, false replies.
const REMAINDER: f64 = 0.02;
/// Quiet answers that are remembered in judging how sure the usual share is, at most.
const MOST_REMEMBERED: f64 = 200.0;
/// Under a day of history all margins are this much wider.
const UNSEASONED: f64 = 2.0;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    history: History,
    /// Questions asked in quiet times.
    asked: f64,
    n: f64,
    /// Log-odds that half, and that all of it is gone.
    evidence: [f64; 2],
}

impl Shares {
    /// Adds a value's evidence and tells the stronger of the two sums.
    fn add_evidence(&mut self, value: f64, n: f64, usual: f64) -> f64 {
        let answered = (value * n).clamp(0.0, n);
        // Laplace's rule keeps the chance that what never failed fails above zero.
        let remembered = self.asked.clamp(1.0, MOST_REMEMBERED);
        let p = (usual.min(1.0) * remembered + 1.0) / (remembered + 2.0);
        let [half, all] = &mut self.evidence;
        for (sum, alternative) in [(half, p / 2.0), (all, p * REMAINDER)] {
            let log_odds = answered * libm::log(alternative / p)
                + (n - answered) * libm::log((1.0 - alternative) / (1.0 - p));
            let capped = (log_odds / OVERDISPERSION).clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS);
            *sum = (*sum + capped).max(0.0);
        }
        self.evidence.iter().copied().fold(0.0, f64::max)
    }
}

/// Share that noise may take away.
fn noise_of(n: f64, usual: f64, sigma: f64, distance: Span) -> f64 {
    let p = (usual.min(1.0) * n + 1.0) / (n + 2.0);
    let binomial = libm::sqrt(OVERDISPERSION * p * (1.0 - p) / n);
    sigmas(distance) * binomial.max(sigma)
}

impl Detector for Shares {
    fn rule(&self) -> &'static str {
        "shares"
    }

    fn judge(&mut self, sample: &Sample, standing: Standing) -> Call {
        let Some(summary) = self.history.summary() else { return Call::Unknown };
        let usual = summary.baseline;
        self.n = sample.n.unwrap_or(1.0).max(1.0);
        if usual <= 0.0 {
            return Call::Good;
        }
        let widened = if summary.seasoned { 1.0 } else { UNSEASONED };
        let noise = widened * noise_of(self.n, usual, summary.sigma, sample.distance);
        let margin = noise.max(SMALLEST_LOSS * usual);
        let missing = usual - sample.value;
        let loss = Loss { share: (missing / usual).clamp(0.0, 1.0), of: sample.n };
        if standing == Standing::Out {
            self.evidence = [0.0; 2];
            let back = missing < (margin / 2.0).min(usual / 2.0);
            return if back { Call::Good } else { Call::Bad(loss) };
        }
        let evidence = self.add_evidence(sample.value, self.n, usual);
        // A short history does not show how deep a share may dip. That none answers at all, time after
        // time, it does: how little was asked before is in the evidence, by Laplace's rule.
        let widened = if sample.value > 0.0 { widened } else { 1.0 };
        if missing >= margin || evidence >= widened * sure_log_odds(sample.distance) {
            Call::Bad(loss)
        } else if evidence > 0.0 {
            Call::Suspect(loss)
        } else {
            Call::Good
        }
    }

    fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64) {
        self.asked += self.n;
        self.history.learn(from, until, value);
    }

    fn settle(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bins of silence it takes after `days` in which `usual` of `n` answered.
    fn bins_until_told(n: f64, usual: f64, days: i64) -> Option<usize> {
        let mut shares = Shares::default();
        let step = Span::from_minutes(5);
        let sample = |value| Sample { at: Timestamp::EPOCH, value, n: Some(n), distance: step };
        let mut at = Timestamp::EPOCH;
        while at < Timestamp::EPOCH + Span::from_days(days) {
            shares.judge(&sample(usual), Standing::Up);
            shares.learn(at, at + step, usual);
            at = at + step;
        }
        (1..=24).find(|_| matches!(shares.judge(&sample(0.0), Standing::Up), Call::Bad(_)))
    }

    #[test]
    fn silence_of_many_is_told_at_once() {
        assert_eq!(bins_until_told(200.0, 0.9, 2), Some(1));
    }

    #[test]
    fn silence_of_one_takes_several_bins() {
        let bins = bins_until_told(1.0, 1.0, 2).unwrap();
        assert!((3..=12).contains(&bins), "{bins}");
    }

    #[test]
    fn that_nobody_answers_is_told_after_ten_minutes_of_history() {
        let mut shares = Shares::default();
        let minute = |n: i64| Timestamp::EPOCH + Span::from_minutes(n);
        let sample = |n, value| Sample {
            at: minute(n),
            value,
            n: Some(2.0),
            distance: Span::from_minutes(1),
        };
        for n in 0..10 {
            shares.judge(&sample(n, 1.0), Standing::Up);
            shares.learn(minute(n), minute(n + 1), 1.0);
        }
        let told =
            (10..20).find(|n| matches!(shares.judge(&sample(*n, 0.0), Standing::Up), Call::Bad(_)));
        assert!(told.is_some_and(|told| told >= 13), "{told:?}");
    }

    #[test]
    fn one_that_often_fails_takes_longer() {
        assert!(bins_until_told(1.0, 0.6, 2).is_none_or(|bins| bins > 12));
    }
}
