//! What probed hosts did around an outage: what a cause may be judged by.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use falter_model::{ProbeFacts, Span, Timestamp};

use crate::belief::Answer;
use crate::episode::Episode;
use crate::median::median;
use crate::rounds::Round;

/// Degradation is looked for this long before the onset (model: `ProbeFacts::loss_before`).
const LEAD: Span = Span::from_minutes(30);
/// Rounds are remembered this long: the lead, and twice that to know what is usual.
const REMEMBERED: Span = Span::from_minutes(90);
/// Points of loss over the usual that are degradation (docs/method.md, "States").
const MORE_LOSS: f64 = 0.10;
/// Times the usual round trip that are degradation (docs/method.md, "States").
pub(crate) const TIMES_RTT: f64 = 2.0;
/// A longer round does not tell at once from one by one: within minutes anything fills, or runs empty (judged).
const TELLING_ROUND: Span = Span::from_minutes(2);
/// Returns further apart than this many rounds are different steps.
const STEP_ROUNDS: i64 = 2;

/// The last rounds of one vantage point.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    rounds: VecDeque<Look>,
    /// What it believed, by time: kept for as long as the engine lives, as runs.
    believed: Vec<(Timestamp, Option<f64>)>,
}

/// One round in short.
#[derive(Debug, Clone)]
struct Look {
    at: Timestamp,
    until: Timestamp,
    /// What was expected of each address, and what came.
    answers: Vec<(IpAddr, Answer)>,
    /// First reply and shortest round trip, in microseconds, of each address that answered.
    replies: Vec<(Timestamp, f64)>,
}

/// How it was before an onset.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Lead {
    loss: Option<f64>,
    rtt: Option<f64>,
    degraded_for: Option<Span>,
}

/// Hosts that an outage took.
#[derive(Debug, Clone)]
pub(crate) struct Fallen {
    pub(crate) hosts: BTreeMap<IpAddr, FallenHost>,
    round: Span,
    known: usize,
    lead: Lead,
    near_asked: u32,
    near_failed: u32,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FallenHost {
    pub(crate) fell: Timestamp,
    pub(crate) returned: Option<Timestamp>,
}

impl Recent {
    /// Remembers a round, and what each address did in it.
    pub(crate) fn note(&mut self, round: &Round, answers: Vec<(IpAddr, Answer)>) {
        if !answers.is_empty() {
            let replies = round.targets.values();
            let replies = replies.filter_map(|seen| Some((seen.first_reply?, seen.rtt_us?)));
            let replies = replies.map(|(at, rtt)| (at, f64::from(rtt))).collect();
            self.rounds.push_back(Look { at: round.from, until: round.until, answers, replies });
        }
        while self.rounds.front().is_some_and(|look| look.at + REMEMBERED < round.from) {
            self.rounds.pop_front();
        }
    }

    /// Remembers the lost share believed in from `at` on.
    pub(crate) fn believed(&mut self, at: Timestamp, lost: f64) {
        self.push(at, Some(lost));
    }

    /// From `at` on it could not see.
    pub(crate) fn could_not_see(&mut self, at: Timestamp) {
        self.push(at, None);
    }

    fn push(&mut self, at: Timestamp, lost: Option<f64>) {
        if self.believed.last().is_none_or(|(_, last)| *last != lost) {
            self.believed.push((at, lost));
        }
    }

    /// The worst lost share that it believed in within `[from, until)`, and whether it was blind at
    /// any time.
    pub(crate) fn worst_lost(&self, from: Timestamp, until: Timestamp) -> (Option<f64>, bool) {
        let first = self.believed.partition_point(|(at, _)| *at <= from).saturating_sub(1);
        let within = || self.believed.iter().skip(first).take_while(|(at, _)| *at < until);
        let worst = within().filter_map(|(_, lost)| *lost).reduce(f64::max);
        (worst, within().any(|(_, lost)| lost.is_none()))
    }

