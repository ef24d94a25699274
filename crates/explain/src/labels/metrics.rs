//! How good probabilities are: Brier score, log score, calibration error and what it would be by chance.

use falter_model::Cause;

/// Bins of the calibration error, of equal mass (docs/method.md).
const BINS: usize = 5;

/// Simulated data sets for the bar.
const ROUNDS: usize = 2000;

/// The bar is this quantile of the simulated errors.
const QUANTILE: f64 = 0.95;

/// Any seed will do; it must be the same each time.
const SEED: u64 = 0x00fa_17e5_0000_0001;

/// A probability is taken to be at least this, so that one confident mistake is not infinite: half of
/// the fourth decimal.
const LEAST: f64 = 0.000_05;

/// Probabilities of the six and the true one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forecast {
    pub(super) probabilities: [f64; 6],
    pub(super) truth: Cause,
}

impl Forecast {
    fn of_truth(&self) -> f64 {
        self.probabilities.get(self.truth.index()).copied().unwrap_or(0.0)
    }

    /// Most probable cause (the earlier where equal) and its probability.
    pub(super) fn top(&self) -> (Cause, f64) {
        Cause::ALL
            .into_iter()
            .zip(self.probabilities)
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .unwrap_or((Cause::Overload, 0.0))
    }

    pub(super) fn is_right(&self) -> bool {
        self.top().0 == self.truth
    }
}

/// Mean of squared differences, summed over the six causes: 0 is perfect, 2 always surely wrong.
pub(super) fn brier(forecasts: &[Forecast]) -> f64 {
    mean(forecasts.iter().map(|forecast| {
        Cause::ALL
            .into_iter()
            .zip(forecast.probabilities)
            .map(|(cause, p)| {
                let truth = if cause == forecast.truth { 1.0 } else { 0.0 };
                (p - truth) * (p - truth)
            })
            .sum()
    }))
}

/// Mean of minus the logarithm of what the truth was given.
pub(super) fn log_score(forecasts: &[Forecast]) -> f64 {
    mean(forecasts.iter().map(|forecast| -libm::log(forecast.of_truth().max(LEAST))))
}

/// Expected calibration error of the top label over bins of equal mass.
pub(super) fn calibration_error(forecasts: &[Forecast]) -> f64 {
    let mut tops: Vec<(f64, bool)> =
        forecasts.iter().map(|forecast| (forecast.top().1, forecast.is_right())).collect();
    // Rows of one probability must not be told apart by their order in the file.
    tops.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    error_of_sorted(&tops)
}

/// The error that a perfectly calibrated model with the same probabilities stays under 95 times of 100.
pub(super) fn calibration_bar(forecasts: &[Forecast]) -> f64 {
    let mut tops: Vec<f64> = forecasts.iter().map(|forecast| forecast.top().1).collect();
    tops.sort_by(f64::total_cmp);
    let mut random = SplitMix(SEED);
    let mut errors: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let mut drawn: Vec<(f64, bool)> =
                tops.iter().map(|p| (*p, random.uniform() < *p)).collect();
            drawn.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            error_of_sorted(&drawn)
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quantile of a few thousand is a small positive number"
    )]
    let index = (QUANTILE * ROUNDS as f64) as usize;
    errors.get(index).copied().unwrap_or(0.0)
}

fn error_of_sorted(tops: &[(f64, bool)]) -> f64 {
    let n = tops.len();
    let mut error = 0.0;
    for bin in 0..BINS {
        let slice = tops.get(bin * n / BINS..(bin + 1) * n / BINS).unwrap_or_default();
        let confidence: f64 = slice.iter().map(|(p, _)| p).sum();
        let right = slice.iter().filter(|(_, right)| *right).count() as f64;
        error += (confidence - right).abs();
    }
    if n == 0 { 0.0 } else { error / n as f64 }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    if n == 0 { 0.0 } else { sum / f64::from(n) }
}

/// `SplitMix64` (Steele, Lea, Flood, 2014): small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(probabilities: [f64; 6], truth: Cause) -> Forecast {
        Forecast { probabilities, truth }
    }

    #[test]
    fn a_sure_and_right_forecast_scores_zero_and_a_sure_and_wrong_one_two() {
        let right = [forecast([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], Cause::Overload)];
        assert!(brier(&right).abs() < 1e-12 && log_score(&right).abs() < 1e-12);
        let wrong = [forecast([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], Cause::Power)];
        assert!((brier(&wrong) - 2.0).abs() < 1e-12);
        assert!((calibration_error(&wrong) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_bar_shrinks_with_more_rows() {
        let one = forecast([0.7, 0.3, 0.0, 0.0, 0.0, 0.0], Cause::Overload);
        let (few, many) = (calibration_bar(&vec![one; 20]), calibration_bar(&vec![one; 200]));
        assert!(many < few && few < 0.5, "{many} {few}");
    }

    #[test]
    fn the_generator_gives_its_published_numbers() {
        let mut random = SplitMix(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
