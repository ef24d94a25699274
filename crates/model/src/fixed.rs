//! Numbers that are printed with a fixed number of decimals, so that the same result gives the same
//! octets everywhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A probability in [0, 1], kept and printed to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Probability(f64);

/// Any finite number, kept and printed to four decimals: shares, log-likelihoods, factors.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Ratio(f64);

fn four_decimals(value: f64) -> f64 {
    // Adding zero turns -0.0 into 0.0, which would print differently.
    (value * 1e4).round() / 1e4 + 0.0
}

impl Probability {
    /// The nearest probability with four decimals; not a number becomes 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() { 0.0 } else { four_decimals(value.clamp(0.0, 1.0)) })
    }

    /// In [0, 1].
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Ratio {
    /// The nearest number with four decimals; what is not finite becomes 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_finite() { four_decimals(value) } else { 0.0 })
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl From<f64> for Probability {
    fn from(value: f64) -> Self {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(value: Probability) -> Self {
        value.0
    }
}

impl From<f64> for Ratio {
    fn from(value: f64) -> Self {
        Self::new(value)
    }
}

impl From<Ratio> for f64 {
    fn from(value: Ratio) -> Self {
        value.0
    }
}

/// As a whole percentage, as people read it: `81 %`.
impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} %", self.0 * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_do_not_leak() {
        assert!((Probability::new(f64::NAN).get() - 0.0).abs() < f64::EPSILON);
        assert!((Probability::new(7.0).get() - 1.0).abs() < f64::EPSILON);
        assert!(Ratio::new(f64::INFINITY).get().abs() < f64::EPSILON);
        assert_eq!(serde_json::to_string(&Ratio::new(-0.000_01)).unwrap(), "0.0");
        assert_eq!(serde_json::to_string(&Probability::new(0.123_456)).unwrap(), "0.1235");
    }
}
