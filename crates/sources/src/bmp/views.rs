//! Which of a router's tables counts for a peer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::Asn;
use falter_wire::bgp::Session;
use falter_wire::bmp::{PeerHeader, View};

/// Peers as a router names them.
type Key = (Asn, IpAddr, u64);

/// What is known of each peer's tables.
#[derive(Debug, Default)]
pub(super) struct Views {
    best: BTreeMap<Key, View>,
    sessions: BTreeMap<Key, Session>,
}

impl Views {
    /// Whether this message counts: no better table of the peer was told, and it is the peer's own word.
    /// The second is true where a better table is told for the first time.
    pub(super) fn counts(&mut self, header: &PeerHeader) -> (bool, bool) {
        if header.view == View::AdjRibOut {
            return (false, false);
        }
        let best = self.best.entry(key(header)).or_insert(header.view);
        let is_better = header.view < *best;
        if is_better {
            *best = header.view;
        }
        (header.view == *best, is_better)
    }

    pub(super) fn up(&mut self, header: &PeerHeader, session: Session) {
        self.sessions.insert(key(header), session);
    }

    pub(super) fn session(&self, header: &PeerHeader) -> Option<Session> {
        self.sessions.get(&key(header)).copied()
    }

    pub(super) fn down(&mut self, header: &PeerHeader) {
        self.best.remove(&key(header));
        self.sessions.remove(&key(header));
    }
}

const fn key(header: &PeerHeader) -> Key {
    (header.asn, header.address, header.distinguisher)
}
