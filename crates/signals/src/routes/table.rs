//! The table: rows by prefix, sessions by peer, and the rules by which the one speaks of the other.
//!
//! What peers tell goes into [`Rows`] at once and is counted when a second ends.

use std::collections::BTreeMap;

use falter_model::{
    Asn, Change, Family, Interned, PeerActivity, PeerChange, PeerId, PeerState, Prefix, RibEnd,
    Route, Span, Text, Timestamp,
};

use super::collector::Collector;
use super::electorate::{Electorate, side};
use super::row::{Entry, Row, Scratch, Told, Visibility};
use super::rows::{RowId, Rows};
use super::session::Session;

/// Share of the largest table from which a peer has a full feed (docs/method.md), where the profile
/// states none.
const FULL_FEED: f64 = 0.75;

/// A table of more rows than this is recounted as a whole only as a bin closes: a reset of one of
/// its peers must not cost a pass over a million rows each second. Changes of single prefixes are
/// told at once all the same.
const LARGE: usize = 50_000;

/// A row whose visibility or origin changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flip {
    pub(crate) row: RowId,
    /// Visible when it was last known before.
    pub(crate) was: bool,
    /// It was known before.
    pub(crate) was_known: bool,
}

/// A collector could not see, and can again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hole {
    pub(crate) collector: Text,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Rows,
    sessions: Vec<Option<Session>>,
    epochs: Vec<u16>,
    collectors: Vec<Collector>,
    numbers: BTreeMap<Asn, u16>,
    electorates: [Electorate; 2],
    full_feed: f64,
    dirty: Vec<RowId>,
    stale_electorate: bool,
    recount_all: bool,
    /// A route changed its path only: nothing is to be counted anew.
    paths_changed: bool,
    scratch: Scratch,
    holes: Vec<Hole>,
    doubt: Span,
}

/// True for prefixes that say something about a block: no default route, and none shorter than any
/// that a registry hands out (/8, /16 for IPv6).
pub(crate) const fn is_specific(prefix: Prefix) -> bool {
    prefix.length()
        >= match prefix.family() {
            Family::V4 => 8,
            Family::V6 => 16,
        }
}

impl Table {
    /// An empty table. `full_feed` overrides the share that makes a full feed.
    pub(crate) fn new(full_feed: Option<f64>) -> Self {
        Self {
            rows: Rows::new(),
            sessions: Vec::new(),
            epochs: Vec::new(),
            collectors: Vec::new(),
            numbers: BTreeMap::new(),
            electorates: <[Electorate; 2]>::default(),
            full_feed: full_feed.unwrap_or(FULL_FEED),
            dirty: Vec::new(),
            stale_electorate: false,
            recount_all: false,
            paths_changed: false,
            scratch: Scratch::default(),
            holes: Vec::new(),
            doubt: Span::ZERO,
        }
    }

    /// What the peers say, a row a prefix.
    pub(crate) const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// See [`Self::rows`].
    pub(crate) const fn rows_mut(&mut self) -> &mut Rows {
        &mut self.rows
    }

    /// Who counts for a family.
    pub(crate) const fn electorate(&self, family: Family) -> &Electorate {
        let [v4, v6] = &self.electorates;
        match family {
            Family::V4 => v4,
            Family::V6 => v6,
        }
    }

