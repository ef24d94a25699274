//! What is believed of the share of a network that can be reached: a hidden state, filtered forward
//! in time.
//!
//! The state is a reachable share on a grid from none to all. Between rounds it may jump, with
//! hazards per second; a round's answers weigh each state by how well it explains them. With the two
//! states "none" and "all", one target and no caps this is Trinocular's belief (Quan, Heidemann,
//! Pradkin 2013).

use falter_model::Span;

/// Steps between none and all: losses are told to 5 %, the smallest that makes an outage.
const STEPS: u8 = 20;
/// A reachable network starts to fail once in this time: the usual distance of outages of a small
/// network. A prior only; a few rounds of evidence outweigh it.
const SECONDS_TO_FAILURE: f64 = 30.0 * 86_400.0;
/// A failed network returns within this time: half of spontaneous outages last two hours, a tenth ten
/// (SIGCOMM 2023, docs/method.md), which makes a mean of about five.
const SECONDS_TO_RETURN: f64 = 5.0 * 3_600.0;
/// Chance that something answers for a target that can't be reached: a middlebox, another host. One
/// spurious reply of a block of 256 ([Trinocular], docs/method.md).
pub(crate) const FALSE_REPLY: f64 = 0.99 / 256.0;
/// Intra-class correlation of replies in a round: they share paths and limits. Expert.
const CORRELATION: f64 = 0.1;
/// The most that one round may shift the log-odds of any two states (docs/method.md, "Reachability"): a
/// round is one look through one path.
const MOST_LOG_ODDS: f64 = 6.0;

/// What one machine did in a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Answer {
    /// Chance that it answers in a round when it can be reached and nothing is lost on the way.
    pub(crate) availability: f64,
    /// Whether it did.
    pub(crate) answered: bool,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Belief {
    /// Probability of each reachable share `i / STEPS`.
    weights: Vec<f64>,
}

impl Belief {
    /// Before the first round: up, as anything that once answered.
    pub(crate) fn new() -> Self {
        let mut weights = vec![0.01 / f64::from(STEPS); usize::from(STEPS) + 1];
        if let Some(all) = weights.last_mut() {
            *all = 0.99;
        }
        Self { weights }
    }

    /// Lets time pass without looking.
    pub(crate) fn pass(&mut self, span: Span) {
        let seconds = span.as_seconds().max(0.0);
        let fails = 1.0 - libm::exp(-seconds / SECONDS_TO_FAILURE);
        let returns = 1.0 - libm::exp(-seconds / SECONDS_TO_RETURN);
        let below = f64::from(STEPS);
        let all = self.weights.last().copied().unwrap_or(0.0);
        let lost: f64 = self.weights.iter().rev().skip(1).sum();
        for weight in self.weights.iter_mut().rev().skip(1) {
            *weight = *weight * (1.0 - returns) + all * fails / below;
        }
        if let Some(weight) = self.weights.last_mut() {
            *weight = all * (1.0 - fails) + lost * returns;
        }
    }

    /// Takes a round's answers; `loss` is the share of packets lost on the way, as far controls
    /// tell it.
    pub(crate) fn weigh(&mut self, answers: &[Answer], loss: f64) {
        if answers.is_empty() {
            return;
        }
        // Variance of a beta-binomial over that of the binomial.
        let overdispersion = 1.0 + (answers.len() as f64 - 1.0) * CORRELATION;
        let fits: Vec<f64> = shares()
            .map(|share| {
                let fit: f64 = answers.iter().map(|answer| log_chance(*answer, share, loss)).sum();
                fit / overdispersion
            })
            .collect();
        self.update(&fits, MOST_LOG_ODDS);
    }

    /// Bayes' rule on logarithms, capped.
    fn update(&mut self, fits: &[f64], most: f64) {
        let best = fits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for (weight, fit) in self.weights.iter_mut().zip(fits) {
            *weight *= libm::exp((fit - best).max(-most));
            sum += *weight;
        }
        for weight in &mut self.weights {
            *weight /= sum;
        }
    }

