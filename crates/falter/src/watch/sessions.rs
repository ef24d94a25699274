//! Which peers were heard: when watching stops, what they tell is unknown until they tell it again.

use std::collections::BTreeSet;

use falter_model::{
    Fact, Interned, Observation, Peer, PeerChange, PeerId, PeerState, RibEnd, Text, Timestamp,
};

/// Peers whose routes are believed.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    up: BTreeSet<PeerId>,
}

impl Sessions {
    /// Takes note of an observation.
    pub(super) fn observe(&mut self, observation: &Observation) {
        match &observation.fact {
            Fact::Route(route) => _ = self.up.insert(route.peer),
            Fact::Activity(activity) => _ = self.up.insert(activity.peer),
            Fact::RibEnd(end) => {
                // Who carries nothing at all is not known any more.
                let whole = end.peers.iter().filter(|(_, v4, v6)| *v4 > 0 || *v6 > 0);
                self.up.extend(whole.map(|(peer, ..)| *peer));
            }
            Fact::Peer(change) => {
                if change.state == PeerState::Up {
                    self.up.insert(change.peer);
                } else {
                    self.up.remove(&change.peer);
                }
            }
            _ => {}
        }
    }

    /// Every peer's session ends at this moment: nobody heard what came after it, and of their tables nothing
    /// is known, which a dump says in which they carry nothing at all. By collector and address, so that the
    /// order says nothing of how they were numbered.
    pub(super) fn end(&mut self, at: Timestamp, interned: &Interned) -> Vec<Observation> {
        let reason: Text = "not watching".into();
        let up = std::mem::take(&mut self.up).into_iter();
        let mut peers: Vec<(&Peer, PeerId)> =
            up.filter_map(|id| Some((interned.peer(id)?, id))).collect();
        peers.sort_by_key(|(peer, _)| (&peer.collector, peer.address, peer.asn));
        let change =
            |peer| PeerChange { peer, state: PeerState::Down, reason: Some(reason.clone()) };
        let downs = peers.iter().map(|(_, id)| Fact::Peer(change(*id)));
        let tables = peers.chunk_by(|(a, _), (b, _)| a.collector == b.collector).filter_map(|of| {
            let (first, _) = of.first()?;
            let peers = of.iter().map(|(_, id)| (*id, 0, 0)).collect();
            Some(Fact::RibEnd(Box::new(RibEnd {
                collector: first.collector.clone(),
                from: at,
                peers,
            })))
        });
        downs.chain(tables).map(|fact| Observation { at, fact }).collect()
    }
}
