//! What one vantage point believes of one scope, and from when on it believes in an outage.

use falter_model::{Prefix, Timestamp};

use crate::belief::{Answer, Belief};
use crate::rounds::Round;

/// An outage is believed from here on, and its end below one minus this (Trinocular's belief of
/// 0.9 and 0.1, Trinocular, docs/method.md).
const SURE: f64 = 0.9;
/// Under this probability of an outage there is nothing to suspect: what fell silent since may belong
/// to an outage that is told later.
const UNSUSPICIOUS: f64 = 0.001;
/// A round that makes a loss so many times as probable as it was is no good one, however small that was:
/// where rounds are quick it takes some of them. A substantial ratio of likelihoods begins there (Jeffreys
/// 1961).
const SUSPICIOUS_TIMES: f64 = 3.2;
/// From this probability of an outage on, silence teaches nothing: it may belong to one.
const LIKELY: f64 = 0.1;
/// The smallest lost share that makes an outage (docs/method.md, "States").
pub(crate) const SMALLEST_LOSS: f64 = 0.05;
/// Before a day was seen more than half must be lost: who sleeps at night is not known yet, and half of a block
/// may (judged).
const UNSEASONED_LOSS: f64 = 0.6;
/// Of three addresses it takes more than one: a machine that is switched off is no outage of the network.
const MORE_THAN_ONE: f64 = 1.5;
/// Of more it takes more than three: until they were seen to fall together nobody knows which are one
/// machine, and few machines have more (judged).
const MORE_THAN_THREE: f64 = 3.5;
/// But no more than this share, where as many as [`AWAKE`] of all that are known are expected to answer.
const HALF: f64 = 0.5;
/// See [`HALF`].
const AWAKE: f64 = 0.75;
/// Where most sleep, half of the others may be one machine: nearly all of them must be lost.
const NEARLY_ALL: f64 = 0.9;

/// What a belief is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// All targets.
    Whole,
    /// Those of a /24 or /48.
    Block(Prefix),
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Seeing {
    pub(crate) belief: Belief,
    /// Probability of a loss that would be told.
    sure: f64,
    /// Whether it believes in an outage.
    pub(crate) out: bool,
    /// Start of the last round in which it was sure of none.
    pub(crate) good_at: Timestamp,
    /// End of that round.
    pub(crate) good_until: Timestamp,
    /// Start of the last round in which it was sure of one.
    pub(crate) bad_at: Timestamp,
    pub(crate) lost: f64,
    /// How many answers were expected in the last round that raised no suspicion: later, those that fell are
    /// expected to be silent.
    expected: f64,
    /// A day was seen, and at some time after it nothing was lost: a loss that was too small to be told on the first
    /// day is none because that is over.
    seasoned: bool,
    /// Machines that were known at most.
    pub(crate) hosts: usize,
}

impl Seeing {
    /// Before the first round, which begins at `at`.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            belief: Belief::new(),
            sure: 0.0,
            out: false,
            good_at: at,
            good_until: at,
            bad_at: at,
            lost: 0.0,
            expected: 0.0,
            seasoned: false,
            hosts: 0,
        }
    }

    /// Weighs a round's answers, of which so many were `expected`, with packets lost on the way, and concludes
    /// from it.
    pub(crate) fn weigh(
        &mut self,
        round: &Round,
        answers: &[Answer],
        loss: f64,
        expected: f64,
        saw_a_day: bool,
    ) {
        if self.sure <= UNSUSPICIOUS {
            self.expected = expected;
        }
        let usual = smallest_loss(self.hosts, self.expected);
        self.seasoned |= saw_a_day && self.belief.lost_at_least(usual) <= UNSUSPICIOUS;
        let smallest = if self.seasoned { usual } else { usual.max(UNSEASONED_LOSS) };
        let before = self.belief.lost_at_least(smallest);
        self.belief.weigh(answers, loss);
        let sure = self.belief.lost_at_least(smallest);
        self.sure = sure;
        if sure >= SURE {
            self.out = true;
            self.bad_at = round.from;
        } else if sure <= 1.0 - SURE {
            self.out = false;
        }
        if sure <= UNSUSPICIOUS && sure < SUSPICIOUS_TIMES * before {
            self.good_at = round.from;
            self.good_until = round.until;
        }
        self.lost = self.belief.lost();
    }

    /// Some are silent since then, for too short a time to bear witness: nothing since is known to be good.
    pub(crate) fn doubt(&mut self, since: Timestamp) {
        self.good_at = self.good_at.min(since);
        self.good_until = self.good_until.min(since);
    }

    /// True in an outage, and while one is likely.
    pub(crate) fn is_likely_out(&self) -> bool {
        self.out || self.sure > LIKELY
    }

    /// True while it is sure of neither a loss nor that there is none.
    pub(crate) fn is_unsure(&self) -> bool {
        self.sure > UNSUSPICIOUS && self.sure < 1.0 - UNSUSPICIOUS
    }

    /// The lost share that it would tell: none while it does not believe in an outage; `None` while
    /// it is not sure of either.
    pub(crate) fn told(&self) -> Option<f64> {
        match (self.out, self.is_likely_out()) {
            (true, _) => Some(self.lost),
            (false, true) => None,
            (false, false) => Some(0.0),
        }
    }
}

/// The lost share that is told, of so many machines as far as they are known, of which so many answers were
/// expected: the only one, one of two, two of three, more than three of more.
fn smallest_loss(machines: usize, expected: f64) -> f64 {
    let n = machines as f64;
    match machines {
        0 | 1 => 0.5,
        2 => 0.4,
        3 => MORE_THAN_ONE / n,
        _ => {
            let most = if expected >= AWAKE * n { HALF } else { NEARLY_ALL };
            (MORE_THAN_THREE / expected.clamp(1.0, n)).clamp(SMALLEST_LOSS, most)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(machines: usize, expected: f64, told: f64) {
        let found = smallest_loss(machines, expected);
        assert!((found - told).abs() < 0.01, "{machines} {expected}: {found}");
    }

    #[test]
    fn one_machine_with_three_addresses_is_no_outage_of_many() {
        check(1, 1.0, 0.5);
        check(2, 2.0, 0.4);
        check(4, 4.0, 0.5);
        check(20, 20.0, 0.175);
        check(200, 200.0, 0.05);
    }

    #[test]
    fn half_of_those_awake_may_be_one_machine() {
        check(8, 3.6, 0.9);
        check(12, 7.4, 0.47);
    }
}
