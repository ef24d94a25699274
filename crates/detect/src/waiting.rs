//! Probes in the order in which they were sent, not in which their outcomes became known.
//!
//! A reply is known at once, silence only when it was waited for in vain: what is told live runs
//! back in time by seconds. Judged in that order, a round would hold replies of now beside silence
//! of before, and silence of hosts without that of the controls that were asked beside them. So
//! every outcome waits for as long as any other may be outstanding. What comes later still is judged
//! when it comes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Control, ControlKind, Method, Probe, Span, Text, Timestamp};

/// The usual timeout of 3 s ([Trinocular], docs/method.md), and a second for whoever tells it.
const LONGEST_OUTSTANDING: Span = Span::from_seconds(4);

/// What came of something that was asked.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Of a probe.
    Probe(Probe),
    /// Of a probe to a control.
    Control(Control),
}

/// Who asked whom: orders what was sent at one moment, so that the order of telling does not matter.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sent {
    at: Timestamp,
    vantage: Text,
    /// Controls come last, as what they vouch for must be part of their round.
    kind: Option<ControlKind>,
    target: IpAddr,
    method: Method,
    /// Of equals, the order of telling.
    number: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    queue: BTreeMap<Sent, Outcome>,
    told: u64,
}

impl Waiting {
    /// Takes what came of a probe that was sent `at`.
    pub(crate) fn push(&mut self, at: Timestamp, outcome: Outcome) {
        self.told = self.told.wrapping_add(1);
        let (vantage, kind, target, method) = match &outcome {
            Outcome::Probe(probe) => (probe.vantage.clone(), None, probe.target, probe.method),
            Outcome::Control(control) => {
                (control.vantage.clone(), Some(control.kind), control.target, control.method)
            }
        };
        let sent = Sent { at, vantage, kind, target, method, number: self.told };
        self.queue.insert(sent, outcome);
    }

    /// The first that waits no longer at `now`, and when it was sent.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, Outcome)> {
        self.pop_sent(now - LONGEST_OUTSTANDING)
    }

    /// The first of all: nothing more will come.
    pub(crate) fn pop_any(&mut self) -> Option<(Timestamp, Outcome)> {
        self.pop_sent(Timestamp::MAX)
    }

    fn pop_sent(&mut self, until: Timestamp) -> Option<(Timestamp, Outcome)> {
        let first = self.queue.first_entry().filter(|first| first.key().at <= until)?;
        let (sent, outcome) = first.remove_entry();
        Some((sent.at, outcome))
    }
}

/// The moment up to which all that was sent is known at `now`.
pub(crate) fn known_until(now: Timestamp) -> Timestamp {
    now - LONGEST_OUTSTANDING
}
