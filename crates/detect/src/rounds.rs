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

    /// Adds a probe.
    pub(crate) fn probe(&mut self, at: Timestamp, probe: &Probe) {
        self.begin(at);
        self.asked.insert((probe.target, probe.method));
        if !self.methods.contains(&probe.method) {
            self.methods.push(probe.method);
        }
        let seen = self.targets.entry(probe.target).or_insert(Seen::NOTHING);
        if probe.outcome.answered() {
            seen.answered = true;
            seen.first_reply = seen.first_reply.or(Some(at));
            seen.last_reply = Some(at);
            seen.first_silent = None;
            let rtt = probe.outcome.rtt_us();
            seen.rtt_us = match (seen.rtt_us, rtt) {
                (Some(known), Some(rtt)) => Some(known.min(rtt)),
                (known, rtt) => known.or(rtt),
            };
        } else {
            seen.first_silent = seen.first_silent.or(Some(at));
            if !seen.answered {
                seen.last_silent = Some(at);
            }
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
    };
}
