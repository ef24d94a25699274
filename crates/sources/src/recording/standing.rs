//! What holds at a moment: what a recording that goes on from there must start from, so that it can be
//! read without those before it.
//!
//! These are the routes of each peer, whether its session is up, and which peers told their whole table.
//! What is asked again and again (probes, names, pages) needs no state: the next round tells it.

use std::collections::BTreeMap;

use falter_model::{
    Change, Fact, Interned, Observation, PeerChange, PeerId, Prefix, RibEnd, Route, Text, Timestamp,
};

use super::LineError;
use super::form::LineForm;

/// More routes than this are no start of an hour's file: at some 200 octets each they are 10 MB of one
/// line, and the longest that is read has 16 MiB.
const MOST_ROUTES: usize = 50_000;

/// Follows observations as they become known.
#[derive(Debug, Default)]
pub struct Standing {
    peers: BTreeMap<PeerId, Standings>,
    /// By collector.
    tables: BTreeMap<Text, Tables>,
    routes: usize,
}

/// What is known of a peer.
#[derive(Debug, Default)]
struct Standings {
    /// The last change of its session, and when.
    session: Option<(PeerChange, Timestamp)>,
    /// Its session ended after its whole table was told: routes that it does not have are unknown.
    was_reset: bool,
    /// What it said last of each prefix, and when.
    routes: BTreeMap<Prefix, (Timestamp, Change)>,
}

/// What is known of a collector's table dumps.
#[derive(Debug, Default)]
struct Tables {
    /// When the one that is being told was begun.
    dumping: Option<Timestamp>,
    /// The last one that was complete.
    last: Option<RibEnd>,
}

impl Standing {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what became known next. `interned` must be the table that numbered its peer.
    pub fn note(&mut self, observation: &Observation, interned: &Interned) {
        match &observation.fact {
            Fact::Route(route) => self.route(route, interned),
            Fact::Peer(change) => self.session(change, observation.at),
            Fact::RibEnd(end) => self.table(end),
            _ => {}
        }
    }

    /// What holds, as lines of a recording at the moment `at`; none where that is too much. `interned`
    /// must be the table that numbered peers and paths.
    pub fn starts_from(
        &self,
        at: Timestamp,
        interned: &Interned,
    ) -> Result<Vec<serde_json::Value>, LineError> {
        if self.routes > MOST_ROUTES {
            return Ok(Vec::new());
        }
        let mut facts = Vec::new();
        self.tell_tables(at, interned, &mut facts);
        self.tell_rest(at, interned, &mut facts);
        facts
            .into_iter()
            .map(|fact| {
                Ok(serde_json::to_value(LineForm::of(&Observation { at, fact }, interned)?)?)
            })
            .collect()
    }

    fn route(&mut self, route: &Route, interned: &Interned) {
        let Some(peer) = interned.peer(route.peer) else { return };
        let standings = self.peers.entry(route.peer).or_default();
        if let Change::Tabled { .. } = route.change {
            let tables = self.tables.entry(peer.collector.clone()).or_default();
            let begun = *tables.dumping.get_or_insert(route.at);
            // What changed since the dump was begun is newer than what it says.
            let is_newer = standings.routes.get(&route.prefix).is_some_and(|(since, change)| {
                !matches!(change, Change::Tabled { .. }) && *since >= begun
            });
            if is_newer {
                return;
            }
        }
        if standings.routes.insert(route.prefix, (route.at, route.change)).is_none() {
            self.routes += 1;
        }
    }

    fn session(&mut self, change: &PeerChange, at: Timestamp) {
        let standings = self.peers.entry(change.peer).or_default();
        self.routes -= standings.routes.len();
        standings.routes.clear();
        standings.was_reset = true;
        standings.session = Some((change.clone(), at));
    }

    /// Peers that are listed have nothing but what the dump holds and what they told since it began.
    fn table(&mut self, end: &RibEnd) {
        for (peer, ..) in &end.peers {
            let standings = self.peers.entry(*peer).or_default();
            let before = standings.routes.len();
            standings.routes.retain(|_, (since, _)| *since >= end.from);
            self.routes -= before - standings.routes.len();
            // What it carried when the dump began it may have lost with a session that ended meanwhile.
            standings.was_reset &= standings.session.as_ref().is_some_and(|(_, at)| *at > end.from);
        }
        let tables = self.tables.entry(end.collector.clone()).or_default();
        tables.dumping = None;
        tables.last = Some(end.clone());
    }