    /// Entries of a row that count now, with the number of their AS.
    pub(crate) fn counted<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (u16, Entry)> + 'a {
        row.counted(self.electorate(row.prefix.family()), &self.epochs)
    }

    /// True where what is not in the table is known to be absent: some full feed counts.
    pub(crate) fn knows_absence(&self, family: Family) -> bool {
        let electorate = self.electorate(family);
        electorate.established && !electorate.complete.is_empty()
    }

    /// True while the first dump is being read: what it does not have yet is not absent.
    pub(crate) fn is_filling(&self, now: Timestamp) -> bool {
        self.electorates.iter().all(|electorate| !electorate.established)
            && self.collectors.iter().any(|collector| collector.dump_from(now).is_some())
    }

    /// True where a hole ended since they were taken last.
    pub(crate) const fn has_holes(&self) -> bool {
        !self.holes.is_empty()
    }

    /// Holes that ended since the last call.
    pub(crate) fn take_holes(&mut self) -> Vec<Hole> {
        std::mem::take(&mut self.holes)
    }

    /// How long before now a change may have happened that only a dump showed; zero where no dump
    /// ended since the last call.
    pub(crate) fn take_doubt(&mut self) -> Span {
        std::mem::take(&mut self.doubt)
    }

    /// Holes that are still open at `now`.
    pub(crate) fn open_holes(&self, now: Timestamp) -> Vec<Hole> {
        let open = self.collectors.iter().filter_map(|collector| {
            let from = collector.silent_since(now)?;
            Some(Hole { collector: collector.name.clone(), from, until: now })
        });
        open.collect()
    }

    /// Time leapt over more than anybody could have watched: everything is unknown.
    pub(crate) fn forget_everything(&mut self) {
        for session in self.sessions.iter_mut().flatten() {
            session.missed();
        }
        for row in self.rows.iter_mut() {
            row.reach = None;
        }
        self.refresh_electorate();
    }

    /// Takes one route of one peer. Gives the row; `None` where it was dropped.
    pub(crate) fn route(&mut self, route: &Route, interned: &Interned) -> Option<RowId> {
        let peer = u16::try_from(route.peer.0).ok()?;
        let collector = self.meet(route.peer, interned)?;
        let dump_from = if let Change::Tabled { .. } = route.change {
            self.collectors.get_mut(collector)?.dumping(route.at);
            self.collectors.get(collector)?.dump_from(route.at)
        } else {
            self.heard(route.peer, route.at, 1);
            None
        };
        if !is_specific(route.prefix) {
            return None;
        }
        let id = self.rows.row_of(route.prefix);
        let session = self.sessions.get_mut(usize::from(peer))?.as_mut()?;
        let entry = self.rows.get_mut(id)?.entry(peer);
        let since = u32::try_from(route.at.seconds()).unwrap_or(0);
        let same_epoch = entry.epoch() == session.epoch;
        // A change since the dump began is newer than what the dump says.
        let newer = dump_from.is_some_and(|from| {
            same_epoch && entry.updated() && i64::from(entry.since) >= from.seconds()
        });
        if newer {
            return Some(id);
        }
        let was_present = same_epoch && entry.present();
        let told = match route.change {
            Change::Announced { origin, path, blackholed } => {
                Told { route: Some((origin, path)), blackholed, update: true, since }
            }
            Change::Withdrawn => Told { route: None, blackholed: false, update: true, since },
            Change::Tabled { origin, path } => {
                Told { route: Some((origin, path)), blackholed: false, update: false, since }
            }
        };
        let known_origin = told.route.map(|(origin, _)| origin) == Some(entry.origin());
        entry.tell(told, session.epoch);
        match (was_present, told.route.is_some()) {
            (false, true) => session.present += 1,
            (true, false) => session.present = session.present.saturating_sub(1),
            _ => {}
        }
        if was_present && known_origin {
            // Another path to the same origin: who carries it is as before.
            self.paths_changed = true;
        } else {
            self.mark(id);
        }
        Some(id)
    }

    /// Takes a sign of life that holds no watched route.
    pub(crate) fn activity(&mut self, activity: &PeerActivity, at: Timestamp, interned: &Interned) {
        if self.meet(activity.peer, interned).is_some() {
            self.heard(activity.peer, at, u64::from(activity.announced));
        }
    }

    /// Takes a change of a session.
    pub(crate) fn peer(&mut self, change: &PeerChange, at: Timestamp, interned: &Interned) {
        let Some(collector) = self.meet(change.peer, interned) else { return };
        self.collector_heard(collector, at);
        let Some(Some(session)) = self.sessions.get_mut(change.peer.0 as usize) else { return };
        session.changed = Some(at);
        match change.state {
            PeerState::Down => session.down(),
            PeerState::Up => session.came_up(at),
        }
        self.refresh_electorate();
    }

    /// Takes the end of a dump: listed peers have nothing but what it holds and what they told since
    /// it began.
    pub(crate) fn rib_end(&mut self, end: &RibEnd, at: Timestamp, interned: &Interned) {
        let mut listed = vec![[false; 2]; self.sessions.len()];
        for (peer, v4, v6) in &end.peers {
            if self.meet(*peer, interned).is_none() {
                continue;
            }
            let place = peer.0 as usize;
            let Some(Some(session)) = self.sessions.get_mut(place) else { continue };
            // What it carried when the dump began it may have lost with a session that ended since.
            if session.changed.is_some_and(|changed| changed > end.from) {
                continue;
            }
            session.listed([*v4, *v6], at);
            if place >= listed.len() {
                listed.resize(place + 1, [false; 2]);
            }
            if let Some(families) = listed.get_mut(place) {
                *families = [*v4 > 0, *v6 > 0];
            }
        }
        for collector in &mut self.collectors {
            if collector.name == end.collector {
                collector.dumped();
                // What only the dump shows happened at some time since the last sign of life.
                let silence = collector.last_sign.map_or(Span::ZERO, |last| at - last);
                self.doubt = self.doubt.max(silence);
                collector.last_sign = collector.last_sign.max(Some(at));
            }
        }
        self.sweep(&listed, end.from);
        self.refresh_electorate();
    }

    /// Drops the entries of listed peers that a dump, begun at `from`, did not have.
    fn sweep(&mut self, listed: &[[bool; 2]], from: Timestamp) {
        let from = u32::try_from(from.seconds()).unwrap_or(0);
        for row in self.rows.iter_mut() {
            let side = side(row.prefix.family());
            for entry in &mut row.entries {
                let peer = usize::from(entry.peer);
                let in_dump = listed.get(peer).and_then(|families| families.get(side).copied());
                let Some(Some(session)) = self.sessions.get_mut(peer) else { continue };
                if in_dump == Some(true)
                    && entry.since < from
                    && entry.present()
                    && entry.epoch() == session.epoch
                {
                    entry.drop_silently();
                    session.present = session.present.saturating_sub(1);
                }
            }
        }
    }

    /// Looks at the time: who fell silent, who went stale, who is complete again.
    pub(crate) fn look(&mut self, now: Timestamp) {
        let mut changed = false;
        for collector in &mut self.collectors {
            let silent = collector.silent_since(now).is_some();
            changed |= silent != collector.silent;
            collector.silent = silent;
        }
        for session in self.sessions.iter_mut().flatten() {
            let rhythm = self.collectors.get(session.collector).and_then(|c| c.rhythm);
            changed |= session.look(rhythm);
        }
        if changed {
            self.refresh_electorate();
        }
    }

    /// Counts anew what changed; true where anything, be it a path, changed. A large table waits for the end of a bin with what concerns all of
    /// it.
    pub(crate) fn settle(&mut self, bin_ends: bool, flips: &mut Vec<Flip>) -> bool {
        if self.stale_electorate {
            self.renew_electorate();
        }
        if self.recount_all && (bin_ends || self.rows.len() <= LARGE) {
            self.recount_all = false;
            self.dirty.clear();
            for id in 0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX) {
                self.recount(id, flips);
            }
            return true;
        }
        let mut dirty = std::mem::take(&mut self.dirty);
        let any = std::mem::take(&mut self.paths_changed) | !dirty.is_empty();
        for id in dirty.drain(..) {
            self.recount(id, flips);
        }
        self.dirty = dirty;
        any
    }

    fn recount(&mut self, id: RowId, flips: &mut Vec<Flip>) {
        let Some(row) = self.rows.get_mut(id) else { return };
        let [v4, v6] = &self.electorates;
        let electorate = match row.prefix.family() {
            Family::V4 => v4,
            Family::V6 => v6,
        };
        let was = row.last_known;
        let was_known = row.visibility != Visibility::Unknown;
        if row.recount(electorate, &self.epochs, &mut self.scratch) {
            flips.push(Flip { row: id, was, was_known });
        }
    }

    fn mark(&mut self, id: RowId) {
        if let Some(row) = self.rows.get_mut(id)
            && !row.dirty
        {
            row.dirty = true;
            self.dirty.push(id);
        }
    }

    /// The collector of a peer, by number; peer and collector are met now where they are new.
    fn meet(&mut self, peer: PeerId, interned: &Interned) -> Option<usize> {
        let place = peer.0 as usize;
        if let Some(Some(session)) = self.sessions.get(place) {
            return Some(session.collector);
        }
        u16::try_from(peer.0).ok()?;
        let who = interned.peer(peer)?;
        let known = self.collectors.iter().position(|known| known.name == who.collector);
        let collector = known.unwrap_or_else(|| {
            self.collectors.push(Collector::new(who.collector.clone()));
            self.collectors.len() - 1
        });
        if place >= self.sessions.len() {
            self.sessions.resize_with(place + 1, || None);
        }
        if let Some(slot) = self.sessions.get_mut(place) {
            *slot = Some(Session::new(collector, who.asn));
        }
        self.refresh_electorate();
        Some(collector)
    }

    fn heard(&mut self, peer: PeerId, at: Timestamp, told: u64) {
        let place = peer.0 as usize;
        let Some(Some(session)) = self.sessions.get(place) else { return };
        let quiet = session.up && !session.stale;
        self.collector_heard(session.collector, at);
        let Some(Some(session)) = self.sessions.get_mut(place) else { return };
        if !session.up {
            session.came_up(at);
        }
        session.stale = false;
        let inferred = session.heard(at, told);
        if !quiet {
            self.refresh_electorate();
        }
        if inferred {
            self.infer_reset(peer);
        }
    }

    fn collector_heard(&mut self, collector: usize, at: Timestamp) {
        let Some(known) = self.collectors.get_mut(collector) else { return };
        let was_silent = known.silent;
        let Some((from, until)) = known.heard(at) else {
            if was_silent {
                self.refresh_electorate();
            }
            return;
        };
        self.holes.push(Hole { collector: known.name.clone(), from, until });
        for session in self.sessions.iter_mut().flatten() {
            if session.collector == collector {
                session.missed();
            }
        }
        self.refresh_electorate();
    }

    /// A peer told most of its table anew after a silence: what it did not tell again is unknown.
    fn infer_reset(&mut self, peer: PeerId) {
        let Some(Some(session)) = self.sessions.get_mut(peer.0 as usize) else { return };
        let Some(since) = session.infer_reset() else { return };
        let since = u32::try_from(since.seconds()).unwrap_or(0);
        for row in self.rows.iter_mut() {
            let entries = row.entries.iter_mut();
            for entry in entries.filter(|entry| u32::from(entry.peer) == peer.0) {
                if entry.epoch() == session.epoch && entry.since < since {
                    if entry.present() {
                        session.present = session.present.saturating_sub(1);
                    }
                    entry.forget(session.epoch);
                }
            }
        }
        self.refresh_electorate();
    }

    /// Who counts must be counted anew, before anything else is.
    const fn refresh_electorate(&mut self) {
        self.stale_electorate = true;
        self.recount_all = true;
    }

    fn renew_electorate(&mut self) {
        self.stale_electorate = false;
        self.epochs.clear();
        self.epochs
            .extend(self.sessions.iter().map(|s| s.as_ref().map_or(0, |session| session.epoch)));
        for (family, electorate) in [Family::V4, Family::V6].into_iter().zip(&mut self.electorates)
        {
            electorate.renew(
                family,
                &self.sessions,
                &self.collectors,
                &mut self.numbers,
                self.full_feed,
            );
        }
    }
}
