//! The hosts that are probed: how available each is when nothing is wrong, and which of them are one
//! machine.
//!
//! Availability is learned apart for rounds after a reply and after silence. So a machine that sleeps
//! at night is expected to go on sleeping, and its silence is evidence once, not every round anew.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Prefix, Span, Timestamp};

use crate::probed::TIMES_RTT;
use crate::rounds::Seen;

/// So long after it fell silent a host may belong to a loss that is not believed yet.
const LATELY: Span = Span::from_seconds(30);
/// So many answers in a row may be lost in a burst, and no more: they share its fate.
const MOST_LOST: u32 = 5;
/// What was learned of a host loses half of its weight in this time: a host that was retired is
/// expected no more after some weeks.
const HALF_LIFE: Span = Span::from_days(3);
/// Hosts that answer less often than this bear no witness.
const LEAST_AVAILABILITY: f64 = 0.05;
/// Nobody answers always, nobody never.
const AVAILABILITY: (f64, f64) = (0.02, 0.99);
/// Until it is known what a host does after silence, it is thought to do what it does at large, with
/// the weight of this many rounds.
const BORROWED_ROUNDS: f64 = 2.0;
/// Addresses are one machine if, of the rounds in which one of them was silent, they share this much.
const ALIKE: f64 = 0.75;
/// They are thought to be one machine no longer if they share less than this.
const UNLIKE: f64 = 0.5;
/// Fewer silent rounds tell nothing: all that always answer look alike.
const TELLING_ROUNDS: u32 = 3;
/// Quick rounds, of less weight than this, would show one trouble many times.
const TELLING_WEIGHT: f64 = 0.5;
/// Less than a millisecond may be the machine that measures.
const LEAST_LATER_US: f64 = 1_000.0;
/// How much of each round trip the usual one takes in (alpha of RFC 6298).
const SMOOTHING: f64 = 0.125;
/// Who answered so shortly before is not silent yet: rate limits and bursts of loss take single
/// answers of hosts that are asked every second. Bursts of loss last for less (Zhang, Duffield, Paxson,
/// Shenker, IMW 2001, docs/method.md).
const NOT_SILENT_YET: Span = Span::from_seconds(5);

/// One address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    after_reply: Tally,
    after_silence: Tally,
    learned_at: Option<Timestamp>,
    /// The last 64 rounds outside of outages, a bit each, the latest lowest; 1 where it was silent.
    silences: u64,
    answered_last: bool,
    /// Rounds that it has not learned from yet: all but the last are silent.
    lessons: Vec<Lesson>,
    /// Rounds without an answer since the last one with.
    silent_rounds: u32,
    /// When it last bore witness.
    bore_witness_at: Option<Timestamp>,
    /// Last reply ever.
    pub(crate) last_reply: Option<Timestamp>,
    /// Last reply that took no longer than usual: a late one does not show that all is well.
    pub(crate) last_prompt: Option<Timestamp>,
    /// Usual round trip in microseconds, smoothed as that of TCP is (RFC 6298).
    usual_rtt_us: Option<f64>,
    /// First silence since.
    pub(crate) silent_since: Option<Timestamp>,
    /// Last silence ever.
    pub(crate) last_silent: Option<Timestamp>,
    /// First reply after the last time of silence.
    pub(crate) back_at: Option<Timestamp>,
}

/// Rounds in which it was asked and answered, fading.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    answered: f64,
    asked: f64,
}

impl Tally {
    fn fade(&mut self, factor: f64) {
        self.answered *= factor;
        self.asked *= factor;
    }

    fn add(&mut self, answered: bool, weight: f64) {
        self.answered += if answered { weight } else { 0.0 };
        self.asked += weight;
    }
}

/// What one round teaches.
#[derive(Debug, Clone, Copy)]
struct Lesson {
    at: Timestamp,
    answered: bool,
    /// Whether it had answered in the one before.
    after_reply: bool,
    weight: f64,
}

