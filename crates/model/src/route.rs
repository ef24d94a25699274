//! Routes as collectors saw them, and the numbers that stand for peers and paths.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::{Asn, Prefix, Text, Timestamp};

/// One route change of one peer (an *elem*), small enough to be copied by the million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// When the collector received it; for a RIB entry, when the table was written.
    pub at: Timestamp,
    /// Who told it.
    pub peer: PeerId,
    /// What it is about.
    pub prefix: Prefix,
    /// What changed.
    pub change: Change,
}

/// What an elem says about its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The peer has a route.
    Announced {
        /// The AS that originates the prefix: the last of the path; `None` where the path is empty
        /// or ends in a set.
        origin: Option<Asn>,
        /// The path, by number; [`PathId::NONE`] where nobody asked for paths.
        path: PathId,
        /// Carries the BLACKHOLE community (RFC 7999).
        blackholed: bool,
    },
    /// The peer has no route any more.
    Withdrawn,
    /// The peer's entry in a table dump: it had this route when the table was written.
    Tabled {
        /// As in `Announced`.
        origin: Option<Asn>,
        /// As in `Announced`.
        path: PathId,
    },
}

/// A peer of a collector, by its number in [`Interned`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u32);

/// An AS path, by its number in [`Interned`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(pub u32);

impl PathId {
    /// No path: it was empty, or nobody asked for it.
    pub const NONE: Self = Self(u32::MAX);
}

/// A router that feeds a collector. The same router at two collectors is two peers of one AS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// The collector: its usual name (`rrc06`), or `mrt` where the input names none.
    pub collector: Text,
    /// The peer's AS. Peers are counted by AS, not by session.
    pub asn: Asn,
    /// The peer's address.
    pub address: IpAddr,
}

/// Peers and paths by number, so that an elem stays small.
///
/// Numbers follow the order in which things were first seen; nothing that is shown may depend on
/// them.
#[derive(Debug, Default)]
pub struct Interned {
    peers: Vec<Peer>,
    peer_ids: HashMap<Peer, PeerId>,
    paths: Vec<Box<[Asn]>>,
    path_ids: HashMap<Box<[Asn]>, PathId>,
}

impl Interned {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of a peer, given now if it is new.
    pub fn peer_id(&mut self, peer: &Peer) -> PeerId {
        if let Some(id) = self.peer_ids.get(peer) {
            return *id;
        }
        let id = PeerId(u32::try_from(self.peers.len()).unwrap_or(u32::MAX));
        self.peers.push(peer.clone());
        self.peer_ids.insert(peer.clone(), id);
        id
    }

    /// The peer of a number that this table gave.
    pub fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.peers.get(id.0 as usize)
    }

    /// All peers seen so far, in the order of their numbers.
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// The number of a path (first hop first, origin last; the members of a set in ascending order),
    /// given now if it is new.
    pub fn path_id(&mut self, path: &[Asn]) -> PathId {
        if path.is_empty() {
            return PathId::NONE;
        }
        if let Some(id) = self.path_ids.get(path) {
            return *id;
        }
        let id = PathId(u32::try_from(self.paths.len()).unwrap_or(u32::MAX));
        self.paths.push(path.into());
        self.path_ids.insert(path.into(), id);
        id
    }

    /// The path of a number that this table gave; empty for [`PathId::NONE`].
    pub fn path(&self, id: PathId) -> &[Asn] {
        self.paths.get(id.0 as usize).map_or(&[], |path| path)
    }
}

/// Peers and paths that a table gained, in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub struct InternedNews {
    peers: Vec<Peer>,
    paths: Vec<Box<[Asn]>>,
}

impl Interned {
    /// What this table has beyond `behind`, a table that has had all of it up to some moment.
    pub fn news_for(&self, behind: &InternedLength) -> InternedNews {
        InternedNews {
            peers: self.peers.get(behind.peers..).unwrap_or_default().to_vec(),
            paths: self.paths.get(behind.paths..).unwrap_or_default().to_vec(),
        }
    }

    /// How far it has come.
    pub const fn length(&self) -> InternedLength {
        InternedLength { peers: self.peers.len(), paths: self.paths.len() }
    }

    /// Takes what another table gained, under the same numbers. Both must have been alike before.
    pub fn take_news(&mut self, news: &InternedNews) {
        for peer in &news.peers {
            self.peer_id(peer);
        }
        for path in &news.paths {
            self.path_id(path);
        }
    }
}

/// How many peers and paths a table held at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InternedLength {
    peers: usize,
    paths: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_told_the_news_gives_the_same_numbers() {
        let peer = |asn| Peer {
            collector: "rrc00".into(),
            asn: Asn(asn),
            address: IpAddr::from([192, 0, 2, 1]),
        };
        let (mut one, mut other) = (Interned::new(), Interned::new());
        let mut known = one.length();
        for n in 1..5 {
            let (id, path) = (one.peer_id(&peer(n)), one.path_id(&[Asn(n), Asn(9)]));
            other.take_news(&one.news_for(&known));
            known = one.length();
            assert_eq!(other.peer(id), Some(&peer(n)));
            assert_eq!(other.path(path), [Asn(n), Asn(9)]);
            assert_eq!(other.length(), known);
        }
    }

    #[test]
    fn the_same_peer_keeps_its_number() {
        let mut interned = Interned::new();
        let peer = |asn| Peer {
            collector: "rrc00".into(),
            asn: Asn(asn),
            address: IpAddr::from([192, 0, 2, 1]),
        };
        let first = interned.peer_id(&peer(1));
        assert_ne!(first, interned.peer_id(&peer(2)));
        assert_eq!(first, interned.peer_id(&peer(1)));
        assert_eq!(interned.peer(first), Some(&peer(1)));
    }

    #[test]
    fn no_path_is_no_number() {
        let mut interned = Interned::new();
        assert_eq!(interned.path_id(&[]), PathId::NONE);
        assert!(interned.path(PathId::NONE).is_empty());
        let id = interned.path_id(&[Asn(1), Asn(2)]);
        assert_eq!(interned.path(id), [Asn(1), Asn(2)]);
    }

    #[test]
    fn an_elem_stays_small() {
        assert!(size_of::<Route>() <= 64, "{}", size_of::<Route>());
    }
}