    /// How it was in the half hour before `onset`. A round that ended later holds the fall itself: only what
    /// was answered before it counts, by how long that took. Hosts that `fell` before, one by one as
    /// batteries end, are gone, and nothing is lost on the way to them.
    pub(crate) fn lead(&self, onset: Timestamp, fell: &BTreeMap<IpAddr, Timestamp>) -> Lead {
        let (lead, usual): (Vec<&Look>, Vec<&Look>) = self
            .rounds
            .iter()
            .filter(|look| look.until <= onset)
            .partition(|look| look.at >= onset - LEAD);
        // Where less than half an hour was watched, its calmer half is the usual.
        let usual = if usual.is_empty() { lead.clone() } else { usual };
        let usual_loss = median_of(usual.iter().filter_map(|look| look.loss(fell)));
        let usual_rtt = median_of(usual.iter().filter_map(|look| look.rtt_us(onset)));
        let (Some(usual_loss), false) = (usual_loss, lead.is_empty()) else {
            return Lead::default();
        };
        let more_loss = |look: &Look| Some(look.loss(fell)? - usual_loss);
        let times_rtt =
            |look: &Look| Some(look.rtt_us(onset)? / usual_rtt.filter(|rtt| *rtt > 0.0)?);
        let is_slow = |look: &Look| times_rtt(look).is_some_and(|times| times >= TIMES_RTT);
        let degraded =
            |look: &Look| is_slow(look) || more_loss(look).is_some_and(|more| more >= MORE_LOSS);
        let most = lead.iter().filter_map(|look| more_loss(look)).reduce(f64::max);
        let falling = self.rounds.iter().filter(|look| look.at < onset && look.until > onset);
        let first = lead.iter().copied().find(|look| degraded(look));
        let first = first.or_else(|| falling.clone().find(|look| is_slow(look)));
        let slowest = lead.iter().copied().chain(falling).filter_map(times_rtt);
        Lead {
            loss: most.map(|loss| loss.max(0.0)),
            rtt: slowest.reduce(f64::max),
            degraded_for: first.map(|look| onset - look.at),
        }
    }
}

impl Look {
    /// Median of the shortest round trips of those who answered before `onset`, in microseconds.
    fn rtt_us(&self, onset: Timestamp) -> Option<f64> {
        median_of(self.replies.iter().filter(|(at, _)| *at < onset).map(|(_, rtt)| *rtt))
    }

    /// Share of the expected answers that did not come, of hosts that had not fallen; `None` where none
    /// was expected.
    fn loss(&self, fell: &BTreeMap<IpAddr, Timestamp>) -> Option<f64> {
        let stood = |address: &IpAddr| fell.get(address).is_none_or(|fell| *fell > self.until);
        let (mut expected, mut came) = (0.0, 0.0);
        for (_, answer) in self.answers.iter().filter(|(address, _)| stood(address)) {
            expected += answer.availability;
            came += f64::from(u8::from(answer.answered));
        }
        (expected > 0.0).then(|| (1.0 - came / expected).clamp(0.0, 1.0))
    }
}

impl Fallen {
    /// Hosts that fell at these times, of `known` in all.
    pub(crate) fn new(
        hosts: impl Iterator<Item = (IpAddr, Timestamp)>,
        round: Span,
        known: usize,
        lead: Lead,
    ) -> Self {
        let hosts = hosts.map(|(address, fell)| (address, FallenHost { fell, returned: None }));
        Self { hosts: hosts.collect(), round, known, lead, near_asked: 0, near_failed: 0 }
    }

    /// Notes what near controls answered during the outage.
    pub(crate) fn near(&mut self, answered: impl Iterator<Item = bool>) {
        for answered in answered {
            self.near_asked += 1;
            self.near_failed += u32::from(!answered);
        }
    }

    fn within_one_round(&self, first_bad: Timestamp) -> Option<f64> {
        if self.hosts.is_empty() || self.round > TELLING_ROUND {
            return None;
        }
        let at_once = self.hosts.values().filter(|host| host.fell - first_bad <= self.round);
        Some(at_once.count() as f64 / self.hosts.len() as f64)
    }

    fn returns(&self) -> Vec<Timestamp> {
        let mut returns: Vec<Timestamp> =
            self.hosts.values().filter_map(|host| host.returned).collect();
        returns.sort_unstable();
        returns
    }
}

/// The facts of an episode.
pub(crate) fn facts(episode: &Episode, fallen: &Fallen) -> ProbeFacts {
    let returns = fallen.returns();
    let apart = fallen.round.times(STEP_ROUNDS);
    let steps = returns.chunk_by(|a, b| *b - *a <= apart).count();
    let ended = episode.end.is_some();
    let spread = returns.first().zip(returns.last()).map(|(first, last)| *last - *first);
    let near = fallen.near_asked > 0;
    ProbeFacts {
        loss_before: fallen.lead.loss,
        rtt_before: fallen.lead.rtt,
        degraded_for: fallen.lead.degraded_for,
        lost_within_one_round: fallen.within_one_round(episode.onset.first_bad),
        return_steps: if ended { u32::try_from(steps).ok().filter(|n| *n > 0) } else { None },
        return_spread: spread.filter(|_| ended),
        hosts: u32::try_from(fallen.known).unwrap_or(u32::MAX),
        hosts_after_routes: None,
        near_controls_failed: near.then(|| fallen.near_failed * 2 > fallen.near_asked),
        backscatter_ppm: None,
    }
}

fn median_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut weighted: Vec<(f64, f64)> = values.map(|value| (value, 1.0)).collect();
    median(&mut weighted)
}

