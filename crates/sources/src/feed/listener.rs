//! One network that listens.

use std::collections::BTreeMap;

use falter_model::{
    Change, Fact, Interned, Observation, PathId, Peer, PeerActivity, PeerId, RibEnd, Route, Text,
    Timestamp,
};

use super::{Subscriber, Update};
use crate::bootstrap::PeerTable;
use crate::live::{TellError, Teller};
use crate::path_ids::PathIds;
use crate::watch::Watch;

/// Watched announcements after which the numbers of paths are given anew: a feed runs for months.
const MOST_PATHS: usize = 65_536;

#[derive(Debug)]
pub(super) struct Listener {
    watch: Watch,
    teller: Teller,
    /// Peers keep their numbers, paths do not.
    interned: Interned,
    paths: usize,
    path_ids: PathIds,
    /// Signs of life that were not told yet, and when they were given.
    activity: BTreeMap<PeerId, (Timestamp, PeerActivity)>,
}

impl Listener {
    pub(super) fn new(subscriber: Subscriber) -> Self {
        Self {
            watch: Watch::new(subscriber.interest),
            teller: subscriber.teller,
            interned: Interned::new(),
            paths: 0,
            path_ids: PathIds::default(),
            activity: BTreeMap::new(),
        }
    }

    /// Tells what is watched of an update and counts the rest.
    pub(super) async fn routes(&mut self, update: &Update) -> Result<(), TellError> {
        let peer = self.interned.peer_id(&update.peer);
        let mut changes: Vec<Route> = Vec::new();
        let (mut announced, mut withdrawn) = (0, 0);
        let route = |prefix, change| Route { at: update.at, peer, prefix, change };
        for (prefix, id) in &update.withdrawn {
            if !self.watch.withdrawn(*prefix) {
                withdrawn += 1;
            } else if id.is_none_or(|id| self.path_ids.withdrawn(peer, *prefix, id)) {
                changes.push(route(*prefix, Change::Withdrawn));
            }
        }
        let is_own = self.watch.needs_origin() && self.watch.is_watched_origin(update.origin);
        let mut path = None;
        for (prefix, id) in &update.announced {
            if !self.watch.announced(*prefix, is_own) {
                announced += 1;
                continue;
            }
            if let Some(id) = id {
                self.path_ids.announced(peer, *prefix, *id);
            }
            let path = *path.get_or_insert_with(|| {
                self.paths += 1;
                if self.watch.paths { self.interned.path_id(&update.path) } else { PathId::NONE }
            });
            let (origin, blackholed) = (update.origin, update.blackholed);
            changes.push(route(*prefix, Change::Announced { origin, path, blackholed }));
        }
        if changes.is_empty() || announced > 0 || withdrawn > 0 {
            self.count(update.at, PeerActivity { peer, announced, withdrawn });
        }
        for change in changes {
            self.teller.tell(&Observation::route(change), &self.interned).await?;
        }
        self.renew();
        Ok(())
    }

    /// Tells what is watched of the tables of these peers, and that they are complete.
    pub(super) async fn table(
        &mut self,
        at: Timestamp,
        collector: &Text,
        tables: &[&PeerTable],
    ) -> Result<(), TellError> {
        self.flush().await?;
        for table in tables {
            let peer = self.interned.peer_id(&table.peer);
            for route in &table.routes {
                let is_own = self.watch.is_watched_origin(route.origin);
                if !self.watch.announced(route.prefix, is_own) {
                    continue;
                }
                let path = if self.watch.paths {
                    self.paths += 1;
                    self.interned.path_id(&route.path)
                } else {
                    PathId::NONE
                };
                let change = Change::Tabled { origin: route.origin, path };
                let told = Route { at, peer, prefix: route.prefix, change };
                self.teller.tell(&Observation::route(told), &self.interned).await?;
            }
            self.renew();
        }
        self.fact(at, |interned| {
            let sizes = tables.iter().map(|table| {
                let [v4, v6] = table.sizes;
                (interned.peer_id(&table.peer), v4, v6)
            });
            let peers = sizes.collect();
            Fact::RibEnd(Box::new(RibEnd { collector: collector.clone(), from: at, peers }))
        })
        .await
    }

    /// A sign of life.
    pub(super) fn alive(&mut self, at: Timestamp, peer: &Peer) {
        let peer = self.interned.peer_id(peer);
        self.count(at, PeerActivity { peer, announced: 0, withdrawn: 0 });
    }

    /// Tells the signs of life since the last call, one a peer.
    pub(super) async fn flush(&mut self) -> Result<(), TellError> {
        for (at, activity) in std::mem::take(&mut self.activity).into_values() {
            let observation = Observation { at, fact: Fact::Activity(activity) };
            self.teller.tell(&observation, &self.interned).await?;
        }
        Ok(())
    }

    /// Tells a fact about peers, which `make` builds from their numbers. What was heard before is told
    /// before.
    pub(super) async fn fact(
        &mut self,
        at: Timestamp,
        make: impl FnOnce(&mut Interned) -> Fact,
    ) -> Result<(), TellError> {
        self.flush().await?;
        let fact = make(&mut self.interned);
        self.teller.tell(&Observation { at, fact }, &self.interned).await
    }

    /// Nothing is known of a peer's paths any more.
    pub(super) fn forget(&mut self, peer: &Peer) {
        let peer = self.interned.peer_id(peer);
        self.path_ids.forget(peer);
    }

    fn count(&mut self, at: Timestamp, more: PeerActivity) {
        let (last, activity) = self
            .activity
            .entry(more.peer)
            .or_insert((at, PeerActivity { peer: more.peer, announced: 0, withdrawn: 0 }));
        *last = at.max(*last);
        activity.announced = activity.announced.saturating_add(more.announced);
        activity.withdrawn = activity.withdrawn.saturating_add(more.withdrawn);
    }

    fn renew(&mut self) {
        if self.paths < MOST_PATHS {
            return;
        }
        self.paths = 0;
        let mut fresh = Interned::new();
        for peer in self.interned.peers() {
            fresh.peer_id(peer);
        }
        self.interned = fresh;
    }
}
