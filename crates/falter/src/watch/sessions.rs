//! Which peers were heard: when watching stops, what they tell is unknown until they tell it again.

use std::collections::BTreeSet;

use falter_model::{Fact, Interned, Observation, PeerChange, PeerId, PeerState, Text, Timestamp};

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
            Fact::RibEnd(end) => self.up.extend(end.peers.iter().map(|(peer, ..)| *peer)),
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

    /// Every peer's session ends at this moment: nobody heard what came after it. By address, so that
    /// the order says nothing of how they were numbered.
    pub(super) fn end(&mut self, at: Timestamp, interned: &Interned) -> Vec<Observation> {
        let reason: Text = "not watching".into();
        let mut peers: Vec<PeerId> = std::mem::take(&mut self.up).into_iter().collect();
        peers.sort_by_key(|peer| {
            interned.peer(*peer).map(|peer| (peer.collector.clone(), peer.address, peer.asn))
        });
        let change =
            |peer| PeerChange { peer, state: PeerState::Down, reason: Some(reason.clone()) };
        peers.into_iter().map(|peer| Observation { at, fact: Fact::Peer(change(peer)) }).collect()
    }
}
