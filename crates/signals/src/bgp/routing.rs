//! Keeps table and entities together: what is observed goes in, and as seconds and bins end it is
//! settled (counted anew) and told.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{
    Asn, Change, End, Entity, Fact, Interned, Observation, Onset, PeerActivity, Prefix, Profile,
    RouteFacts, Step, Timestamp,
};

use super::groups::Groups;
use super::log::{Log, Watched};
use super::scope::{Network, Scope};
use super::snapshot::Snapshot;
use crate::routes::{Flip, RowId, Table};
use crate::{CountryTable, Output};

mod settling;
mod telling;

use telling::KEEPALIVE;

/// The step of every signal from routes.
const STEP: Step = Step::FIVE_MINUTES;

/// Number of the network's own group.
const TOP: u32 = 0;

/// A prefix whose blocks changed in the open bin.
#[derive(Debug, Clone, Copy)]
struct Moved {
    row: RowId,
    before: u32,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Routing {
    scope: Scope,
    table: Table,
    groups: Groups,
    flips: Vec<Flip>,
    moved: BTreeMap<Prefix, Moved>,
    /// Last bin that was told of a prefix.
    told: BTreeMap<Prefix, Timestamp>,
    log: Log,
    /// Some fact about routes was seen.
    watched: bool,
    /// Something was counted anew since the last snapshot.
    stirred: bool,
    snapshot: Snapshot,
    known_origins: BTreeSet<Asn>,
    seen_transits: BTreeSet<Asn>,
}

impl Routing {
    /// Nothing seen yet.
    pub(crate) fn new(network: Option<&Profile>, countries: Option<CountryTable>) -> Self {
        let network = network.map(Network::new);
        let table = Table::new(network.as_ref().and_then(|network| network.full_feed));
        let mut routing = Self {
            scope: Scope::Everything(None),
            table,
            groups: Groups::new(),
            flips: Vec::new(),
            moved: BTreeMap::new(),
            told: BTreeMap::new(),
            log: Log::default(),
            watched: false,
            stirred: false,
            snapshot: Snapshot::default(),
            known_origins: BTreeSet::new(),
            seen_transits: BTreeSet::new(),
        };
        routing.scope = match network {
            Some(network) => {
                routing.groups.number(&network.entity, &network.space);
                routing.seen_transits.extend(&network.transits);
                Scope::Network(network)
            }
            None => Scope::Everything(countries),
        };
        routing
    }

    /// These observations come next: see `Rows::expect`.
    pub(crate) fn expect(&mut self, observations: &[Observation]) {
        if let Scope::Network(_) = &self.scope {
            return;
        }
        self.table.rows_mut().expect(observations.iter().filter_map(|observation| {
            match &observation.fact {
                // Dumps are in the order of prefixes already.
                Fact::Route(route) if !matches!(route.change, Change::Tabled { .. }) => {
                    Some(route.prefix)
                }
                _ => None,
            }
        }));
    }

    /// Takes what is about routes.
    pub(crate) fn observe(
        &mut self,
        observation: &Observation,
        interned: &Interned,
        out: &mut Output,
    ) {
        let at = observation.at;
        match &observation.fact {
            Fact::Route(route) => {
                self.watched = true;
                if self.wants(route.prefix, route.change) {
                    let row = self.table.route(route, interned);
                    self.tally(row, route.change);
                } else {
                    let activity = PeerActivity { peer: route.peer, announced: 1, withdrawn: 0 };
                    self.table.activity(&activity, at, interned);
                }
            }
            Fact::Activity(activity) => {
                self.watched = true;
                self.table.activity(activity, at, interned);
            }
            Fact::Peer(change) => {
                self.watched = true;
                self.table.peer(change, at, interned);
            }
            Fact::RibEnd(end) => {
                self.watched = true;
                self.table.rib_end(end, at, interned);
            }
            _ => return,
        }
        if self.table.has_holes() {
            for hole in self.table.take_holes() {
                self.tell_blind(&hole, out);
            }
        }
    }

    /// True for prefixes that say something about what is watched.
    fn wants(&self, prefix: Prefix, change: Change) -> bool {
        let Scope::Network(network) = &self.scope else { return true };
        if !network.space.is_empty() {
            return network.touches(prefix);
        }
        let origin = match change {
            Change::Announced { origin, .. } | Change::Tabled { origin, .. } => origin,
            Change::Withdrawn => None,
        };
        network.originates(origin)
            || self.table.rows().find(prefix).is_some()
            || self.table.rows().covering(prefix).next().is_some()
            || self.table.rows().within(prefix).next().is_some()
    }

    /// Counts an update for the entities of its prefix.
    fn tally(&mut self, row: Option<RowId>, change: Change) {
        let withdrawn = match change {
            Change::Tabled { .. } => return,
            Change::Announced { .. } => 0,
            Change::Withdrawn => 1,
        };
        if let Some(row) = row.and_then(|id| self.table.rows().get(id)) {
            self.groups.tally(row, withdrawn);
        }
    }

    /// Time leapt: nothing is known any more.
    pub(crate) fn leap(&mut self, now: Timestamp, out: &mut Output) {
        self.table.forget_everything();
        self.settle_with(now, true, out);
    }

    /// A second ended: tells what changed in it.
    pub(crate) fn settle(&mut self, second: Timestamp, out: &mut Output) {
        self.settle_with(second, false, out);
    }

    /// Looks who fell silent.
    pub(crate) fn look(&mut self, now: Timestamp) {
        self.table.look(now);
    }

    /// A bin ended at `until`: tells its values.
    pub(crate) fn close(&mut self, until: Timestamp, interned: &Interned, out: &mut Output) {
        self.settle_with(until, true, out);
        let bin = until - STEP.width();
        if self.watched {
            match &self.scope {
                Scope::Network(_) => self.tell_dense(bin, interned, out),
                Scope::Everything(_) => self.tell_sparse(bin, out),
            }
            self.tell_prefixes(bin, out);
        }
        self.moved.clear();
        self.groups.begin_bin();
        if until.micros() % KEEPALIVE.micros() == 0 {
            self.expire(until);
        }
    }

    /// The input ended: holes that are still open are told.
    pub(crate) fn finish(&mut self, until: Timestamp, out: &mut Output) {
        for hole in self.table.open_holes(until) {
            self.tell_blind(&hole, out);
        }
    }

    /// See [`crate::Engine::route_facts`].
    pub(crate) fn facts(
        &self,
        entity: &Entity,
        from: Onset,
        until: Option<End>,
    ) -> Option<RouteFacts> {
        let rows: Vec<RowId> = match entity {
            Entity::Prefix(prefix) => self.table.rows().find(*prefix).into_iter().collect(),
            entity => self.groups.of(entity)?.members.iter().map(|member| member.row).collect(),
        };
        let watched: Vec<Watched> = rows
            .iter()
            .filter_map(|id| {
                let row = self.table.rows().get(*id)?;
                let up = row.reach.unwrap_or(0) > 0;
                Some(Watched { row: *id, origin: row.origin, up })
            })
            .collect();
        if watched.is_empty() {
            return None;
        }
        let network = match &self.scope {
            Scope::Network(network) => Some(network),
            Scope::Everything(_) => None,
        };
        let is_network = network.is_some_and(|network| network.entity == *entity);
        let facts = self.log.facts(&watched, from, until, is_network);
        Some(RouteFacts { hold_time: network.and_then(|network| network.hold_time), ..facts })
    }
}