    /// Who told its whole table, with the routes that it has now.
    fn tell_tables(&self, at: Timestamp, interned: &Interned, facts: &mut Vec<Fact>) {
        for end in self.last_dumps() {
            for (id, _) in self.whole(end) {
                let Some(peer) = self.peers.get(&id) else { continue };
                facts.extend(peer.session().map(Fact::Peer));
                for (prefix, change) in peer.table() {
                    facts.push(Fact::Route(Route { at, peer: id, prefix, change }));
                }
            }
            let known = |id: PeerId| interned.peer(id).is_some();
            let peers = end.peers.iter().filter(|(id, ..)| known(*id)).copied().collect();
            let end = RibEnd { collector: end.collector.clone(), from: at, peers };
            facts.push(Fact::RibEnd(Box::new(end)));
        }
    }

    /// What is known of whole tables: by collector, each peer whose session did not end since its table
    /// was dumped, with how many prefixes of IPv4 and IPv6 it carried in all and with the entries of
    /// watched routes that it has now.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&Text, Vec<WholeTable>)> {
        self.last_dumps().map(|end| {
            let whole = self.whole(end).map(|(peer, sizes)| WholeTable {
                peer,
                sizes,
                routes: self
                    .peers
                    .get(&peer)
                    .map(|known| known.table().collect())
                    .unwrap_or_default(),
            });
            (&end.collector, whole.collect())
        })
    }

    /// Routes that are known of, of all peers.
    pub(crate) const fn routes(&self) -> usize {
        self.routes
    }

    fn last_dumps(&self) -> impl Iterator<Item = &RibEnd> {
        self.tables.values().filter_map(|tables| tables.last.as_ref())
    }

    /// The peers that a dump lists and of which nothing was missed since.
    fn whole<'a>(&'a self, end: &'a RibEnd) -> impl Iterator<Item = (PeerId, [u32; 2])> + 'a {
        end.peers.iter().filter_map(|(id, v4, v6)| {
            self.peers.get(id).filter(|peer| !peer.was_reset).map(|_| (*id, [*v4, *v6]))
        })
    }

    /// Peers of which no whole table is known, and what a table can't say.
    fn tell_rest(&self, at: Timestamp, interned: &Interned, facts: &mut Vec<Fact>) {
        for (id, peer) in &self.peers {
            let Some(collector) = interned.peer(*id).map(|peer| &peer.collector) else { continue };
            let is_tabled = !peer.was_reset && self.is_listed(collector, *id);
            if !is_tabled {
                facts.extend(peer.session().map(Fact::Peer));
            }
            for (prefix, (_, change)) in &peer.routes {
                let change = match *change {
                    Change::Announced { blackholed: true, .. } => *change,
                    _ if is_tabled => continue,
                    // Its dump was not complete.
                    Change::Tabled { origin, path } => {
                        Change::Announced { origin, path, blackholed: false }
                    }
                    change => change,
                };
                facts.push(Fact::Route(Route { at, peer: *id, prefix: *prefix, change }));
            }
        }
    }

    fn is_listed(&self, collector: &Text, peer: PeerId) -> bool {
        let last = self.tables.get(collector).and_then(|tables| tables.last.as_ref());
        last.is_some_and(|end| end.peers.iter().any(|(listed, ..)| *listed == peer))
    }
}

/// A peer's whole table, as far as it is watched.
#[derive(Debug)]
pub(crate) struct WholeTable {
    pub(crate) peer: PeerId,
    pub(crate) sizes: [u32; 2],
    pub(crate) routes: Vec<(Prefix, Change)>,
}

impl Standings {
    /// The last change of its session.
    fn session(&self) -> Option<PeerChange> {
        self.session.as_ref().map(|(change, _)| change.clone())
    }

    /// The entries of its table.
    fn table(&self) -> impl Iterator<Item = (Prefix, Change)> + '_ {
        self.routes.iter().filter_map(|(prefix, (_, change))| Some((*prefix, tabled(*change)?)))
    }
}

/// A route as an entry of a table; `None` where there is none.
const fn tabled(change: Change) -> Option<Change> {
    match change {
        Change::Announced { origin, path, .. } | Change::Tabled { origin, path } => {
            Some(Change::Tabled { origin, path })
        }
        Change::Withdrawn => None,
    }
}

#[cfg(test)]
mod tests;
