//! Rounds: one vantage point's probes, cut into times in which every target was asked once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use falter_model::{Control, ControlKind, Method, Probe, Span, Timestamp};

/// A round is no shorter: answers within a second share the fate of one burst.
const SHORTEST: Span = Span::from_seconds(1);
/// A round is no longer: Trinocular's (docs/method.md).
pub(crate) const LONGEST: Span = Span::from_minutes(11);

/// What one vantage point saw in a round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Round {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// By target: whether it answered at all, to any method.
    pub(crate) targets: BTreeMap<IpAddr, Seen>,
    /// Far controls: whether each answered.
    pub(crate) far: BTreeMap<IpAddr, bool>,
    /// Near controls: whether each answered.
    pub(crate) near: BTreeMap<IpAddr, bool>,
    /// Methods in use.
    pub(crate) methods: Vec<Method>,
    /// Packets sent to far and near controls, and answered by them.
    far_packets: (u32, u32),
    near_packets: (u32, u32),
    asked: BTreeSet<(IpAddr, Method)>,
    begun: bool,
}

/// What was seen of one target in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// It answered at least once.
    pub(crate) answered: bool,
    /// First reply in the round.
    pub(crate) first_reply: Option<Timestamp>,
    /// Last reply in the round.
    pub(crate) last_reply: Option<Timestamp>,
    /// First probe without an answer after the last reply.
    pub(crate) first_silent: Option<Timestamp>,
    /// Last probe without an answer before the first reply.
    pub(crate) last_silent: Option<Timestamp>,
    /// Shortest round trip, in microseconds.
    pub(crate) rtt_us: Option<u32>,
    /// Last probe in the round.
    pub(crate) last_asked: Option<Timestamp>,
}

impl Round {
    /// True where a probe at `at` belongs to the next round.
    pub(crate) fn is_over(&self, at: Timestamp, target: IpAddr, method: Method) -> bool {
        let lasted = at - self.from;
        self.begun
            && (lasted >= LONGEST || lasted >= SHORTEST && self.asked.contains(&(target, method)))
    }

    /// True where time alone ends it.
    pub(crate) fn is_stale(&self, now: Timestamp) -> bool {
        self.begun && now - self.from >= LONGEST
    }

    fn begin(&mut self, at: Timestamp) {
        if !self.begun {
            self.begun = true;
            self.from = at;
        }
        self.until = self.until.max(at);
    }

    /// Adds a probe. One that was sent before the round began became known too late for its own: it
    /// counts, and is no reason to end this one.
    pub(crate) fn probe(&mut self, at: Timestamp, probe: &Probe) {
        self.begin(at);
        if at >= self.from {
            self.asked.insert((probe.target, probe.method));
        }
        if !self.methods.contains(&probe.method) {
            self.methods.push(probe.method);
        }
        let seen = self.targets.entry(probe.target).or_insert(Seen::NOTHING);
        seen.last_asked = seen.last_asked.max(Some(at));
        if probe.outcome.answered() {
            seen.note_reply(at, probe.outcome.rtt_us());
        } else {
            seen.note_silence(at);
        }
    }

    /// Adds a probe to a control.
    pub(crate) fn control(&mut self, at: Timestamp, control: &Control) {
        self.begin(at);
        let answered = control.outcome.answered();
        let (controls, packets) = match control.kind {
            ControlKind::Far => (&mut self.far, &mut self.far_packets),
            ControlKind::Near => (&mut self.near, &mut self.near_packets),
        };
        *controls.entry(control.target).or_default() |= answered;
        packets.0 += 1;
        packets.1 += u32::from(answered);
    }

    /// Packets sent to controls of a kind, and answered.
    pub(crate) const fn packets(&self, kind: ControlKind) -> (u32, u32) {
        match kind {
            ControlKind::Far => self.far_packets,
            ControlKind::Near => self.near_packets,
        }
    }

    /// True where anything answered: a target, or a control of either kind.
    pub(crate) fn has_answer(&self) -> bool {
        let controls = self.far.values().chain(self.near.values());
        self.targets.values().any(|seen| seen.answered)
            || controls.copied().any(|answered| answered)
    }
}

impl Seen {
    const NOTHING: Self = Self {
        answered: false,
        first_reply: None,
        last_reply: None,
        first_silent: None,
        last_silent: None,
        rtt_us: None,
        last_asked: None,
    };

    fn note_reply(&mut self, at: Timestamp, rtt_us: Option<u32>) {
        self.answered = true;
        self.first_reply = self.first_reply.min(Some(at)).or(Some(at));
        self.last_reply = self.last_reply.max(Some(at));
        self.first_silent = self.first_silent.filter(|silent| *silent > at);
        self.last_silent = self.last_silent.filter(|silent| *silent < at);
        self.rtt_us = match (self.rtt_us, rtt_us) {
            (Some(known), Some(rtt)) => Some(known.min(rtt)),
            (known, rtt) => known.or(rtt),
        };
    }

    fn note_silence(&mut self, at: Timestamp) {
        if self.last_reply.is_none_or(|reply| reply < at) {
            self.first_silent = self.first_silent.map_or(Some(at), |known| Some(known.min(at)));
        }
        if self.first_reply.is_none_or(|reply| at < reply) {
            self.last_silent = self.last_silent.max(Some(at));
        }
    }
}