#[cfg(test)]
mod tests {
    use falter_model::{Method, Outcome, Probe};

    use super::*;

    /// A round of twenty seconds from `second` on, in which one host answers until `silent_from`.
    fn note(recent: &mut Recent, second: i64, silent_from: i64) {
        let mut round = Round::default();
        for at in [second, second + 20] {
            let outcome = if at < silent_from {
                Outcome::Reply { rtt_us: 40_000, ttl: None }
            } else {
                Outcome::Timeout { after: Span::from_seconds(2) }
            };
            let (vantage, target) = ("a".into(), IpAddr::from([192, 0, 2, 1]));
            let probe = Probe { vantage, target, method: Method::Icmp, outcome };
            round.probe(Timestamp::from_seconds(at), &probe);
        }
        let answered = second < silent_from;
        let answer = Answer { availability: 1.0, answered };
        recent.note(&round, vec![(IpAddr::from([192, 0, 2, 1]), answer)]);
    }

    fn lead(silent_from: i64, onset: i64) -> Lead {
        let mut recent = Recent::default();
        for second in (0..=300).step_by(30) {
            note(&mut recent, second, silent_from);
        }
        recent.lead(Timestamp::from_seconds(onset), &BTreeMap::new())
    }

    #[test]
    fn the_round_of_the_fall_is_no_degradation_before_it() {
        let lead = lead(300, 310);
        assert_eq!((lead.loss, lead.degraded_for), (Some(0.0), None));
    }

    #[test]
    fn rounds_that_were_over_before_are() {
        let lead = lead(240, 310);
        assert_eq!((lead.loss, lead.degraded_for), (Some(1.0), Some(Span::from_seconds(70))));
    }

    #[test]
    fn what_came_late_in_the_round_of_the_fall_is_a_warning() {
        let mut recent = Recent::default();
        for second in (0..=300).step_by(30) {
            let mut round = Round::default();
            for (n, at) in (1..=4).zip((second..).step_by(5)) {
                let outcome = match at {
                    ..300 => Outcome::Reply { rtt_us: 40_000, ttl: None },
                    300..310 => Outcome::Reply { rtt_us: 900_000, ttl: None },
                    _ => Outcome::Timeout { after: Span::from_seconds(2) },
                };
                let (vantage, target) = ("a".into(), IpAddr::from([192, 0, 2, n]));
                let probe = Probe { vantage, target, method: Method::Icmp, outcome };
                round.probe(Timestamp::from_seconds(at), &probe);
            }
            let answer = |n, answered| {
                (IpAddr::from([192, 0, 2, n]), Answer { availability: 1.0, answered })
            };
            recent.note(&round, (1..=4).map(|n| answer(n, second < 300 || n < 3)).collect());
        }
        let lead = recent.lead(Timestamp::from_seconds(310), &BTreeMap::new());
        assert_eq!((lead.rtt, lead.loss), (Some(22.5), Some(0.0)));
        assert_eq!(lead.degraded_for, Some(Span::from_seconds(10)));
    }

    #[test]
    fn who_fell_for_good_before_it_was_not_lost_on_the_way() {
        let hosts = [1, 2, 3, 4].map(|n| IpAddr::from([192, 0, 2, n]));
        let falls_at = |n: i64| 60 * (1 + n);
        let mut recent = Recent::default();
        for second in (0..300).step_by(30) {
            let mut round = Round::default();
            (round.from, round.until) =
                (Timestamp::from_seconds(second), Timestamp::from_seconds(second + 20));
            let answers = (0..).zip(hosts).map(|(n, host)| {
                (host, Answer { availability: 1.0, answered: second + 20 < falls_at(n) })
            });
            recent.note(&round, answers.collect());
        }
        let onset = Timestamp::from_seconds(falls_at(3));
        let fell = (0..).zip(hosts);
        let fell = fell.map(|(n, host)| (host, Timestamp::from_seconds(falls_at(n) - 10)));
        assert_eq!(recent.lead(onset, &fell.collect()).loss, Some(0.0));
        assert_eq!(recent.lead(onset, &BTreeMap::new()).loss, Some(0.5));
    }
}
