//! Routes as feeds tell them live, handed to each network that they concern.
//!
//! Every network hears of its own routes; of all else it hears once a second and peer how much there was,
//! which shows that the feed lives. What a peer sends first, its whole table, is told as a table.

use std::collections::BTreeMap;

use falter_model::{
    Asn, Change, Fact, Family, Interned, Observation, Peer, PeerActivity, PeerChange, PeerId,
    PeerState, Prefix, RibEnd, Route, Span, Text, Timestamp,
};

use crate::archive::Interest;
use crate::live::{TellError, Teller};
use crate::path_ids::PathIds;
use crate::watch::Watch;

/// A peer has sent its table when so long went by with next to nothing new. Routers send it as fast as it
/// is taken; afterwards a full feed still brings some announcements a second.
const TABLE_PAUSE: Span = Span::from_seconds(5);
/// Next to nothing: of what was announced before, one in so many.
const NEXT_TO_NOTHING: u32 = 100;
/// And never more than that is too much.
const A_FEW: u32 = 10;

/// A network that wants to hear of routes.
#[derive(Debug)]
pub struct Subscriber {
    /// Which routes.
    pub interest: Interest,
    /// Where to.
    pub teller: Teller,
}

/// All networks that one feed serves.
#[derive(Debug)]
pub(crate) struct Routes {
    /// The collector that observations name.
    collector: Text,
    networks: Vec<Network>,
    peers: BTreeMap<Peer, Table>,
}

/// A change of a route, as a peer told it.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// It has a route.
    Announced {
        /// The AS that originates it, where the path ends in one.
        origin: Option<Asn>,
        /// First hop first.
        path: Vec<Asn>,
        /// Carries the BLACKHOLE community.
        blackholed: bool,
    },
    /// It has none any more.
    Withdrawn,
}

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct RouteTold {
    pub(crate) prefix: Prefix,
    /// Which of several paths (RFC 7911).
    pub(crate) path_id: Option<u32>,
    pub(crate) told: Told,
}

/// One network's view.
#[derive(Debug)]
struct Network {
    watch: Watch,
    teller: Teller,
    interned: Interned,
    path_ids: PathIds,
    /// What peers did elsewhere since it was last told.
    elsewhere: BTreeMap<PeerId, PeerActivity>,
}

/// What a peer sent of its table so far.
#[derive(Debug, Clone, Copy)]
enum Table {
    /// It is being sent.
    Coming {
        since: Timestamp,
        /// When the last look at how much came was, and how much had come by then.
        looked: (Timestamp, u32),
        v4: u32,
        v6: u32,
    },
    /// It has been sent, or never will be.
    Known,
}

impl Routes {
    pub(crate) fn new(collector: Text, subscribers: Vec<Subscriber>) -> Self {
        let networks = subscribers.into_iter().map(|Subscriber { interest, teller }| Network {
            watch: Watch::new(interest),
            teller,
            interned: Interned::new(),
            path_ids: PathIds::default(),
            elsewhere: BTreeMap::new(),
        });
        Self { collector, networks: networks.collect(), peers: BTreeMap::new() }
    }

    /// A peer of this feed.
    pub(crate) fn peer(&self, asn: Asn, address: std::net::IpAddr) -> Peer {
        Peer { collector: self.collector.clone(), asn, address }
    }

    /// Whether a peer is up.
    pub(crate) fn is_up(&self, peer: &Peer) -> bool {
        self.peers.contains_key(peer)
    }

    /// A peer's session was established. `sends_table` where it will send all that it has.
    pub(crate) async fn up(
        &mut self,
        peer: &Peer,
        at: Timestamp,
        sends_table: bool,
    ) -> Result<(), TellError> {
        let table = if sends_table {
            Table::Coming { since: at, looked: (at, 0), v4: 0, v6: 0 }
        } else {
            Table::Known
        };
        self.peers.insert(peer.clone(), table);
        self.state(peer, at, PeerState::Up, None).await
    }

    /// A peer's session ended: its routes are unknown.
    pub(crate) async fn down(
        &mut self,
        peer: &Peer,
        at: Timestamp,
        reason: &str,
    ) -> Result<(), TellError> {
        if self.peers.remove(peer).is_none() {
            return Ok(());
        }
        self.state(peer, at, PeerState::Down, Some(reason.into())).await
    }

    /// All of them ended.
    pub(crate) async fn all_down(&mut self, at: Timestamp, reason: &str) -> Result<(), TellError> {
        let up: Vec<Peer> = self.peers.keys().cloned().collect();
        for peer in up {
            self.down(&peer, at, reason).await?;
        }
        Ok(())
    }

    async fn state(
        &mut self,
        peer: &Peer,
        at: Timestamp,
        state: PeerState,
        reason: Option<Text>,
    ) -> Result<(), TellError> {
        for network in &mut self.networks {
            let id = network.interned.peer_id(peer);
            network.elsewhere.remove(&id);
            if state == PeerState::Down {
                network.path_ids.forget(id);
            }
            let change = PeerChange { peer: id, state, reason: reason.clone() };
            network.tell(at, Fact::Peer(change)).await?;
        }
        Ok(())
    }

    /// What an update of a peer said.
    pub(crate) async fn changes(
        &mut self,
        peer: &Peer,
        at: Timestamp,
        changes: &[RouteTold],
    ) -> Result<(), TellError> {
        let table = self.peers.entry(peer.clone()).or_insert(Table::Known);
        let is_table = table.count(changes);
        for network in &mut self.networks {
            network.changes(peer, at, changes, is_table).await?;
        }
        Ok(())
    }

