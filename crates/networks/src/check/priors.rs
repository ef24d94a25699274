//! Priors: probabilities of causes that exclude each other.

use falter_model::{Cause, Profile};

use super::Finding;
use crate::parse::priors;

/// Room for decimals: six numbers rounded to four of them.
const ROUNDING: f64 = 0.001;

/// Priors that sum to more than 1, or all given and to less.
pub(super) fn check(profile: &Profile) -> Vec<Finding> {
    let stated = priors(profile.priors.as_ref());
    let sum: f64 = stated.iter().map(|(_, prior)| prior).sum();
    let mut findings = Vec::new();
    if sum > 1.0 + ROUNDING {
        findings.push(Finding::error(
            format!("priors sum to {sum:.3}, more than 1"),
            "lower them; what is not stated shares the rest evenly",
        ));
    } else if stated.len() == Cause::ALL.len() && sum < 1.0 - ROUNDING {
        findings.push(Finding::error(
            format!("all priors are stated and sum to {sum:.3}, less than 1"),
            "raise them, or leave one out to take the rest",
        ));
    }
    for (cause, prior) in stated {
        if prior <= 0.0 {
            findings.push(Finding::warning(
                format!("priors.{cause} is 0: no evidence can ever speak for it"),
                "give it a small value",
            ));
        }
    }
    findings
}
