//! Probes that are under way, and what an answer means for them. Pure: time is passed in.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use falter_model::{Outcome, Span, Text, Timestamp, Unreachable};
use falter_wire::packet::{Icmp, IcmpVersion, QuotedProbe, trouble_name};

use super::secret::{Secret, micros};
use super::syn_socket::SynAnswer;

/// Answers are recognized as late or duplicate for this many time-outs.
const REMEMBERED_TIMEOUTS: u32 = 4;

/// A probe that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Which item of the rounds.
    pub(crate) item: usize,
    pub(crate) target: IpAddr,
    /// Of an echo, its sequence number; of anything else, a number of ours.
    pub(crate) sequence: u16,
    /// By the prober's clock.
    pub(crate) sent: Duration,
    /// By the wall's.
    pub(crate) at: Timestamp,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Overdue,
    Answered,
    Silent,
}

/// What a message meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Something came of a probe: the item, when it was sent, and what.
    Outcome(usize, Timestamp, Outcome),
    /// It was answered before.
    Duplicate,
    /// It was given up before.
    Late,
    /// Nobody asked that, or somebody else.
    Spoofed,
    /// Nothing to do with us.
    Foreign,
}

/// A message and how it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'a> {
    pub(crate) from: IpAddr,
    pub(crate) icmp: Icmp<'a>,
    pub(crate) version: IcmpVersion,
    pub(crate) ttl: Option<u8>,
    /// By the prober's clock.
    pub(crate) arrived: Duration,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Asked {
    secret: Secret,
    timeout: Duration,
    overdue: Duration,
    /// In the order in which they were sent.
    questions: VecDeque<Question>,
}

impl Asked {
    /// Nothing is under way; who answers after `overdue` is suspicious, after `timeout` silent.
    pub(crate) const fn new(secret: Secret, timeout: Duration, overdue: Duration) -> Self {
        Self { secret, timeout, overdue, questions: VecDeque::new() }
    }

    /// A probe was sent.
    pub(crate) fn sent(
        &mut self,
        item: usize,
        target: IpAddr,
        sequence: u16,
        sent: Duration,
        at: Timestamp,
    ) {
        let state = State::Waiting;
        self.questions.push_back(Question { item, target, sequence, sent, at, state });
    }

    /// What a message means. `ids` are the identifiers that our sockets ask with, or the ports.
    pub(crate) fn heard(&mut self, heard: &Heard<'_>, ids: &[u16]) -> Meaning {
        match heard.icmp {
            Icmp::Reply(echo) if !ids.contains(&echo.id) => Meaning::Foreign,
            Icmp::Reply(echo) => {
                let Some(sent) = self.secret.sent(heard.from, echo.sequence, echo.payload) else {
                    return Meaning::Spoofed;
                };
                let rtt_us = rtt_us(heard.arrived.saturating_sub(sent));
                let outcome = Outcome::Reply { rtt_us, ttl: heard.ttl };
                self.answer(heard.from, echo.sequence, Some(sent), outcome)
            }
            Icmp::Trouble(trouble) => {
                let Some(quoted) = trouble.quoted else { return Meaning::Foreign };
                let (id, sequence) = match quoted.probe {
                    QuotedProbe::Echo { id, sequence, .. } => (id, sequence),
                    QuotedProbe::Tcp { from_port, sequence, .. } => (from_port, probe_of(sequence)),
                    QuotedProbe::Other(_) => return Meaning::Foreign,
                };
                if !ids.contains(&id) {
                    return Meaning::Foreign;
                }
                let code = trouble_name(heard.version, trouble.kind, trouble.code);
                self.unreachable(quoted.to, sequence, code, Some(heard.from))
            }
            Icmp::Request(_) | Icmp::Other(_) => Meaning::Foreign,
        }
    }

