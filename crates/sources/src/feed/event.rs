//! What a feed hears, before it is sorted by who asked for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use falter_model::{Asn, Peer, Prefix, Text, Timestamp};

use crate::bootstrap::CollectorTable;

/// One thing that a feed heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A peer changed routes.
    Routes(Update),
    /// A peer gave a sign of life.
    Alive { at: Timestamp, peer: Peer },
    /// The session of a peer was established anew.
    Up { at: Timestamp, peer: Peer },
    /// The session of a peer ended.
    Down { at: Timestamp, peer: Peer, reason: Option<Text> },
    /// The feed of these peers is lost; their sessions may go on.
    Lost { at: Timestamp, peers: BTreeSet<Peer>, reason: Text },
    /// A peer has told all of its table, which it began at `from`.
    TableEnd { at: Timestamp, from: Timestamp, peer: Peer, v4: u32, v6: u32 },
    /// What the peers of a collector carried at `at` is known from elsewhere.
    Table { at: Timestamp, table: Arc<CollectorTable> },
}

/// The routes of one update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Update {
    pub(crate) at: Timestamp,
    pub(crate) peer: Peer,
    /// First hop first.
    pub(crate) path: Vec<Asn>,
    pub(crate) origin: Option<Asn>,
    pub(crate) blackholed: bool,
    /// With the identifier of the path, where there are several.
    pub(crate) announced: Vec<(Prefix, Option<u32>)>,
    pub(crate) withdrawn: Vec<(Prefix, Option<u32>)>,
}