    /// Probability that at least the share `lost` can't be reached.
    pub(crate) fn lost_at_least(&self, lost: f64) -> f64 {
        let states = self.weights.iter().zip(shares());
        states.filter(|(_, share)| 1.0 - share >= lost - 1e-9).map(|(weight, _)| weight).sum()
    }

    /// The expected lost share.
    pub(crate) fn lost(&self) -> f64 {
        self.weights.iter().zip(shares()).map(|(weight, share)| weight * (1.0 - share)).sum()
    }
}

fn shares() -> impl Iterator<Item = f64> {
    (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS))
}

/// Logarithm of the chance of an answer where `share` can be reached.
fn log_chance(answer: Answer, share: f64, loss: f64) -> f64 {
    let reply = share * answer.availability * (1.0 - loss) + (1.0 - share) * FALSE_REPLY;
    libm::log(if answer.answered { reply } else { 1.0 - reply }.max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filter with the two states of Trinocular.
    fn trinocular(belief: f64) -> Belief {
        Belief { weights: vec![1.0 - belief, belief] }
    }

    fn probe(belief: &mut Belief, availability: f64, answered: bool) -> f64 {
        let answer = Answer { availability, answered };
        let fits = [0.0, 1.0].map(|share| log_chance(answer, share, 0.0));
        belief.update(&fits, f64::INFINITY);
        belief.weights[1]
    }

    #[test]
    fn with_two_states_it_is_trinoculars_belief() {
        // P(n|U) = 1 - A, P(n|not U) = 1 - 0.99/256, P(p|U) = A, P(p|not U) = 0.99/256 (A2).
        let down_silent = 1.0 - 0.99 / 256.0;
        for availability in [0.1, 0.5, 0.9] {
            for prior in [0.99, 0.5, 0.1] {
                let expected = prior * (1.0 - availability)
                    / (prior * (1.0 - availability) + (1.0 - prior) * down_silent);
                let found = probe(&mut trinocular(prior), availability, false);
                assert!((found - expected).abs() < 1e-12, "{availability} {prior}");
                let expected =
                    prior * availability / (prior * availability + (1.0 - prior) * 0.99 / 256.0);
                let found = probe(&mut trinocular(prior), availability, true);
                assert!((found - expected).abs() < 1e-12, "{availability} {prior}");
            }
        }
        // From 0.99 up with A = 0.5 it takes ten silent probes to fall under 0.1.
        let mut belief = trinocular(0.99);
        let silent = (1..99).find(|_| probe(&mut belief, 0.5, false) < 0.1);
        assert_eq!(silent, Some(10));
    }

    fn lost_after(rounds: usize, round: Span, answers: &[Answer], loss: f64) -> f64 {
        let mut belief = Belief::new();
        for _ in 0..5 {
            let all: Vec<Answer> =
                answers.iter().map(|answer| Answer { answered: true, ..*answer }).collect();
            belief.pass(round);
            belief.weigh(&all, 0.01);
        }
        for _ in 0..rounds {
            belief.pass(round);
            belief.weigh(answers, loss);
        }
        belief.lost()
    }

    fn answers(n: usize, answering: usize, availability: f64) -> Vec<Answer> {
        (0..n).map(|i| Answer { availability, answered: i < answering }).collect()
    }

    #[test]
    fn some_dead_and_all_lossy_are_told_apart() {
        let round = Span::from_minutes(11);
        let half = answers(20, 10, 0.95);
        assert!(lost_after(4, round, &half, 0.01) > 0.4);
        // The same answers, while far controls lose half of their packets too.
        assert!(lost_after(4, round, &half, 0.5) < 0.1);
    }

    #[test]
    fn twenty_silent_hosts_are_believed_within_seconds() {
        let silent = answers(20, 0, 0.9);
        assert!(lost_after(4, Span::from_seconds(1), &silent, 0.01) > 0.9);
        assert!(lost_after(1, Span::from_seconds(1), &silent, 0.01) < 0.1);
    }

    #[test]
    fn one_host_alone_is_believed_too() {
        assert!(lost_after(6, Span::from_minutes(11), &answers(1, 0, 0.95), 0.01) > 0.5);
    }
}
