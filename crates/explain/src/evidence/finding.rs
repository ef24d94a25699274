//! A finding: likelihoods under each cause, on their way to become evidence.

use std::collections::BTreeMap;

use falter_model::{Cause, Evidence, EvidenceBasis, Kind, Ratio};

use super::group::Group;

/// No likelihood is smaller: nothing that was ever observed is impossible.
const LEAST: f64 = 1e-6;

/// What was observed and how likely it is under each cause, in the order of [`Cause::ALL`].
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) group: Group,
    pub(crate) kind: Kind,
    pub(crate) basis: EvidenceBasis,
    pub(crate) likelihood: [f64; 6],
    pub(crate) says: String,
    pub(crate) observed: Vec<(&'static str, f64)>,
}

impl Finding {
    /// With its weights, cut at what its basis allows.
    pub(crate) fn evidence(self) -> Evidence {
        let (weights, capped) = cut(weigh(self.likelihood), cap(self.basis));
        Evidence {
            id: self.id.to_owned(),
            group: self.group.id().to_owned(),
            kind: self.kind,
            basis: self.basis,
            log_likelihood: Cause::ALL.into_iter().zip(weights.map(Ratio::new)).collect(),
            capped,
            says: self.says,
            observed: self
                .observed
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Ratio::new(value)))
                .collect::<BTreeMap<_, _>>(),
        }
    }
}

/// The largest weight by what it rests on, as a factor: 50 for published figures and labels
/// (SIGCOMM 2023, docs/method.md: cap at about 50, since rare classes have a count of one), 5 for what only the lab
/// supports (design), 3 for judgement.
fn cap(basis: EvidenceBasis) -> f64 {
    libm::log(match basis {
        EvidenceBasis::Literature | EvidenceBasis::Labels => 50.0,
        EvidenceBasis::Lab => 5.0,
        EvidenceBasis::Expert => 3.0,
    })
}

/// Logarithms of likelihoods over their mean.
pub(crate) fn weigh(likelihood: [f64; 6]) -> [f64; 6] {
    let clean = likelihood.map(|p| if p.is_finite() { p.max(0.0) } else { 0.0 });
    let mean = clean.iter().sum::<f64>() / 6.0;
    if mean <= 0.0 {
        return [0.0; 6];
    }
    clean.map(|p| libm::log((p / mean).max(LEAST)))
}

/// Shrinks weights by one factor so that none is beyond the cap; tells whether it had to.
pub(super) fn cut(weights: [f64; 6], cap: f64) -> ([f64; 6], bool) {
    let largest = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
    if largest <= cap {
        return (weights, false);
    }
    (weights.map(|w| w * cap / largest), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_likelihoods_weigh_nothing() {
        assert!(weigh([0.3; 6]).iter().all(|w| w.abs() < 1e-12));
        assert!(weigh([0.0; 6]).iter().all(|w| w.abs() < 1e-12));
    }

    #[test]
    fn a_cap_keeps_order_and_proportions() {
        let (weights, capped) = cut([4.0, 2.0, 0.0, -1.0, -4.0, 1.0], 2.0);
        assert!(capped);
        for (cut, expected) in weights.into_iter().zip([2.0, 1.0, 0.0, -0.5, -2.0, 0.5]) {
            assert!((cut - expected).abs() < 1e-12);
        }
    }
}
