//! What is believed before any evidence: half ignorance, half counted labels.

use falter_model::{Cause, Priors};

use crate::fit::Fit;

/// No cause may be ruled out before evidence, whatever a profile says.
const FLOOR: f64 = 0.001;

/// All causes alike.
pub(crate) const UNIFORM: [f64; 6] = [1.0 / 6.0; 6];

/// The prior: half uniform, half the counts of labels plus one each (design: "Prior"); where a
/// profile states its own, those, with what it leaves open shared evenly.
pub(crate) fn prior(fit: &Fit, stated: Option<&Priors>) -> [f64; 6] {
    match stated.map(by_cause).filter(|stated| stated.iter().any(Option::is_some)) {
        Some(stated) => filled(stated),
        None => counted(fit),
    }
}

fn counted(fit: &Fit) -> [f64; 6] {
    let counts = fit.causes().map(|cause| f64::from(cause.count) + 1.0);
    let all: f64 = counts.iter().sum();
    counts.map(|count| 0.5 * count / all + 0.5 / 6.0)
}

fn filled(stated: [Option<f64>; 6]) -> [f64; 6] {
    let clean = stated.map(|p| p.filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0)));
    let sum: f64 = clean.iter().flatten().sum();
    let open = clean.iter().filter(|p| p.is_none()).count();
    let share = if open == 0 { 0.0 } else { (1.0 - sum).max(0.0) / open as f64 };
    let raised = clean.map(|p| p.unwrap_or(share).max(FLOOR));
    let all: f64 = raised.iter().sum();
    raised.map(|p| p / all)
}

fn by_cause(priors: &Priors) -> [Option<f64>; 6] {
    Cause::ALL.map(|cause| match cause {
        Cause::Overload => priors.overload,
        Cause::Power => priors.power,
        Cause::Link => priors.link,
        Cause::Fault => priors.fault,
        Cause::Shutdown => priors.shutdown,
        Cause::Maintenance => priors.maintenance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_labels_it_is_uniform() {
        for p in prior(&Fit::literature(), None) {
            assert!((p - 1.0 / 6.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_a_profile_leaves_open_is_shared_evenly() {
        let stated = Priors { power: Some(0.5), ..Priors::default() };
        let prior = prior(Fit::built_in(), Some(&stated));
        assert!((prior[Cause::Power.index()] - 0.5).abs() < 1e-12);
        assert!((prior[Cause::Shutdown.index()] - 0.1).abs() < 1e-12);
    }

    #[test]
    fn a_profile_cannot_rule_a_cause_out_or_exceed_one() {
        let stated = Priors { power: Some(3.0), link: Some(f64::NAN), ..Priors::default() };
        let prior = prior(Fit::built_in(), Some(&stated));
        assert!((prior.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(prior.iter().all(|p| *p > 0.0));
    }
}
