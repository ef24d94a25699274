//! Tables from archives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use falter_model::{
    Asn, Change, Fact, Interned, Observation, PathId, Peer, PeerActivity, PeerChange, PeerId,
    Prefix, Route, Span, Text, Timestamp,
};

use crate::archive::{Fault, InputArg, InputError, Inputs, Interest};
use crate::recording::{Standing, WholeTable};

/// What a collector's peers carried at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorTable {
    /// The collector.
    pub collector: Text,
    /// The last moment of which the archives told.
    pub reached: Timestamp,
    /// Each peer whose whole table is known, in the order of AS and address.
    pub(crate) peers: Vec<PeerTable>,
}

/// What one peer carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeerTable {
    pub(crate) peer: Peer,
    /// Prefixes of IPv4 and IPv6 in the dump, watched or not.
    pub(crate) sizes: [u32; 2],
    /// The watched ones, in order.
    pub(crate) routes: Vec<TableRoute>,
}

/// A route of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableRoute {
    pub(crate) prefix: Prefix,
    pub(crate) origin: Option<Asn>,
    /// First hop first; empty where nobody asked for paths.
    pub(crate) path: Arc<[Asn]>,
}

/// Prefixes with who originates them.
type Origins = Vec<(Prefix, Option<Asn>)>;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The archives can't be opened.
    #[error(transparent)]
    Input(#[from] InputError),
    /// One ends in the middle, or its compression is broken: what it does not tell is not absent.
    #[error("{path}: {fault}")]
    Broken {
        /// Which one.
        path: String,
        /// How.
        fault: String,
    },
    /// More routes are watched than can be kept.
    #[error("more than {MOST_ROUTES} routes of all peers are watched")]
    TooMany,
    /// There is no table dump in them.
    #[error("no table dump is among them")]
    NoDump,
    /// It was to end.
    #[error("ended while reading")]
    Stopped,
}

/// Routes that are kept, of all peers: some 100 octets each. A country of 30,000 prefixes as 100 peers see it
/// has as many.
const MOST_ROUTES: usize = 3_000_000;

/// Reading ends with what happened so much later than it should reach: the end of a dump is told a minute after
/// it, and files overlap.
const READ_ON: Span = Span::from_minutes(10);

impl CollectorTable {
    /// Peers whose whole table is known.
    pub fn n_peers(&self) -> usize {
        self.peers.len()
    }

    /// Watched routes of all its peers.
    pub fn n_routes(&self) -> usize {
        self.peers.iter().map(|peer| peer.routes.len()).sum()
    }

    /// Of a collector without peers.
    #[cfg(test)]
    pub(crate) const fn empty(collector: Text, reached: Timestamp) -> Self {
        Self { collector, reached, peers: Vec::new() }
    }

    /// True where another one tells of the same peers the same routes, whatever their paths.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let routes = |table: &Self| -> Vec<(Peer, Origins)> {
            let of = |peer: &PeerTable| {
                peer.routes.iter().map(|route| (route.prefix, route.origin)).collect()
            };
            table.peers.iter().map(|peer| (peer.peer.clone(), of(peer))).collect()
        };
        routes(self) == routes(other)
    }
}

/// Reads archives: the tables of all collectors whose dump is among them, with the updates since up to
/// `until`. Blocks; ends soon once `stop` is set.
pub fn read(
    arguments: &[InputArg],
    interest: Interest,
    until: Timestamp,
    stop: &AtomicBool,
) -> Result<Vec<CollectorTable>, TableError> {
    let mut inputs = Inputs::open(arguments)?;
    inputs.watch(interest);
    let mut interned = Interned::new();
    let mut reading = Reading { until, standing: Standing::new(), reached: BTreeMap::new() };
    let mut observations = Vec::new();
    let mut more = true;
    while more {
        if stop.load(Ordering::Relaxed) {
            return Err(TableError::Stopped);
        }
        more = inputs.read(&mut interned, &mut observations);
        more &= observations.last().is_none_or(|last| last.at <= until + READ_ON);
        observations.drain(..).for_each(|observation| reading.take(&observation, &interned));
        if reading.standing.routes() > MOST_ROUTES {
            return Err(TableError::TooMany);
        }
    }
    is_whole(&inputs)?;
    let tables: Vec<CollectorTable> = reading.tables(&interned);
    if tables.is_empty() { Err(TableError::NoDump) } else { Ok(tables) }
}

/// What can't be read to its end does not tell what is absent. A bad record costs itself.
fn is_whole(inputs: &Inputs) -> Result<(), TableError> {
    for report in inputs.reports() {
        let path = report.path.display().to_string();
        let broken = report.bad.iter().find(|bad| matches!(*bad.fault, Fault::Read(_)));
        if let Some(bad) = broken {
            return Err(TableError::Broken { path, fault: bad.to_string() });
        }
        if let Some(bad) = report.bad.first() {
            tracing::warn!(path, n = report.bad_count, first = %bad, "Records of an archive can't be read.");
        }
    }
    Ok(())
}

struct Reading {
    until: Timestamp,
    standing: Standing,
    /// When each peer was heard last.
    reached: BTreeMap<PeerId, Timestamp>,
}

impl Reading {
    fn take(&mut self, observation: &Observation, interned: &Interned) {
        let at = observation.at;
        let heard = match &observation.fact {
            // Of what happened too late nothing may be known.
            Fact::Route(Route { peer, change: Change::Tabled { .. }, .. }) => Some(*peer),
            _ if at > self.until && !matches!(observation.fact, Fact::RibEnd(_)) => return,
            Fact::Route(Route { peer, .. })
            | Fact::Activity(PeerActivity { peer, .. })
            | Fact::Peer(PeerChange { peer, .. }) => Some(*peer),
            Fact::RibEnd(end) => {
                // It is told later than it happened.
                end.peers.iter().for_each(|(peer, ..)| self.hear(*peer, end.from));
                None
            }
            _ => None,
        };
        if let Some(peer) = heard {
            self.hear(peer, at);
        }
        self.standing.note(observation, interned);
    }

    fn hear(&mut self, peer: PeerId, at: Timestamp) {
        let reached = self.reached.entry(peer).or_insert(at);
        *reached = at.max(*reached);
    }

    fn tables(&self, interned: &Interned) -> Vec<CollectorTable> {
        let mut paths: BTreeMap<PathId, Arc<[Asn]>> = BTreeMap::new();
        let mut table = |collector: &Text, whole: Vec<WholeTable>| {
            let mut peers: Vec<PeerTable> = whole
                .into_iter()
                .filter_map(|one| {
                    let routes = one.routes.into_iter().filter_map(|(prefix, change)| {
                        let Change::Tabled { origin, path } = change else { return None };
                        let shared =
                            paths.entry(path).or_insert_with(|| interned.path(path).into());
                        Some(TableRoute { prefix, origin, path: Arc::clone(shared) })
                    });
                    let (routes, sizes) = (routes.collect(), one.sizes);
                    Some(PeerTable { peer: peer(one.peer, interned)?, sizes, routes })
                })
                .collect();
            peers.sort_by(|a, b| a.peer.cmp(&b.peer));
            let of_collector = self.reached.iter().filter(|(id, _)| {
                interned.peer(**id).is_some_and(|peer| peer.collector == *collector)
            });
            let reached = of_collector.map(|(_, at)| *at).max().unwrap_or(Timestamp::MIN);
            CollectorTable { collector: collector.clone(), reached, peers }
        };
        self.standing.tables().map(|(collector, whole)| table(collector, whole)).collect()
    }
}

fn peer(id: PeerId, interned: &Interned) -> Option<Peer> {
    interned.peer(id).cloned()
}
