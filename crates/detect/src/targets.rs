//! The hosts that are probed: how available each is when nothing is wrong, and which of them are one
//! machine.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Span, Timestamp};

use crate::rounds::Seen;

/// What was learned of a host loses half of its weight in this time: a host that was retired is
/// expected no more after some weeks.
const HALF_LIFE: Span = Span::from_days(3);
/// Hosts that answer less often than this bear no witness.
const LEAST_AVAILABILITY: f64 = 0.05;
/// Nobody answers always, nobody never.
const AVAILABILITY: (f64, f64) = (0.02, 0.99);
/// Addresses that answered alike for this many rounds are one machine.
const ALIKE_ROUNDS: u32 = 64;
/// If, that is, they changed at least this often: all that always answer look alike.
const ALIKE_CHANGES: u32 = 4;

/// One address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    answered: f64,
    asked: f64,
    learned_at: Option<Timestamp>,
    /// The last 64 rounds, a bit each, the latest lowest; 1 where it answered.
    pattern: u64,
    rounds: u32,
    /// Last reply ever.
    pub(crate) last_reply: Option<Timestamp>,
    /// First silence since.
    pub(crate) silent_since: Option<Timestamp>,
    /// Last silence ever.
    pub(crate) last_silent: Option<Timestamp>,
    /// First reply after the last time of silence.
    pub(crate) back_at: Option<Timestamp>,
}

impl Target {
    /// Notes what a round showed. A host that was never heard is no host.
    pub(crate) fn note(&mut self, seen: Seen) {
        self.pattern = self.pattern << 1 | u64::from(seen.answered);
        self.rounds = self.rounds.saturating_add(1);
        if self.silent_since.is_some() && seen.answered {
            self.back_at = seen.first_reply;
        }
        self.last_silent = seen.last_silent.or(seen.first_silent).or(self.last_silent);
        if seen.last_reply.is_some() {
            self.last_reply = seen.last_reply;
            self.silent_since = seen.first_silent;
        } else {
            self.silent_since = self.silent_since.or(seen.first_silent);
        }
    }

    /// Learns availability from a round outside of outages.
    pub(crate) fn learn(&mut self, at: Timestamp, answered: bool) {
        let since = self.learned_at.map_or(Span::ZERO, |then| at - then);
        let fade = libm::exp2(-since.as_seconds() / HALF_LIFE.as_seconds());
        self.answered = self.answered * fade + f64::from(u8::from(answered));
        self.asked = self.asked * fade + 1.0;
        self.learned_at = Some(at);
    }

    /// Chance that it answers in a round; `None` while it is not known as a host that does.
    pub(crate) fn availability(&self) -> Option<f64> {
        self.last_reply?;
        // One answer in two, as Laplace's rule begins.
        let share = (self.answered + 1.0) / (self.asked + 2.0);
        (share >= LEAST_AVAILABILITY).then(|| share.clamp(AVAILABILITY.0, AVAILABILITY.1))
    }

    fn likeness(&self) -> Option<u64> {
        let changes = (self.pattern ^ (self.pattern >> 1)) & (u64::MAX >> 1);
        let told = self.rounds >= ALIKE_ROUNDS && changes.count_ones() >= ALIKE_CHANGES;
        told.then_some(self.pattern)
    }
}

/// Which address stands for the machine that each address is on: the lowest of those alike.
pub(crate) fn machines(targets: &BTreeMap<IpAddr, Target>) -> BTreeMap<IpAddr, IpAddr> {
    let mut by_pattern: BTreeMap<u64, IpAddr> = BTreeMap::new();
    let mut machines = BTreeMap::new();
    for (address, target) in targets {
        if let Some(pattern) = target.likeness() {
            let first = *by_pattern.entry(pattern).or_insert(*address);
            if first != *address {
                machines.insert(*address, first);
            }
        }
    }
    machines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(pattern: impl Iterator<Item = bool>) -> Target {
        let mut target = Target::default();
        for (round, answered) in (0_i64..).zip(pattern) {
            let at = Timestamp::from_seconds(660 * round);
            let reply = answered.then_some(at);
            let silent = (!answered).then_some(at);
            target.note(Seen {
                answered,
                first_reply: reply,
                last_reply: reply,
                first_silent: silent,
                last_silent: silent,
                rtt_us: None,
            });
            target.learn(at, answered);
        }
        target
    }

    #[test]
    fn availability_is_the_share_of_rounds_answered() {
        let half = target((0..400).map(|round| round % 2 == 0)).availability().unwrap();
        assert!((half - 0.5).abs() < 0.02, "{half}");
        let all = target((0..400).map(|_| true)).availability().unwrap();
        assert!(all > 0.98, "{all}");
    }

    #[test]
    fn who_never_answered_is_no_host() {
        assert_eq!(target((0..400).map(|_| false)).availability(), None);
    }

    #[test]
    fn addresses_that_go_together_are_one_machine() {
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        let on_and_off = || target((0..100).map(|round| round / 7 % 2 == 0));
        let targets = BTreeMap::from([
            (address(1), on_and_off()),
            (address(2), on_and_off()),
            (address(3), target((0..100).map(|round| round / 5 % 2 == 0))),
            (address(4), target((0..100).map(|_| true))),
            (address(5), target((0..100).map(|_| true))),
        ]);
        assert_eq!(machines(&targets), BTreeMap::from([(address(2), address(1))]));
    }
}
