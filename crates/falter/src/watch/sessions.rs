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

#[cfg(test)]
mod tests {
    use falter_model::Asn;

    use super::*;

    #[test]
    fn what_is_not_heard_any_more_is_not_known_and_not_withdrawn() {
        let (mut sessions, mut interned) = (Sessions::default(), Interned::new());
        let at = Timestamp::from_seconds;
        let mut table = |collector: &str, number: u8, v4| {
            let (asn, address) = (Asn(u32::from(number)), [192, 0, 2, number].into());
            let peer = interned.peer_id(&Peer { collector: collector.into(), asn, address });
            let (collector, peers) = (collector.into(), vec![(peer, v4, 0)]);
            let end = RibEnd { collector, from: at(0), peers };
            sessions.observe(&Observation { at: at(0), fact: Fact::RibEnd(Box::new(end)) });
            peer
        };
        let (b, a, c) = (table("rrc00", 2, 9), table("rrc00", 1, 9), table("rrc01", 3, 9));
        table("rrc01", 4, 0);
        let told = sessions.end(at(7), &interned);
        let downs = told.iter().filter_map(|told| match &told.fact {
            Fact::Peer(change) if change.state == PeerState::Down => Some(change.peer),
            _ => None,
        });
        assert_eq!(downs.collect::<Vec<_>>(), [a, b, c]);
        let tables = told.iter().filter_map(|told| match &told.fact {
            Fact::RibEnd(end) => Some((&*end.collector, end.from, end.peers.clone())),
            _ => None,
        });
        assert_eq!(
            tables.collect::<Vec<_>>(),
            [("rrc00", at(7), vec![(a, 0, 0), (b, 0, 0)]), ("rrc01", at(7), vec![(c, 0, 0)])]
        );
        assert!(sessions.end(at(8), &interned).is_empty());
    }
}
