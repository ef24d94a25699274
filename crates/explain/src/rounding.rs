//! Probabilities to four decimals that add up to exactly 1.

use falter_model::Probability;

/// Ten thousandths in 1.
const WHOLE: u32 = 10_000;

/// Rounds by largest remainder: every share is cut to four decimals and the ten thousandths that are
/// missing go to the largest remainders, the earlier first where they are equal. Shares that are not
/// numbers, or that add up to nothing, become equal.
pub(crate) fn to_four_decimals<const N: usize>(shares: [f64; N]) -> [Probability; N] {
    let clean = shares.map(|share| if share.is_finite() { share.max(0.0) } else { 0.0 });
    let sum: f64 = clean.iter().sum();
    let exact = clean.map(|share| {
        if sum > 0.0 { share / sum * f64::from(WHOLE) } else { f64::from(WHOLE) / N as f64 }
    });
    let mut units = exact.map(whole);
    let missing = WHOLE.saturating_sub(units.iter().sum());
    let mut by_remainder: Vec<usize> = (0..N).collect();
    let remainder = |i: &usize| exact.get(*i).map_or(0.0, |share| share - libm::floor(*share));
    by_remainder.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(b)));
    for index in by_remainder.into_iter().take(missing as usize) {
        if let Some(unit) = units.get_mut(index) {
            *unit += 1;
        }
    }
    units.map(|unit| Probability::new(f64::from(unit) / f64::from(WHOLE)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 10,000 is in 0 to 10,000"
)]
fn whole(share: f64) -> u32 {
    libm::floor(share) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_sum_is_exactly_one(shares in prop::array::uniform6(0.0_f64..1e6)) {
            let units: f64 = to_four_decimals(shares).iter().map(|p| (p.get() * 1e4).round()).sum();
            prop_assert!((units - 1e4).abs() < 0.5);
        }
    }

    #[test]
    fn no_information_is_equal_shares() {
        let [first, .., last] = to_four_decimals([f64::NAN; 6]);
        assert_eq!((first, last), (Probability::new(0.1667), Probability::new(0.1666)));
    }
}
