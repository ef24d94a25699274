//! Outages: alerts of one entity joined, with how much was lost, in which order, and in which state.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Entity, Probability, SignalId, Text, Timestamp, Verdict};

/// An outage's id: the entity's slug and the first bad second known when it was first told. Never
/// changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutageId(pub String);

/// When something began: between the last good observation and the first bad one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onset {
    /// `None` where nothing good was seen before.
    pub last_good: Option<Timestamp>,
    /// The first observation that shows it.
    pub first_bad: Timestamp,
}

/// When something ended: between the last bad observation and the first good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The last observation that shows it.
    pub last_bad: Timestamp,
    /// The first good observation after it.
    pub first_good: Timestamp,
}

/// The state of an entity. Sorted from least to worst; `Blind` stands apart: we can't tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// We can't tell.
    Blind,
    /// Lost under 5 %, but packet loss at least 10 points over its baseline or round trip at least
    /// twice it.
    Degraded,
    /// Up inside, cut off from outside.
    Isolated,
    /// Three or more returns, up between 10 and 90 % of the time.
    Intermittent,
    /// Peak lost share from 5 to 95 %.
    Partial,
    /// Peak lost share of 95 % or more: even deliberate shutdowns leave remainders.
    Complete,
}

/// A time in one state, `[from, until)`; `until` is `None` while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateSpan {
    /// Which state.
    pub state: State,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// In which unit a loss was counted; the first of these that exists is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Hosts that answered before.
    Hosts,
    /// Blocks (/24 or /48).
    Blocks,
    /// Routed prefixes.
    Prefixes,
    /// Entries in the peers' tables.
    RibEntries,
    /// Whatever the source counts.
    Other,
}

/// How much was lost: the median over the worst quarter, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LostShare {
    /// In [0, 1].
    pub value: Probability,
    /// Lower end of the interval.
    pub low: Probability,
    /// Upper end of the interval.
    pub high: Probability,
    /// What was counted.
    pub basis: Basis,
    /// Of how many; `None` where the source does not say.
    pub n: Option<u64>,
}

/// One step in the order of failure. Steps of one rank can't be told apart in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderStep {
    /// From 1; equal ranks were not told apart.
    pub rank: u32,
    /// What failed.
    pub signal: SignalId,
    /// Whose.
    pub entity: Entity,
    /// When it began.
    pub from: Onset,
    /// When it ended; `None` while it lasts.
    pub until: Option<End>,
    /// How much of it, in [0, 1]; `None` for signals that count no units.
    pub lost_share: Option<Probability>,
}

/// A part of the entity that was out by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Which part.
    pub entity: Entity,
    /// Its own state.
    pub state: State,
    /// When it began.
    pub from: Onset,
    /// When it ended; `None` while it lasts.
    pub until: Option<End>,
    /// How much of it.
    pub lost_share: Option<LostShare>,
}

/// A time in which we can't tell, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Blind {
    /// Whose state can't be told.
    pub entity: Entity,
    /// Who could not see.
    pub vantage: Text,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// `feed silent`, `no table yet`, `far controls failed`, ...
    pub why: Text,
}

/// Alerts of one entity, joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// Its id.
    pub id: OutageId,
    /// The id of the first outage of its family; its own where it stands alone.
    pub family: OutageId,
    /// Whose outage.
    pub entity: Entity,
    /// The worst state that lasted max(3 steps, 5 min).
    pub state: State,
    /// The sequence of states.
    pub states: Vec<StateSpan>,
    /// When it began.
    pub from: Onset,
    /// When it ended; `None` while it goes on.
    pub until: Option<End>,
    /// How much was lost; `None` where only loss or round trip changed.
    pub lost_share: Option<LostShare>,
    /// In which order signals failed.
    pub order: Vec<OrderStep>,
    /// What each vantage point saw.
    pub seen_by: BTreeMap<String, State>,
    /// Parts that were out by themselves.
    pub parts: Vec<Part>,
    /// Why; `None` before the first judgement.
    pub verdict: Option<Verdict>,
}

impl OutageId {
    /// The id of an outage of `entity` whose first bad observation was at `first_bad`.
    pub fn new(entity: &Entity, first_bad: Timestamp) -> Self {
        Self(format!("{}-{}", entity.slug(), first_bad.compact()))
    }
}

impl fmt::Display for OutageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl State {
    /// As it stands in JSON and text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blind => "blind",
            Self::Degraded => "degraded",
            Self::Isolated => "isolated",
            Self::Intermittent => "intermittent",
            Self::Partial => "partial",
            Self::Complete => "complete",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Basis {
    /// The units in words: `hosts`, `RIB entries`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Blocks => "blocks",
            Self::Prefixes => "prefixes",
            Self::RibEntries => "RIB entries",
            Self::Other => "units",
        }
    }
}
