//! The verdict: prior plus evidence, and whether that is enough to decide.
//!
//! `p(cause) = prior(cause) * exp(sum of weights / temperature)`, over the sum for all six. It never
//! knows a cause by name.

use falter_model::{Call, Case, Cause, CauseShare, Evidence, Kind, Ratio, Timestamp, Verdict};

use crate::evidence::{self, Scene};
use crate::fit::Fit;
use crate::{prior, rounding, settle, sight};

/// A cause is decided above this probability, under our prior and under the uniform one (design).
const DECIDED: f64 = 0.5;

/// So many independent kinds of evidence must favor it (design).
const KINDS: usize = 2;

/// A kind favors a cause if it makes the cause at least a fifth likelier than the average of the six:
/// less is noise of the tables. Judgement.
const FAVORS: f64 = 0.182; // ln 1.2

/// All kinds, in the order of the model.
const ALL_KINDS: [Kind; 9] = [
    Kind::Routes,
    Kind::Hosts,
    Kind::Names,
    Kind::Sites,
    Kind::Attack,
    Kind::Timing,
    Kind::Recovery,
    Kind::Inside,
    Kind::Calendar,
];

/// Judges a case. While the outage goes on, time is taken to have passed up to the last moment that
/// the outage itself tells of; who knows better uses [`judge_as_of`].
pub fn judge(case: &Case, fit: &Fit) -> Verdict {
    judge_as_of(case, fit, latest(case))
}

/// Judges a case when data are known up to `as_of`.
pub fn judge_as_of(case: &Case, fit: &Fit, as_of: Timestamp) -> Verdict {
    let evidence = evidence::gather(&Scene { case, fit, as_of });
    let prior = prior::prior(fit, case.priors.as_ref());
    let temperature = Ratio::new(fit.temperature()).get();
    let weights = evidence::total(evidence.iter());
    let posterior = posterior(prior, weights, temperature);
    let causes = ranked(posterior, prior);
    let call = decide(&causes, posterior_is_robust(weights, temperature), &evidence);
    Verdict {
        cause: call,
        probability: causes.first().map(|share| share.probability).unwrap_or_default(),
        would_settle: settle::would_settle(case, &causes),
        could_not_see: sight::could_not_see(case),
        causes,
        evidence,
        temperature: Ratio::new(temperature),
        revisions: Vec::new(),
    }
}

/// Probabilities after the evidence.
pub(crate) fn posterior(prior: [f64; 6], weights: [f64; 6], temperature: f64) -> [f64; 6] {
    let largest = weights.iter().fold(f64::NEG_INFINITY, |largest, w| largest.max(*w));
    let mut shares = [0.0; 6];
    for ((share, prior), weight) in shares.iter_mut().zip(prior).zip(weights) {
        *share = prior * libm::exp((weight - largest) / temperature);
    }
    let all: f64 = shares.iter().sum();
    shares.map(|share| share / all)
}

/// Most probable first; equal ones in the order in which causes are listed.
fn ranked(posterior: [f64; 6], prior: [f64; 6]) -> Vec<CauseShare> {
    let probabilities = rounding::to_four_decimals(posterior);
    let priors = rounding::to_four_decimals(prior);
    let mut causes: Vec<CauseShare> = Cause::ALL
        .into_iter()
        .zip(probabilities)
        .zip(priors)
        .map(|((cause, probability), prior)| CauseShare { cause, probability, prior })
        .collect();
    causes.sort_by(|a, b| {
        b.probability.get().total_cmp(&a.probability.get()).then(a.cause.cmp(&b.cause))
    });
    causes
}

/// The cause that is over one half under the uniform prior, if any.
fn posterior_is_robust(weights: [f64; 6], temperature: f64) -> Option<Cause> {
    let shares = posterior(prior::UNIFORM, weights, temperature);
    Cause::ALL.into_iter().zip(shares).find(|(_, p)| *p > DECIDED).map(|(cause, _)| cause)
}

fn decide(causes: &[CauseShare], robust: Option<Cause>, evidence: &[Evidence]) -> Call {
    let Some(first) = causes.first() else { return Call::Undetermined };
    let enough = first.probability.get() > DECIDED
        && robust == Some(first.cause)
        && kinds_in_favor(first.cause, evidence) >= KINDS;
    if enough { Call::Decided(first.cause) } else { Call::Undetermined }
}

/// How many kinds of evidence, each taken as a whole, favor a cause.
fn kinds_in_favor(cause: Cause, evidence: &[Evidence]) -> usize {
    let favors = |kind: &Kind| {
        let weights = evidence::total_of_kind(evidence, *kind);
        let against_mean = evidence::weigh(weights.map(libm::exp));
        against_mean.get(cause.index()).is_some_and(|weight| *weight > FAVORS)
    };
    ALL_KINDS.iter().filter(|kind| favors(kind)).count()
}

/// The last moment that an outage tells of.
fn latest(case: &Case) -> Timestamp {
    let outage = &case.outage;
    let states = outage.states.iter().map(|state| state.until.unwrap_or(state.from));
    let steps = outage.order.iter().map(|step| step.from.first_bad);
    let parts = outage.parts.iter().map(|part| part.from.first_bad);
    let ends = outage
        .order
        .iter()
        .filter_map(|step| step.until)
        .chain(outage.parts.iter().filter_map(|part| part.until))
        .map(|end| end.first_good);
    states.chain(steps).chain(parts).chain(ends).fold(outage.from.first_bad, Timestamp::max)
}
