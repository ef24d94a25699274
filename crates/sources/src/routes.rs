//! Routes as feeds tell them live, handed to each network that they concern.
//!
//! Every network hears of its own routes; of all else it hears once a second and peer how much there was,
//! which shows that the feed lives. What a peer sends first, its whole table, is told as a table.

use std::collections::BTreeMap;

use falter_model::{
    Asn, Change, Fact, Interned, Observation, Peer, PeerActivity, PeerChange, PeerId, PeerState,
    Prefix, RibEnd, Route, Span, Text, Timestamp,
};

use crate::archive::Interest;
use crate::live::{TellError, Teller};
use crate::path_ids::PathIds;
use crate::watch::Watch;

/// A peer that announces nothing for so long has sent its table. Routers send it as fast as it is taken.
const TABLE_PAUSE: Span = Span::from_seconds(5);

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
    Coming { since: Timestamp, last: Timestamp, v4: u32, v6: u32 },
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
            Table::Coming { since: at, last: at, v4: 0, v6: 0 }
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
        let is_table = table.count(at, changes);
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
            let Table::Coming { since, last, v4, v6 } = *table else { continue };
            if at - last < TABLE_PAUSE {
                continue;
            }
            *table = Table::Known;
            if v4 == 0 && v6 == 0 {
                continue;
            }
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
    fn count(&mut self, at: Timestamp, changes: &[RouteTold]) -> bool {
        let Self::Coming { last, v4, v6, .. } = self else { return false };
        let mut announced = 0;
        for change in changes {
            if matches!(change.told, Told::Announced { .. }) {
                announced += 1;
                match change.prefix.family() {
                    falter_model::Family::V4 => *v4 = v4.saturating_add(1),
                    falter_model::Family::V6 => *v6 = v6.saturating_add(1),
                }
            }
        }
        if announced > 0 {
            *last = at;
        }
        true
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
