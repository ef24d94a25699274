//! Medians and quantiles in which each value weighs as much as the time it held.

/// The smallest value that at least `share` (in [0, 1]) of the total weight does not exceed; `None`
/// without weight. Sorts `weighted`, pairs of value and weight.
pub(crate) fn quantile(weighted: &mut [(f64, f64)], share: f64) -> Option<f64> {
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let wanted = total * share;
    let mut sum = 0.0;
    for (value, weight) in weighted.iter() {
        sum += weight;
        // Sums of weights round: a hair below the mark counts as reached.
        if *weight > 0.0 && sum >= wanted * (1.0 - 1e-12) {
            return Some(*value);
        }
    }
    None
}

/// Weighted median; `None` without weight.
pub(crate) fn median(weighted: &mut [(f64, f64)]) -> Option<f64> {
    quantile(weighted, 0.5)
}

/// Weighted median of the distances from `center`: the MAD where `center` is the median.
pub(crate) fn median_distance(weighted: &[(f64, f64)], center: f64) -> f64 {
    let mut distances: Vec<(f64, f64)> =
        weighted.iter().map(|(value, weight)| ((value - center).abs(), *weight)).collect();
    median(&mut distances).unwrap_or(0.0)
}

/// Factor by which the MAD of normal noise is smaller than its standard deviation.
pub(crate) const MAD_TO_SIGMA: f64 = 1.4826;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_weighs_as_long_as_it_held() {
        assert_eq!(median(&mut [(1.0, 1.0), (5.0, 10.0), (2.0, 1.0)]), Some(5.0));
        assert_eq!(median(&mut [(3.0, 1.0), (1.0, 1.0)]), Some(1.0));
        assert_eq!(
            quantile(&mut [(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.0, 1.0)], 0.875),
            Some(4.0)
        );
    }

    #[test]
    fn without_weight_there_is_no_median() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [(1.0, 0.0)]), None);
    }

    #[test]
    fn one_wild_value_does_not_move_the_spread() {
        let values = [(10.0, 1.0), (11.0, 1.0), (9.0, 1.0), (10.0, 1.0), (900.0, 1.0)];
        assert!((median_distance(&values, 10.0) - 1.0).abs() < 1e-9);
    }
}
