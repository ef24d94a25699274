//! How far out a value must lie so that chance alone takes it there rarely enough.

use falter_model::Span;

/// False alarms that one series may raise in a year by chance alone. With 80,000 ASes (docs/method.md,
/// "How good it must be") that leaves under two a week for the whole Internet, and one in a
/// thousand years for a network watched by itself.
const FALSE_ALARMS_PER_YEAR: f64 = 0.001;

/// Standard deviations that normal noise exceeds, on one side, no more often than
/// [`FALSE_ALARMS_PER_YEAR`] when it is looked at once every `distance`: 5.6 for five-minute bins,
/// 4.8 for six-hour snapshots.
pub(crate) fn sigmas(distance: Span) -> f64 {
    upper_quantile(chance_per_look(distance))
}

/// The same for what must happen three times in a row.
pub(crate) fn sigmas_of_three(distance: Span) -> f64 {
    upper_quantile(libm::cbrt(chance_per_look(distance)))
}

/// Log-odds at which a sequential test that is fed every `distance` raises no more false alarms
/// than [`FALSE_ALARMS_PER_YEAR`]: a sum of log-odds reaches `h` by chance with probability at most
/// `exp(-h)` a start (Wald 1945).
pub(crate) fn sure_log_odds(distance: Span) -> f64 {
    -libm::log(chance_per_look(distance))
}

fn chance_per_look(distance: Span) -> f64 {
    const YEAR_S: f64 = 365.25 * 86_400.0;
    let looks = (YEAR_S / distance.as_seconds().max(1.0)).max(1.0);
    FALSE_ALARMS_PER_YEAR / looks
}

/// The `z` that a standard normal variable exceeds with probability `p`, in (0, 0.5].
fn upper_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (0.0, 12.0);
    // Bisection is exact to 1e-12 after 44 halvings and needs no table of coefficients.
    for _ in 0..44 {
        let middle: f64 = 0.5 * (low + high);
        let tail = 0.5 * libm::erfc(middle / std::f64::consts::SQRT_2);
        if tail > p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_the_tables() {
        for (p, z) in [(0.025, 1.959_964), (0.001, 3.090_232), (1e-9, 5.997_807)] {
            assert!((upper_quantile(p) - z).abs() < 1e-5, "{p}");
        }
    }

    #[test]
    fn who_looks_more_often_must_be_stricter() {
        assert!((sigmas(Span::from_minutes(5)) - 5.62).abs() < 0.01);
        assert!((sigmas(Span::from_hours(6)) - 4.83).abs() < 0.01);
        assert!(sigmas(Span::from_seconds(1)) > sigmas(Span::from_minutes(5)));
    }
}