    /// A second has passed: tells what peers did elsewhere, and the tables that are complete.
    pub(crate) async fn second(&mut self, at: Timestamp) -> Result<(), TellError> {
        for network in &mut self.networks {
            for (_, activity) in std::mem::take(&mut network.elsewhere) {
                network.tell(at, Fact::Activity(activity)).await?;
            }
        }
        for (peer, table) in &mut self.peers {
            let Some((since, v4, v6)) = table.complete(at) else { continue };
            for network in &mut self.networks {
                let peers = vec![(network.interned.peer_id(peer), v4, v6)];
                let end = RibEnd { collector: peer.collector.clone(), from: since, peers };
                network.tell(at, Fact::RibEnd(Box::new(end))).await?;
            }
        }
        Ok(())
    }
}

impl Table {
    /// Counts what an update announced; true where that is a part of the table.
    fn count(&mut self, changes: &[RouteTold]) -> bool {
        let Self::Coming { v4, v6, .. } = self else { return false };
        for change in changes.iter().filter(|change| matches!(change.told, Told::Announced { .. }))
        {
            let sum = match change.prefix.family() {
                Family::V4 => &mut *v4,
                Family::V6 => &mut *v6,
            };
            *sum = sum.saturating_add(1);
        }
        true
    }

    /// Since when it came and how many prefixes of each family it has, once it is complete.
    fn complete(&mut self, at: Timestamp) -> Option<(Timestamp, u32, u32)> {
        let Self::Coming { since, looked, v4, v6 } = self else { return None };
        let sum = v4.saturating_add(*v6);
        if at - looked.0 < TABLE_PAUSE {
            return None;
        }
        let new = sum.saturating_sub(looked.1);
        if looked.1 == 0 || new > (looked.1 / NEXT_TO_NOTHING).max(A_FEW) {
            *looked = (at, sum);
            return None;
        }
        let complete = (*since, *v4, *v6);
        *self = Self::Known;
        Some(complete)
    }
}

impl Network {
    async fn tell(&self, at: Timestamp, fact: Fact) -> Result<(), TellError> {
        self.teller.tell(&Observation { at, fact }, &self.interned).await
    }

    async fn changes(
        &mut self,
        peer: &Peer,
        at: Timestamp,
        changes: &[RouteTold],
        is_table: bool,
    ) -> Result<(), TellError> {
        let id = self.interned.peer_id(peer);
        let mut elsewhere = PeerActivity { peer: id, announced: 0, withdrawn: 0 };
        for change in changes {
            let Some(change) = self.change(id, change, is_table, &mut elsewhere) else { continue };
            let route = Route { at, peer: id, ..change };
            self.tell(at, Fact::Route(route)).await?;
        }
        // An update of watched routes alone shows by itself that the peer lives.
        let sum = self.elsewhere.entry(id).or_insert(PeerActivity {
            announced: 0,
            withdrawn: 0,
            ..elsewhere
        });
        sum.announced = sum.announced.saturating_add(elsewhere.announced);
        sum.withdrawn = sum.withdrawn.saturating_add(elsewhere.withdrawn);
        Ok(())
    }

    /// The change as this network is told of it; `None` where it only counts.
    fn change(
        &mut self,
        peer: PeerId,
        change: &RouteTold,
        is_table: bool,
        elsewhere: &mut PeerActivity,
    ) -> Option<Route> {
        let prefix = change.prefix;
        let told = match &change.told {
            Told::Announced { origin, path, blackholed } => {
                let is_own = self.watch.is_watched_origin(*origin);
                if !self.watch.announced(prefix, is_own) {
                    elsewhere.announced = elsewhere.announced.saturating_add(1);
                    return None;
                }
                if let Some(id) = change.path_id {
                    self.path_ids.announced(peer, prefix, id);
                }
                let (origin, path) = (*origin, self.interned.path_id(path));
                if is_table {
                    Change::Tabled { origin, path }
                } else {
                    Change::Announced { origin, path, blackholed: *blackholed }
                }
            }
            Told::Withdrawn => {
                if !self.watch.withdrawn(prefix) {
                    elsewhere.withdrawn = elsewhere.withdrawn.saturating_add(1);
                    return None;
                }
                if let Some(id) = change.path_id
                    && !self.path_ids.withdrawn(peer, prefix, id)
                {
                    return None;
                }
                Change::Withdrawn
            }
        };
        Some(Route { at: Timestamp::EPOCH, peer, prefix, change: told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    /// The second in which a table is complete of which so many prefixes come each second.
    fn complete(announced: impl Fn(i64) -> usize) -> Option<(i64, u32)> {
        let mut table = Table::Coming { since: at(0), looked: (at(0), 0), v4: 0, v6: 0 };
        (1..60).find_map(|second| {
            let told = Told::Announced { origin: None, path: Vec::new(), blackholed: false };
            let prefix = "192.0.2.0/24".parse().unwrap();
            let route = RouteTold { prefix, path_id: None, told };
            table.count(&vec![route; announced(second)]);
            table.complete(at(second)).map(|(_, v4, _)| (second, v4))
        })
    }

    #[test]
    fn a_table_is_complete_when_next_to_nothing_more_comes() {
        // Of four prefixes, at once.
        assert_eq!(complete(|second| if second == 1 { 4 } else { 0 }), Some((10, 4)));
        // Of a hundred thousand in twelve seconds, then twenty a second of churn.
        let (second, v4) = complete(|second| if second < 12 { 9_000 } else { 20 }).unwrap();
        assert!((20..=25).contains(&second) && v4 < 100_000, "{second} {v4}");
        // A peer that has nothing has no table.
        assert_eq!(complete(|_| 0), None);
    }
}
