//! How much was lost: the median over the worst quarter, in the best unit there is.

use falter_model::{Basis, LostShare, Probability};

use crate::episode::{Episode, Stretch};
use crate::median::quantile;
use crate::states::losses;

/// The median of the worst quarter of the time is the quantile at seven eighths.
const WORST_QUARTER_MEDIAN: f64 = 0.875;
/// Standard deviations of a two-sided interval of 95 %.
const Z95: f64 = 1.959_964;

/// The lost share of joined episodes; `None` where none counts units.
pub(crate) fn lost_share(episodes: &[Episode]) -> Option<LostShare> {
    let basis = episodes.iter().filter_map(|episode| episode.basis).min()?;
    let losses = losses(episodes, basis);
    let value = quantile_of(&losses, WORST_QUARTER_MEDIAN)
        .or_else(|| losses.last().and_then(|stretch| stretch.lost))?;
    let n = counted_units(episodes, basis);
    let (low, high) = match n {
        Some(n) => wilson(value, n),
        // Not counted from anything known: how far the worst quarter itself ranges.
        None => (
            quantile_of(&losses, 0.75).unwrap_or(value).min(value),
            quantile_of(&losses, 1.0).unwrap_or(value).max(value),
        ),
    };
    Some(LostShare {
        value: Probability::new(value),
        low: Probability::new(low),
        high: Probability::new(high),
        basis,
        n: n.map(whole),
    })
}

fn quantile_of(losses: &[Stretch], share: f64) -> Option<f64> {
    let mut weighted: Vec<(f64, f64)> = losses
        .iter()
        .filter_map(|stretch| Some((stretch.lost?, (stretch.until - stretch.from).as_seconds())))
        .collect();
    quantile(&mut weighted, share)
}

/// The units that the loss is a share of: those that were there before.
fn counted_units(episodes: &[Episode], basis: Basis) -> Option<f64> {
    episodes
        .iter()
        .filter(|episode| episode.basis == Some(basis))
        .filter(|episode| episode.counted || basis <= Basis::Prefixes)
        .filter_map(|episode| episode.units)
        .filter(|units| *units >= 1.0)
        .reduce(f64::max)
}

/// Wilson's interval of a share seen in `n` (Wilson 1927): sound for one of four as for all of one.
fn wilson(share: f64, n: f64) -> (f64, f64) {
    let z2 = Z95 * Z95;
    let center = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let variance = share * (1.0 - share) / n + z2 / (4.0 * n * n);
    let half = Z95 / (1.0 + z2 / n) * libm::sqrt(variance);
    ((center - half).clamp(0.0, share), (center + half).clamp(share, 1.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of units, at least one, far below 2^53"
)]
fn whole(units: f64) -> u64 {
    units.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_agrees_with_the_literature() {
        // Newcombe 1998, table I: 81 of 263.
        let (low, high) = wilson(81.0 / 263.0, 263.0);
        assert!((low - 0.2553).abs() < 1e-4, "{low}");
        assert!((high - 0.3662).abs() < 1e-4, "{high}");
    }

    #[test]
    fn all_of_four_may_have_been_half_of_many() {
        let (low, high) = wilson(1.0, 4.0);
        assert!((low - 0.5101).abs() < 1e-3, "{low}");
        assert!((high - 1.0).abs() < 1e-12);
    }
}