impl Target {
    /// Notes what a round showed, after it was learned from. A host that was never heard is no host.
    pub(crate) fn note(&mut self, seen: Seen) {
        if self.bears_witness(seen) {
            self.answered_last = seen.answered;
            if self.is_due(seen) {
                self.bore_witness_at = seen.last_asked;
            }
        }
        self.silent_rounds = if seen.answered { 0 } else { self.silent_rounds.saturating_add(1) };
        if self.silent_since.is_some() && seen.answered {
            self.back_at = seen.first_reply;
        }
        self.last_silent = seen.last_silent.or(seen.first_silent).or(self.last_silent);
        if seen.last_reply.is_some() {
            self.last_reply = seen.last_reply;
            if !self.is_late(seen) {
                self.last_prompt = seen.last_reply;
            }
            self.silent_since = seen.first_silent;
        } else {
            self.silent_since = self.silent_since.or(seen.first_silent);
        }
    }

    /// Takes back that it fell silent, where that was `since` then.
    pub(crate) fn doubt_silence(&mut self, since: Timestamp) {
        if self.silent_since.is_some_and(|silent| silent >= since) {
            self.silent_since = None;
            self.answered_last = true;
        }
    }

    /// Learns availability from a round outside of outages, which counts for so much of a usual round, in
    /// [0, 1]. Silence teaches only when it has lasted or is over: before, it may be the beginning of an
    /// outage that is not believed yet, and who is expected to be silent can't tell of it.
    pub(crate) fn learn(&mut self, at: Timestamp, seen: Seen, weight: f64) {
        if let Some(rtt) = seen.rtt_us.map(f64::from) {
            let usual = self.usual_rtt_us.get_or_insert(rtt);
            *usual += (rtt - *usual) * SMOOTHING;
        }
        let (answered, after_reply) = (seen.answered, self.answered_last);
        self.lessons.push(Lesson { at, answered, after_reply, weight });
        if answered || !self.fell_lately(seen) {
            for lesson in std::mem::take(&mut self.lessons) {
                self.take_in(lesson);
            }
        }
    }

    /// What was not learned yet never will be: it may belong to an outage.
    pub(crate) fn learn_nothing(&mut self) {
        self.lessons.clear();
    }

    fn take_in(&mut self, Lesson { at, answered, after_reply, weight }: Lesson) {
        let since = self.learned_at.map_or(Span::ZERO, |then| at - then);
        let fade = libm::exp2(-since.as_seconds() / HALF_LIFE.as_seconds());
        self.after_reply.fade(fade);
        self.after_silence.fade(fade);
        if weight >= TELLING_WEIGHT {
            self.silences = self.silences << 1 | u64::from(!answered);
        }
        let tally = if after_reply { &mut self.after_reply } else { &mut self.after_silence };
        tally.add(answered, weight);
        self.learned_at = Some(at);
    }

    /// Chance that it answers in the next round; `None` while it is not known as a host that does.
    pub(crate) fn availability(&self) -> Option<f64> {
        self.last_reply?;
        let at_large = self.at_large();
        if at_large < LEAST_AVAILABILITY {
            return None;
        }
        let tally = if self.answered_last { self.after_reply } else { self.after_silence };
        let next = (tally.answered + BORROWED_ROUNDS * at_large) / (tally.asked + BORROWED_ROUNDS);
        Some(next.clamp(AVAILABILITY.0, AVAILABILITY.1))
    }

    /// Chance that it answers a round, whatever it did in the last; by Laplace's rule, one of two before the
    /// first.
    fn at_large(&self) -> f64 {
        let (replies, silences) = (self.after_reply, self.after_silence);
        (replies.answered + silences.answered + 1.0) / (replies.asked + silences.asked + 2.0)
    }

    /// True where its answer took so much longer than usual that something is in the way.
    fn is_late(&self, seen: Seen) -> bool {
        let took = seen.rtt_us.map(f64::from).zip(self.usual_rtt_us);
        took.is_some_and(|(rtt, usual)| rtt >= TIMES_RTT * usual && rtt - usual >= LEAST_LATER_US)
    }

    /// True where it may bear witness again: that a host answers which answered a moment before is no news, nor
    /// that one is still silent.
    pub(crate) fn is_due(&self, seen: Seen) -> bool {
        let since = seen.last_asked.zip(self.bore_witness_at).map(|(asked, then)| asked - then);
        since.is_none_or(|since| since >= NOT_SILENT_YET)
    }

