//! Signals from ICMP echo: which hosts answer, how much is lost, and how long it takes.
//!
//! TCP probes are counted the same way under ids of their own, see [`Layer`].

pub(crate) mod loss;
pub(crate) mod rtt;
pub(crate) mod rtt_p95;
pub(crate) mod unreachable;
pub(crate) mod up_blocks;
pub(crate) mod up_share;

use std::collections::BTreeSet;
use std::net::IpAddr;

use falter_model::{Outcome, Prefix, SignalId, SignalSpec, Text, Timestamp};

use crate::tally::Tally;

/// The signals of one way to ask.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) up_share: &'static SignalSpec,
    pub(crate) up_blocks: &'static SignalSpec,
    pub(crate) loss: &'static SignalSpec,
    pub(crate) rtt: &'static SignalSpec,
    pub(crate) rtt_p95: &'static SignalSpec,
    pub(crate) unreachable: &'static SignalSpec,
}

/// ICMP echo.
pub(crate) const LAYER: Layer = Layer {
    up_share: &up_share::SPEC,
    up_blocks: &up_blocks::SPEC,
    loss: &loss::SPEC,
    rtt: &rtt::SPEC,
    rtt_p95: &rtt_p95::SPEC,
    unreachable: &unreachable::SPEC,
};

/// One probe, as far as signals care.
#[derive(Debug, Clone)]
pub(crate) struct Shot {
    pub(crate) at: Timestamp,
    pub(crate) target: IpAddr,
    pub(crate) answered: bool,
    pub(crate) rtt_us: Option<u32>,
    /// Code of a message that it can't be reached.
    pub(crate) unreachable: Option<Text>,
}

impl Shot {
    /// From a probe's outcome.
    pub(crate) fn new(at: Timestamp, target: IpAddr, outcome: &Outcome) -> Self {
        let unreachable = match outcome {
            Outcome::Unreachable(message) => Some(message.code.clone()),
            _ => None,
        };
        Self { at, target, answered: outcome.answered(), rtt_us: outcome.rtt_us(), unreachable }
    }
}

impl Layer {
    /// Every signal of one entity in one bin.
    pub(crate) fn tally(
        &self,
        shots: &[Shot],
        unanswered: &mut loss::Unanswered,
    ) -> Vec<(SignalId, Tally)> {
        let mut signals = vec![
            (self.up_share.id.into(), up_share::tally(shots)),
            (self.up_blocks.id.into(), up_blocks::tally(shots)),
            (self.loss.id.into(), loss::tally(shots, unanswered)),
            (self.rtt.id.into(), rtt::tally(shots)),
            (self.rtt_p95.id.into(), rtt_p95::tally(shots)),
        ];
        for (code, tally) in unreachable::tally(shots) {
            signals.push((format!("{}/{code}", self.unreachable.id).as_str().into(), tally));
        }
        signals
    }
}

/// Distinct keys of shots, and those of them that had an answer.
fn answered_of<K: Ord>(shots: &[Shot], key: impl Fn(&Shot) -> K) -> Tally {
    let all: BTreeSet<K> = shots.iter().map(&key).collect();
    let up: BTreeSet<K> = shots.iter().filter(|shot| shot.answered).map(&key).collect();
    Tally::of(up.len(), all.len())
}

/// The block of an address.
fn block(shot: &Shot) -> Prefix {
    Prefix::host(shot.target).block()
}

/// Round trips of answered shots.
fn round_trips(shots: &[Shot]) -> Vec<u64> {
    shots.iter().filter_map(|shot| shot.rtt_us).map(u64::from).collect()
}
