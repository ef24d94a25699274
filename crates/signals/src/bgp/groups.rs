//! All entities whose prefixes are counted, by number, and what is to be told of them.

use std::collections::BTreeMap;

use falter_model::{Asn, Entity, Prefix, Reading, ReadingKind, Span, Timestamp};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::group::{Counts, Events, Group};
use super::ids::Ids;
use crate::routes::{NO_GROUP, Row, RowId, Table};

/// See the module.
#[derive(Debug)]
pub(crate) struct Groups {
    list: Vec<Group>,
    by_entity: BTreeMap<Entity, u32>,
    /// The same of ASes, to be found at once.
    by_origin: HashMap<Asn, u32, FixedState>,
    /// What was told of each in the open bin. Apart from the list, since every elem counts here.
    events: Vec<Events>,
    /// Groups of which `events` holds any.
    busy: Vec<u32>,
    /// Groups whose counts changed since the last bin was told.
    news: Vec<u32>,
    /// Groups that are to be counted anew.
    touched: Vec<u32>,
    /// Groups of a prefix besides the one that originates it now, where there are any.
    others: HashMap<RowId, Vec<u32>, FixedState>,
    ids: Ids,
}

impl Groups {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            list: Vec::new(),
            by_entity: BTreeMap::new(),
            by_origin: HashMap::with_hasher(FixedState::with_seed(0)),
            events: Vec::new(),
            busy: Vec::new(),
            news: Vec::new(),
            touched: Vec::new(),
            others: HashMap::with_hasher(FixedState::with_seed(0)),
            ids: Ids::new(),
        }
    }

    /// The group of a number.
    pub(crate) fn get(&self, id: u32) -> Option<&Group> {
        self.list.get(id as usize)
    }

    /// See [`Self::get`].
    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Group> {
        self.list.get_mut(id as usize)
    }

    /// The group of an entity.
    pub(crate) fn of(&self, entity: &Entity) -> Option<&Group> {
        self.get(*self.by_entity.get(entity)?)
    }

    /// All of them, in the order of entities.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Group> {
        self.by_entity.values().filter_map(|id| self.get(*id))
    }

    /// Ids of the signals that each has.
    pub(crate) const fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The number of an entity's group, made where there is none.
    pub(crate) fn number(&mut self, entity: &Entity, space: &[Prefix]) -> u32 {
        if let Some(id) = self.by_entity.get(entity) {
            return *id;
        }
        let id = u32::try_from(self.list.len()).unwrap_or(NO_GROUP);
        self.list.push(Group::new(id, entity.clone(), space.to_vec()));
        self.events.push(Events::default());
        self.by_entity.insert(entity.clone(), id);
        self.touch(id);
        id
    }

    /// The number of an AS's group: asked for each prefix that has a new origin.
    pub(crate) fn number_of_origin(&mut self, origin: Asn) -> u32 {
        if let Some(id) = self.by_origin.get(&origin) {
            return *id;
        }
        let id = self.number(&Entity::Asn(origin), &[]);
        self.by_origin.insert(origin, id);
        id
    }

    /// A prefix went from one origin's group to another's; the one that it had still counts it.
    pub(crate) fn hand_over(&mut self, row: RowId, from: u32, to: u32) {
        if from == NO_GROUP {
            return;
        }
        let others = self.others.entry(row).or_default();
        others.retain(|other| *other != to);
        others.push(from);
    }

    /// A group is to be counted anew.
    pub(crate) fn touch(&mut self, id: u32) {
        touch(&mut self.list, &mut self.touched, id);
    }

    /// All groups of a prefix are to be counted anew.
    pub(crate) fn touch_all_of(&mut self, id: RowId, row: &Row) {
        self.touch(row.group);
        self.touch(row.top);
        if row.shared
            && let Some(others) = self.others.get(&id)
        {
            for other in others {
                touch(&mut self.list, &mut self.touched, *other);
            }
        }
    }

    /// Counts an update of a prefix, of which `withdrawals` are withdrawals: 0 or 1.
    pub(crate) fn tally(&mut self, row: &Row, withdrawals: u32) {
        for id in [row.group, row.top] {
            if let Some(events) = self.events.get_mut(id as usize) {
                if events.updates == 0 {
                    self.busy.push(id);
                }
                events.updates += 1;
                events.withdrawals += withdrawals;
            }
        }
    }

    /// What was told of a group's prefixes in the open bin.
    pub(crate) fn events(&self, id: u32) -> Events {
        self.events.get(id as usize).copied().unwrap_or_default()
    }

    /// Counts touched groups anew, and tells those that changed.
    pub(crate) fn count_touched(
        &mut self,
        table: &Table,
        at: Timestamp,
        within: Span,
        out: &mut Vec<Reading>,
    ) {
        let first = out.len();
        for id in self.touched.drain(..) {
            let Some(group) = self.list.get_mut(id as usize) else { continue };
            let counts = group.count(table);
            let before = std::mem::replace(&mut group.counts, counts);
            if before == counts {
                continue;
            }
            if !group.news {
                group.news = true;
                self.news.push(id);
            }
            let pairs = [
                (&self.ids.blocks, before.blocks, counts.blocks),
                (&self.ids.blocks6, before.blocks6, counts.blocks6),
                (&self.ids.prefixes, before.prefixes, counts.prefixes),
            ];
            for (signal, before, now) in pairs {
                // From or to not measured is no change of the network. But what of it was measured for the
                // first time is told: a withdrawal before the first bin ends is one from there.
                let is_network = matches!(group.entity, Entity::Network(_));
                let is_first = before.is_none() && group.told.is_none() && is_network;
                if (before.is_some() || is_first) && now.is_some() && before != now {
                    out.push(group.reading(signal, now, at, ReadingKind::Change { within }));
                }
            }
        }
        if let Some(changes) = out.get_mut(first..) {
            changes.sort_by(|a, b| (&a.entity, &a.signal).cmp(&(&b.entity, &b.signal)));
        }
    }

    /// Numbers of all, in the order of entities.
    pub(crate) fn in_order(&self) -> Vec<u32> {
        self.by_entity.values().copied().collect()
    }

    /// Groups of which there is something to tell in the bin, in the order of entities: few of many.
    pub(crate) fn eventful(&self) -> Vec<u32> {
        let is_news = |id: u32| self.get(id).is_some_and(|group| group.news);
        let only_busy = self.busy.iter().copied().filter(|id| !is_news(*id));
        let mut ids: Vec<u32> = self.news.iter().copied().chain(only_busy).collect();
        ids.sort_by_cached_key(|id| self.get(*id).map(|group| group.entity.clone()));
        ids
    }

    /// The bin was told: the next begins.
    pub(crate) fn begin_bin(&mut self) {
        for id in self.news.drain(..) {
            if let Some(group) = self.list.get_mut(id as usize) {
                group.news = false;
            }
        }
        for id in self.busy.drain(..) {
            if let Some(events) = self.events.get_mut(id as usize) {
                *events = Events::default();
            }
        }
    }

    /// Drops prefixes that have not belonged for long. `belongs` tells whether a row belongs to a
    /// group now.
    pub(crate) fn expire(&mut self, now: Timestamp, belongs: impl Fn(&Group, RowId) -> bool) {
        for group in &mut self.list {
            let mut members = std::mem::take(&mut group.members);
            let shrunk = members.expire(now, |row| belongs(group, row));
            group.members = members;
            if shrunk && !group.touched {
                group.touched = true;
                self.touched.push(group.number);
            }
        }
    }

    /// Entities that were told of and that nobody sees now, in their order.
    pub(crate) fn unseen(&self) -> impl Iterator<Item = &Entity> {
        let is_unseen = |group: &&Group| group.told.is_some() && group.counts == Counts::default();
        self.all().filter(is_unseen).map(|group| &group.entity)
    }
}

fn touch(list: &mut [Group], touched: &mut Vec<u32>, id: u32) {
    if let Some(group) = list.get_mut(id as usize)
        && !group.touched
    {
        group.touched = true;
        touched.push(id);
    }
}
