//! The rows of a table: found by prefix, walked in the order of prefixes, and how much of the space
//! that one spans is visible.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::hint::black_box;

use falter_model::Prefix;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::lengths::LengthsInUse;
use super::row::Row;
use super::upcoming::Upcoming;

/// Number of a row.
pub(crate) type RowId = u32;

/// See the module.
#[derive(Debug)]
pub(crate) struct Rows {
    list: Vec<Row>,
    index: HashTable<RowId>,
    hasher: FixedState,
    ordered: BTreeMap<Prefix, RowId>,
    lengths: LengthsInUse,
    /// The row that was spoken of last: dumps speak of a prefix once for each peer.
    latest: Option<(Prefix, RowId)>,
    upcoming: Upcoming,
}

impl Rows {
    /// None.
    pub(super) fn new() -> Self {
        Self {
            list: Vec::new(),
            index: HashTable::new(),
            hasher: FixedState::with_seed(0),
            ordered: BTreeMap::new(),
            lengths: LengthsInUse::default(),
            latest: None,
            upcoming: Upcoming::default(),
        }
    }

    /// The row of a number.
    pub(crate) fn get(&self, id: RowId) -> Option<&Row> {
        self.list.get(id as usize)
    }

    /// See [`Self::get`].
    pub(crate) fn get_mut(&mut self, id: RowId) -> Option<&mut Row> {
        self.list.get_mut(id as usize)
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.list.iter()
    }

    /// See [`Self::iter`].
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.list.iter_mut()
    }

    /// The row of a prefix.
    pub(crate) fn find(&self, prefix: Prefix) -> Option<RowId> {
        let is_it = |id: &RowId| self.get(*id).is_some_and(|row| row.prefix == prefix);
        self.index.find(self.hasher.hash_one(prefix), is_it).copied()
    }

    /// These prefixes will be spoken of next, in this order, as far as they are at all. Changes
    /// nothing; see [`Upcoming`].
    pub(crate) fn expect(&mut self, prefixes: impl Iterator<Item = Prefix>) {
        let mut upcoming = std::mem::take(&mut self.upcoming);
        upcoming.refill(prefixes.map(|prefix| (prefix, self.find(prefix))));
        // So is what the peers say of each. The value is of no use here: that it was read is.
        for row in upcoming.rows().filter_map(|id| self.get(id)) {
            black_box(row.entries.last().map(|entry| entry.peer));
        }
        self.upcoming = upcoming;
    }

    /// The row of a prefix, made where there is none.
    pub(super) fn row_of(&mut self, prefix: Prefix) -> RowId {
        if let Some((_, id)) = self.latest.filter(|(latest, _)| *latest == prefix) {
            return id;
        }
        let known = self.upcoming.take(prefix).or_else(|| self.find(prefix));
        let id = known.unwrap_or_else(|| self.new_row(prefix));
        self.latest = Some((prefix, id));
        id
    }

    fn new_row(&mut self, prefix: Prefix) -> RowId {
        let id = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Row::new(prefix));
        self.ordered.insert(prefix, id);
        self.lengths.add(prefix);
        let (list, hasher) = (&self.list, &self.hasher);
        let hash = |id: &RowId| list.get(*id as usize).map_or(0, |row| hasher.hash_one(row.prefix));
        self.index.insert_unique(hasher.hash_one(prefix), id, hash);
        id
    }

    /// How many blocks of a prefix are visible: those that any visible prefix covers, whoever
    /// originates it. Deaggregation or a covering announcement is no loss.
    pub(crate) fn reach(&self, prefix: Prefix) -> u64 {
        if self.is_visible(prefix) { prefix.block_count() } else { self.reach_by_others(prefix) }
    }

    /// See [`Self::reach`]; of a row, which knows itself whether it is visible.
    pub(crate) fn reach_of(&self, row: &Row) -> u64 {
        if row.last_known { row.prefix.block_count() } else { self.reach_by_others(row.prefix) }
    }

    /// How many blocks of a prefix that is not visible itself others cover.
    fn reach_by_others(&self, prefix: Prefix) -> u64 {
        if self.covering(prefix).any(|id| self.row_is_visible(id)) {
            return prefix.block_count();
        }
        let block = prefix.family().block_length();
        let mut last: Option<Prefix> = None;
        let mut blocks = 0;
        for (inner, id) in self.within(prefix) {
            let counted = last.is_some_and(|last| last.covers(inner));
            if inner.length() <= block && !counted && self.row_is_visible(id) {
                blocks += inner.block_count();
                last = Some(inner);
            }
        }
        blocks
    }

    /// Rows of shorter prefixes that cover this one.
    pub(crate) fn covering(&self, prefix: Prefix) -> impl Iterator<Item = RowId> + '_ {
        self.lengths.covering(prefix).filter_map(move |length| self.find(prefix.truncated(length)))
    }

    /// Rows of longer prefixes that this one covers, in order.
    pub(crate) fn within(&self, prefix: Prefix) -> impl Iterator<Item = (Prefix, RowId)> + '_ {
        let may_be = self.lengths.may_hold_within(prefix);
        may_be
            .then(|| self.ordered.range(prefix..))
            .into_iter()
            .flatten()
            .map(|(inner, id)| (*inner, *id))
            .take_while(move |(inner, _)| prefix.covers(*inner))
            .filter(move |(inner, _)| *inner != prefix)
    }

    fn is_visible(&self, prefix: Prefix) -> bool {
        self.find(prefix).is_some_and(|id| self.row_is_visible(id))
    }

    fn row_is_visible(&self, id: RowId) -> bool {
        self.get(id).is_some_and(|row| row.last_known)
    }
}