    /// What the answer to a SYN means, which arrived by the prober's clock at `arrived`.
    pub(crate) fn answered_syn(&mut self, answer: &SynAnswer, arrived: Duration) -> Meaning {
        let SynAnswer { from, sequence, is_reset, ttl, .. } = *answer;
        let Some(sent) = self.find(from, sequence, None).map(|question| question.sent) else {
            return Meaning::Late;
        };
        let rtt_us = rtt_us(arrived.saturating_sub(sent));
        let outcome =
            if is_reset { Outcome::Reset { rtt_us } } else { Outcome::Reply { rtt_us, ttl } };
        self.answer(from, sequence, Some(sent), outcome)
    }

    /// Somebody says that a target can't be reached.
    pub(crate) fn unreachable(
        &mut self,
        target: IpAddr,
        sequence: u16,
        code: &str,
        from: Option<IpAddr>,
    ) -> Meaning {
        let outcome = Outcome::Unreachable(Unreachable { code: Text::from(code), from });
        self.answer(target, sequence, None, outcome)
    }

    /// Something came of a probe to a target.
    pub(crate) fn answer(
        &mut self,
        target: IpAddr,
        sequence: u16,
        sent: Option<Duration>,
        outcome: Outcome,
    ) -> Meaning {
        let Some(question) = self.find(target, sequence, sent) else {
            // A proven reply to a probe that was forgotten is late; a trouble proves nothing.
            return if sent.is_some() { Meaning::Late } else { Meaning::Spoofed };
        };
        let before = std::mem::replace(&mut question.state, State::Answered);
        match before {
            State::Waiting | State::Overdue => {
                Meaning::Outcome(question.item, question.at, outcome)
            }
            State::Answered => Meaning::Duplicate,
            State::Silent => Meaning::Late,
        }
    }

    fn find(
        &mut self,
        target: IpAddr,
        sequence: u16,
        sent: Option<Duration>,
    ) -> Option<&mut Question> {
        self.questions.iter_mut().rev().find(|question| {
            question.target == target
                && question.sequence == sequence
                && sent.is_none_or(|sent| micros(sent) == micros(question.sent))
        })
    }

    /// Items that should have answered by now.
    pub(crate) fn take_overdue(&mut self, now: Duration) -> Vec<usize> {
        let overdue = self.overdue;
        let mut items = Vec::new();
        for question in &mut self.questions {
            if question.state == State::Waiting && question.sent + overdue <= now {
                question.state = State::Overdue;
                items.push(question.item);
            }
        }
        items
    }

    /// Probes that nobody answered in time: item, when it was sent, and how long it was waited for.
    pub(crate) fn take_silent(&mut self, now: Duration) -> Vec<(usize, Timestamp, Outcome)> {
        let timeout = self.timeout;
        let mut silent = Vec::new();
        for question in &mut self.questions {
            let waits = matches!(question.state, State::Waiting | State::Overdue);
            if waits && question.sent + timeout <= now {
                question.state = State::Silent;
                let waited = micros(timeout).min(u64::from(u32::MAX));
                let after = Span::from_micros(i64::try_from(waited).unwrap_or(i64::MAX));
                silent.push((question.item, question.at, Outcome::Timeout { after }));
            }
        }
        let old = timeout * REMEMBERED_TIMEOUTS;
        while self.questions.front().is_some_and(|question| question.sent + old <= now) {
            self.questions.pop_front();
        }
        silent
    }

    /// When something falls due next.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let due = |question: &Question| match question.state {
            State::Waiting => Some(question.sent + self.overdue),
            State::Overdue => Some(question.sent + self.timeout),
            State::Answered | State::Silent => None,
        };
        self.questions.iter().filter_map(due).min()
    }
}

