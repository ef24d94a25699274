//! From the records of an archive to observations: the hot path of reading, run once a record.

use std::sync::Arc;

use falter_model::{
    Asn, Change, Fact, Interned, Observation, PathId, PeerActivity, PeerChange, PeerId, PeerState,
    Prefix, Route, Timestamp,
};
use falter_wire::bgp::{Attributes, Message};
use falter_wire::mrt::{
    ElemChange, MessageRecord, PeerIndex, RawRecord, Record, Rib, StateChange, TableEntry,
};

use super::collectors::{Collector, Sizes};
use super::mrt_file::tell;
use super::{InputReport, Interest};
use crate::path_ids::PathIds;
use crate::watch::Watch;

/// The peers of a table dump in one file.
#[derive(Debug)]
pub(super) struct PeerTable {
    index: Arc<PeerIndex>,
    slots: Vec<Slot>,
    /// Counts records, so that several paths of a peer to a prefix count as one.
    record: u32,
}

/// One peer of it.
#[derive(Debug)]
struct Slot {
    /// `None` for what is no peer.
    peer: Option<PeerId>,
    sizes: Sizes,
    /// The last record in which it had an entry.
    record: u32,
}

/// Turns records into observations.
#[derive(Debug)]
pub(super) struct Elems {
    watch: Watch,
    path_ids: PathIds,
    /// Holds a path while it gets its number.
    path: Vec<Asn>,
    /// Peer and prefix of the last entry of an old table dump, and how many of its peers were seen.
    last_entry: Option<(PeerId, Prefix)>,
}

/// Where the observations of a record go.
pub(super) struct Sink<'a> {
    pub(super) interned: &'a mut Interned,
    pub(super) into: &'a mut Vec<Observation>,
    pub(super) report: &'a mut InputReport,
    /// Offset of the record.
    pub(super) offset: u64,
}

/// What the routes of an update have in common.
#[derive(Clone, Copy)]
struct Shared {
    origin: Option<Asn>,
    path: PathId,
    blackholed: bool,
}

impl PeerTable {
    fn new(index: Arc<PeerIndex>, collector: &mut Collector, interned: &mut Interned) -> Self {
        let slot = |peer: &falter_wire::mrt::IndexedPeer| Slot {
            peer: collector.peer(peer.asn, peer.address, interned),
            sizes: Sizes::default(),
            record: 0,
        };
        let slots = index.peers.iter().map(slot).collect();
        Self { index, slots, record: 0 }
    }

    /// Hands what was counted so far to the dump.
    pub(super) fn settle(&mut self, collector: &mut Collector) {
        for slot in &mut self.slots {
            if let Some(peer) = slot.peer {
                collector.add_sizes(peer, std::mem::take(&mut slot.sizes));
            }
        }
    }
}

impl Elems {
    pub(super) fn new(interest: Interest) -> Self {
        Self {
            watch: Watch::new(interest),
            path_ids: PathIds::default(),
            path: Vec::new(),
            last_entry: None,
        }
    }

    /// Reads a record.
    #[inline]
    pub(super) fn read(
        &mut self,
        record: &RawRecord<'_>,
        table: &mut Option<PeerTable>,
        collector: &mut Collector,
        sink: &mut Sink<'_>,
    ) {
        // A file that continues another's dump begins with no index.
        if table.is_none()
            && let Some(index) = &collector.index
        {
            *table = Some(PeerTable::new(Arc::clone(index), collector, sink.interned));
        }
        let index = table.as_ref().map(|table| Arc::clone(&table.index));
        match Record::decode(record, index.as_deref()) {
            Ok(Record::Message(message)) => self.message(&message, collector, sink),
            Ok(Record::State(change)) => self.state(change, collector, sink),
            Ok(Record::Rib(rib)) => {
                if let Some(table) = table {
                    self.rib(&rib, table, sink);
                }
            }
            Ok(Record::TableEntry(entry)) => self.entry(&entry, collector, sink),
            Ok(Record::PeerIndex { index, fault }) => {
                if let Some(fault) = fault {
                    tell(sink.report, sink.offset, fault);
                }
                if let Some(old) = table {
                    old.settle(collector);
                }
                let index = Arc::new(index);
                collector.index = Some(Arc::clone(&index));
                *table = Some(PeerTable::new(index, collector, sink.interned));
            }
            Ok(Record::Skipped(_)) => {}
            Err(fault) => tell(sink.report, sink.offset, fault),
        }
    }

