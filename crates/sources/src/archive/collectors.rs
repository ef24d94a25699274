//! What is known of each collector across its files: its peers by number, and the table dump that is
//! being read.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use falter_model::{
    Asn, Fact, Family, Interned, Observation, Peer, PeerId, RibEnd, Span, Text, Timestamp,
};
use falter_wire::bgp::Notification;
use falter_wire::mrt::PeerIndex;
use rustc_hash::FxHashMap;

/// How long after the last record of a table dump it counts as complete. The records of a dump carry
/// the time at which it was begun, or follow each other within seconds; the next one is hours away.
const DUMP_ENDS_AFTER: Span = Span::from_seconds(60);
/// A notification is the reason of a session's end that follows it this soon.
const REASON_HOLDS: Span = Span::from_seconds(10);

/// One collector, or all archives that name none.
#[derive(Debug)]
pub(super) struct Collector {
    name: Text,
    peers: FxHashMap<(Asn, IpAddr), Option<PeerId>>,
    /// The peer asked for last: records of one peer come in runs.
    last_peer: Option<((Asn, IpAddr), Option<PeerId>)>,
    /// For files that continue a dump without repeating its index of peers.
    pub(super) index: Option<Arc<PeerIndex>>,
    dump: Option<Dump>,
    /// The last notification of each peer.
    notices: BTreeMap<PeerId, (Timestamp, Notification)>,
}

/// A table dump that is being read.
#[derive(Debug)]
struct Dump {
    from: Timestamp,
    last: Timestamp,
    /// Prefixes of IPv4 and IPv6 by peer.
    sizes: FxHashMap<PeerId, Sizes>,
}

/// How many prefixes a peer carried, watched or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) v4: u32,
    pub(super) v6: u32,
}

impl Sizes {
    #[inline]
    pub(super) const fn count(&mut self, family: Family) {
        match family {
            Family::V4 => self.v4 = self.v4.saturating_add(1),
            Family::V6 => self.v6 = self.v6.saturating_add(1),
        }
    }
}

impl Collector {
    pub(super) fn new(name: Text) -> Self {
        Self {
            name,
            peers: FxHashMap::default(),
            last_peer: None,
            index: None,
            dump: None,
            notices: BTreeMap::new(),
        }
    }

    /// The number of a peer; `None` for what is none.
    ///
    /// BIRD writes the routes that a router originates itself as those of a peer `::` of AS 0: no
    /// session, and counted as a peer it would carry a few prefixes for ever.
    #[inline]
    pub(super) fn peer(
        &mut self,
        asn: Asn,
        address: IpAddr,
        interned: &mut Interned,
    ) -> Option<PeerId> {
        let asked = (asn, address);
        if let Some((last, peer)) = self.last_peer
            && last == asked
        {
            return peer;
        }
        let peer = match self.peers.get(&asked) {
            Some(peer) => *peer,
            None => self.meet(asn, address, interned),
        };
        self.last_peer = Some((asked, peer));
        peer
    }

    /// Gives a peer that was not heard before its number.
    #[cold]
    fn meet(&mut self, asn: Asn, address: IpAddr, interned: &mut Interned) -> Option<PeerId> {
        let is_peer = asn != Asn(0) || !address.is_unspecified();
        let collector = self.name.clone();
        let peer = is_peer.then(|| interned.peer_id(&Peer { collector, asn, address }));
        self.peers.insert((asn, address), peer);
        peer
    }

    /// A record of a table dump was read. Returns when the dump will count as complete.
    pub(super) fn dump_goes_on(&mut self, at: Timestamp) -> Timestamp {
        let begun = || Dump { from: at, last: at, sizes: FxHashMap::default() };
        let dump = self.dump.get_or_insert_with(begun);
        dump.last = dump.last.max(at);
        dump.last + DUMP_ENDS_AFTER
    }

    /// Adds to what a peer carried in the dump that is being read.
    pub(super) fn add_sizes(&mut self, peer: PeerId, sizes: Sizes) {
        if let Some(dump) = &mut self.dump {
            let sum = dump.sizes.entry(peer).or_default();
            sum.v4 = sum.v4.saturating_add(sizes.v4);
            sum.v6 = sum.v6.saturating_add(sizes.v6);
        }
    }

    /// When the dump that is being read will count as complete.
    pub(super) fn dump_deadline(&self) -> Option<Timestamp> {
        self.dump.as_ref().map(|dump| dump.last + DUMP_ENDS_AFTER)
    }

    /// The dump is complete. Peers come in the order of AS and address.
    pub(super) fn end_dump(&mut self, interned: &Interned) -> Option<Observation> {
        let Dump { from, last, sizes } = self.dump.take()?;
        let mut peers: Vec<(PeerId, u32, u32)> =
            sizes.into_iter().map(|(peer, sizes)| (peer, sizes.v4, sizes.v6)).collect();
        peers.sort_by_cached_key(|(peer, ..)| {
            interned.peer(*peer).map(|peer| (peer.asn, peer.address))
        });
        let end = RibEnd { collector: self.name.clone(), from, peers };
        Some(Observation { at: last + DUMP_ENDS_AFTER, fact: Fact::RibEnd(Box::new(end)) })
    }

    /// Remembers why a peer's session may end.
    pub(super) fn notice(&mut self, peer: PeerId, at: Timestamp, notification: Notification) {
        self.notices.insert(peer, (at, notification));
    }

    /// Why a session that ended at `at` did.
    pub(super) fn reason(&mut self, peer: PeerId, at: Timestamp) -> Option<Text> {
        let (told, notification) = self.notices.remove(&peer)?;
        (at - told <= REASON_HOLDS).then(|| notification.to_string().into())
    }
}