/// Which probe a SYN of this number was.
pub(crate) const fn probe_of(number: u32) -> u16 {
    let [.., high, low] = number.to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// A round trip as observations hold it: at least 1, for 0 would say that none was measured.
pub(crate) fn rtt_us(rtt: Duration) -> u32 {
    u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use falter_wire::packet::{Echo, Quoted, Trouble};

    use super::*;

    const TARGET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));
    const OURS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 1));
    const AT: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// One probe, sent at 10 s, and its payload.
    fn asked() -> (Asked, Vec<u8>) {
        let secret = Secret::new();
        let mut asked = Asked::new(secret, seconds(3.0), seconds(1.0));
        let mut payload = Vec::new();
        secret.stamp(TARGET, 5, seconds(10.0), "me@example.net", &mut payload);
        asked.sent(42, TARGET, 5, seconds(10.0), AT);
        (asked, payload)
    }

    fn reply(from: IpAddr, id: u16, payload: &[u8], arrived: f64) -> Heard<'_> {
        let icmp = Icmp::Reply(Echo { id, sequence: 5, payload });
        Heard { from, icmp, version: IcmpVersion::V4, ttl: Some(60), arrived: seconds(arrived) }
    }

    fn trouble(from: IpAddr, sequence: u16) -> Heard<'static> {
        let probe = QuotedProbe::Echo { id: 1, sequence, payload: &[] };
        let quoted = Some(Quoted { from: OURS, to: TARGET, probe });
        let icmp = Icmp::Trouble(Trouble { version: IcmpVersion::V4, kind: 3, code: 1, quoted });
        Heard { from, icmp, version: IcmpVersion::V4, ttl: None, arrived: seconds(10.1) }
    }

    #[test]
    fn the_first_reply_counts_and_the_second_is_a_duplicate() {
        let (mut asked, payload) = asked();
        let outcome = Outcome::Reply { rtt_us: 250_000, ttl: Some(60) };
        let first = asked.heard(&reply(TARGET, 1, &payload, 10.25), &[1]);
        assert_eq!(first, Meaning::Outcome(42, AT, outcome));
        assert_eq!(asked.heard(&reply(TARGET, 1, &payload, 10.3), &[1]), Meaning::Duplicate);
        assert!(asked.take_silent(seconds(14.0)).is_empty());
    }

    #[test]
    fn what_was_given_up_is_late_and_stays_late() {
        let (mut asked, payload) = asked();
        assert_eq!(asked.next_due(), Some(seconds(11.0)));
        assert!(asked.take_overdue(seconds(10.9)).is_empty());
        assert_eq!(asked.take_overdue(seconds(11.0)), [42]);
        assert!(asked.take_silent(seconds(12.9)).is_empty());
        let after = Span::from_seconds(3);
        let silent = asked.take_silent(seconds(13.0));
        assert_eq!(silent, [(42, AT, Outcome::Timeout { after })]);
        assert_eq!(asked.heard(&reply(TARGET, 1, &payload, 13.5), &[1]), Meaning::Late);
        // Long forgotten: its payload proves that it was asked once.
        asked.take_silent(seconds(100.0));
        assert_eq!(asked.heard(&reply(TARGET, 1, &payload, 100.0), &[1]), Meaning::Late);
    }

    #[test]
    fn nobody_answers_for_another() {
        let (mut asked, mut payload) = asked();
        assert_eq!(asked.heard(&reply(ROUTER, 1, &payload, 10.1), &[1]), Meaning::Spoofed);
        assert_eq!(asked.heard(&reply(TARGET, 2, &payload, 10.1), &[1]), Meaning::Foreign);
        payload[9] ^= 1;
        assert_eq!(asked.heard(&reply(TARGET, 1, &payload, 10.1), &[1]), Meaning::Spoofed);
    }

    #[test]
    fn troubles_tell_who_says_so_be_it_ourselves() {
        let (mut asked, _) = asked();
        assert_eq!(asked.heard(&trouble(ROUTER, 6), &[1]), Meaning::Spoofed);
        assert_eq!(asked.heard(&trouble(ROUTER, 5), &[2]), Meaning::Foreign);
        for who in [ROUTER, OURS] {
            let (mut asked, _) = self::asked();
            let unreachable = Unreachable { code: "host".into(), from: Some(who) };
            let told = Meaning::Outcome(42, AT, Outcome::Unreachable(unreachable));
            assert_eq!(asked.heard(&trouble(who, 5), &[1]), told);
            assert!(asked.take_silent(seconds(14.0)).is_empty());
        }
    }
}