    /// True where it is silent, and not for long.
    pub(crate) fn fell_lately(&self, seen: Seen) -> bool {
        let silent = seen.last_asked.zip(self.silent_since).map(|(asked, silent)| asked - silent);
        !seen.answered && silent.is_none_or(|silent| silent < LATELY)
    }

    /// How telling its silence is: the logarithm of how seldom it leaves a round unanswered after a reply.
    pub(crate) fn tells(&self) -> f64 {
        let at_large = self.at_large();
        let answers = (self.after_reply.answered + BORROWED_ROUNDS * at_large)
            / (self.after_reply.asked + BORROWED_ROUNDS);
        -libm::log(1.0 - answers.clamp(AVAILABILITY.0, AVAILABILITY.1))
    }

    /// Chance that all answers of its silence so far were lost, if each is with this chance.
    pub(crate) fn all_lost(&self, loss: f64) -> f64 {
        libm::pow(loss, f64::from(self.silent_rounds.saturating_add(1).min(MOST_LOST)))
    }

    /// True where it answered so shortly before that it can be reached for sure.
    pub(crate) fn is_heard(&self, seen: Seen) -> bool {
        let since = seen.last_asked.zip(self.last_reply).map(|(asked, reply)| asked - reply);
        since.is_some_and(|since| since < NOT_SILENT_YET)
    }

    /// True where what it did in a round, before that was noted, bears witness: an answer does, and silence
    /// that has lasted.
    pub(crate) fn bears_witness(&self, seen: Seen) -> bool {
        seen.answered || !self.is_heard(seen)
    }

    /// The share of silent rounds in common; `None` where there are too few to tell.
    fn likeness(&self, other: &Self) -> Option<f64> {
        let any = (self.silences | other.silences).count_ones();
        let both = (self.silences & other.silences).count_ones();
        (any >= TELLING_ROUNDS).then(|| f64::from(both) / f64::from(any))
    }
}

/// Brings up to date which address stands for the machine that each is on: the lowest of those
/// alike, within a block. What is not in the map stands for itself.
pub(crate) fn regroup(machines: &mut BTreeMap<IpAddr, IpAddr>, targets: &BTreeMap<IpAddr, Target>) {
    let mut firsts: BTreeMap<Prefix, Vec<(IpAddr, &Target)>> = BTreeMap::new();
    for (address, target) in targets {
        let firsts = firsts.entry(Prefix::host(*address).block()).or_default();
        let known = machines.get(address).copied();
        let stays = known.filter(|known| {
            let likeness = targets.get(known).and_then(|first| first.likeness(target));
            firsts.iter().any(|(first, _)| first == known)
                && likeness.is_none_or(|likeness| likeness >= UNLIKE)
        });
        let alike = |(_, first): &&(IpAddr, &Target)| {
            first.likeness(target).is_some_and(|likeness| likeness >= ALIKE)
        };
        let machine = stays.or_else(|| firsts.iter().find(alike).map(|(first, _)| *first));
        if let Some(machine) = machine {
            machines.insert(*address, machine);
        } else {
            machines.remove(address);
            firsts.push((*address, target));
        }
    }
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
            let seen = Seen {
                answered,
                first_reply: reply,
                last_reply: reply,
                first_silent: silent,
                last_silent: silent,
                rtt_us: None,
                last_asked: Some(at),
            };
            target.learn(at, seen, 1.0);
            target.note(seen);
        }
        target
    }

    #[test]
    fn availability_is_the_share_of_rounds_answered() {
        let half = target((0..400).map(|round| round / 2 % 2 == 0)).availability().unwrap();
        assert!((half - 0.5).abs() < 0.02, "{half}");
        let all = target((0..400).map(|_| true)).availability().unwrap();
        assert!(all > 0.98, "{all}");
    }

    #[test]
    fn who_sleeps_is_expected_to_sleep_on() {
        let night = |round: i64| round % 130 >= 70;
        let asleep = target((0..650).map(|round| !night(round))).availability().unwrap();
        assert!(asleep < 0.1, "{asleep}");
        let awake = target((0..700).map(|round| !night(round))).availability().unwrap();
        assert!(awake > 0.9, "{awake}");
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
        let mut machines = BTreeMap::new();
        regroup(&mut machines, &targets);
        assert_eq!(machines, BTreeMap::from([(address(2), address(1))]));
    }
}