    /// A BGP message of a peer.
    #[inline]
    fn message(
        &mut self,
        message: &MessageRecord<'_>,
        collector: &mut Collector,
        sink: &mut Sink<'_>,
    ) {
        // What the collector itself sent is no word of its peer.
        if message.is_local {
            return;
        }
        let (asn, address) = (message.peer_asn, message.peer_address);
        let Some(peer) = collector.peer(asn, address, sink.interned) else { return };
        if let Message::Notification(notification) = message.message {
            collector.notice(peer, message.at, notification);
        }
        let mut activity = PeerActivity { peer, announced: 0, withdrawn: 0 };
        // All routes of an update share its attributes: they are read for the first.
        let mut shared = None;
        let mut is_own = None;
        let before = sink.into.len();
        message.visit(|elem| {
            let elem = match elem {
                Ok(elem) => elem,
                Err(fault) => return tell(sink.report, sink.offset, fault),
            };
            sink.report.observations += 1;
            let prefix = elem.prefix;
            let change = match elem.change {
                ElemChange::Announced(attributes) | ElemChange::Tabled(attributes) => {
                    // The origin is read only where it decides, or for what is watched anyway.
                    let is_own = *is_own.get_or_insert_with(|| {
                        self.watch.needs_origin()
                            && self.watch.is_watched_origin(attributes.origin_asn())
                    });
                    if !self.watch.announced(prefix, is_own) {
                        activity.announced += 1;
                        return;
                    }
                    let Shared { origin, path, blackholed } =
                        *shared.get_or_insert_with(|| self.shared(attributes, sink.interned));
                    if let Some(id) = elem.path_id {
                        self.path_ids.announced(peer, prefix, id);
                    }
                    Change::Announced { origin, path, blackholed }
                }
                ElemChange::Withdrawn => {
                    if !self.watch.withdrawn(prefix) {
                        activity.withdrawn += 1;
                        return;
                    }
                    if let Some(id) = elem.path_id
                        && !self.path_ids.withdrawn(peer, prefix, id)
                    {
                        return;
                    }
                    Change::Withdrawn
                }
            };
            let route = Route { at: message.at, peer, prefix, change };
            sink.into.push(Observation::route(route));
        });
        let is_silent = sink.into.len() == before;
        if is_silent || activity.announced > 0 || activity.withdrawn > 0 {
            let fact = Fact::Activity(activity);
            sink.into.push(Observation { at: message.at, fact });
        }
    }

    #[inline]
    fn shared(&mut self, attributes: &Attributes<'_>, interned: &mut Interned) -> Shared {
        let blackholed = attributes.is_blackholed();
        Shared {
            origin: attributes.origin_asn(),
            path: self.path(attributes, interned),
            blackholed,
        }
    }

    #[inline]
    fn path(&mut self, attributes: &Attributes<'_>, interned: &mut Interned) -> PathId {
        if !self.watch.paths {
            return PathId::NONE;
        }
        attributes.path(&mut self.path);
        interned.path_id(&self.path)
    }

    fn state(&mut self, change: StateChange, collector: &mut Collector, sink: &mut Sink<'_>) {
        let StateChange { at, peer_asn, peer_address, old, new } = change;
        let Some(peer) = collector.peer(peer_asn, peer_address, sink.interned) else { return };
        sink.report.observations += 1;
        let (state, reason) = if new.is_established() {
            (PeerState::Up, None)
        } else if old.is_established() {
            self.path_ids.forget(peer);
            (PeerState::Down, collector.reason(peer, at))
        } else {
            // From one state without routes to another.
            return;
        };
        let fact = Fact::Peer(PeerChange { peer, state, reason });
        sink.into.push(Observation { at, fact });
    }

    /// A prefix with the entries of all peers.
    #[inline]
    fn rib(&mut self, rib: &Rib<'_>, table: &mut PeerTable, sink: &mut Sink<'_>) {
        let prefix = rib.prefix;
        table.record = table.record.wrapping_add(1);
        let record = table.record;
        rib.visit(|elem| {
            let elem = match elem {
                Ok(elem) => elem,
                Err(fault) => return tell(sink.report, sink.offset, fault),
            };
            sink.report.observations += 1;
            let (Some(attributes), Some(number)) = (elem.attributes(), elem.peer.number) else {
                return;
            };
            let Some(slot) = table.slots.get_mut(usize::from(number)) else { return };
            let Some(peer) = slot.peer else { return };
            let is_first = slot.record != record;
            if is_first {
                slot.record = record;
                slot.sizes.count(prefix.family());
            }
            let is_own =
                self.watch.needs_origin() && self.watch.is_watched_origin(attributes.origin_asn());
            if !self.watch.announced(prefix, is_own) {
                return;
            }
            if let Some(id) = elem.path_id {
                self.path_ids.tabled(peer, prefix, id, is_first);
            }
            self.tabled(rib.at, peer, prefix, attributes, sink);
        });
    }

    /// One entry of an old table dump, which has a record an entry and no index.
    fn entry(&mut self, entry: &TableEntry<'_>, collector: &mut Collector, sink: &mut Sink<'_>) {
        let (asn, address) = (entry.peer.asn, entry.peer.address);
        let Some(peer) = collector.peer(asn, address, sink.interned) else { return };
        let prefix = entry.prefix;
        // Entries of a prefix follow each other, and so do several paths of a peer to it.
        if self.last_entry != Some((peer, prefix)) {
            self.last_entry = Some((peer, prefix));
            let mut sizes = Sizes::default();
            sizes.count(prefix.family());
            collector.add_sizes(peer, sizes);
        }
        entry.visit(|elem| {
            let elem = match elem {
                Ok(elem) => elem,
                Err(fault) => return tell(sink.report, sink.offset, fault),
            };
            sink.report.observations += 1;
            if let Some(attributes) = elem.attributes()
                && let is_own = self.watch.is_watched_origin(attributes.origin_asn())
                && self.watch.announced(prefix, is_own)
            {
                self.tabled(entry.at, peer, prefix, attributes, sink);
            }
        });
    }

    #[inline]
    fn tabled(
        &mut self,
        at: Timestamp,
        peer: PeerId,
        prefix: Prefix,
        attributes: &Attributes<'_>,
        sink: &mut Sink<'_>,
    ) {
        let origin = attributes.origin_asn();
        let path = self.path(attributes, sink.interned);
        let change = Change::Tabled { origin, path };
        sink.into.push(Observation::route(Route { at, peer, prefix, change }));
    }
}
