//! Keeps table and entities together, and tells their values as seconds and bins end.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{
    Asn, Blind, Change, End, Entity, Fact, Family, Interned, Observation, Onset, PeerActivity,
    Prefix, Profile, Reading, ReadingKind, RouteFacts, SignalId, SignalSpec, Span, Step, Timestamp,
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::group::{Counts, Group};
use super::ids::Ids;
use super::log::{Log, Watched};
use super::scope::{Network, Scope};
use super::snapshot::Snapshot;
use super::{blackholed, origins, transit_share, visible_blocks, visible_blocks6, visible_share};
use crate::routes::{Flip, Hole, NO_GROUP, RowId, Table, Visibility};
use crate::{CountryTable, Output};

/// The step of every signal from routes.
const STEP: Step = Step::FIVE_MINUTES;

/// A sparse series is told at least this often.
const KEEPALIVE: Span = Span::from_hours(6);

/// How far the time of a change may be off: path exploration and hold times (docs/method.md).
const EXPLORATION: Span = Span::from_seconds(60);

/// Number of the network's own group.
const TOP: u32 = 0;

/// What was told of a group's prefixes in a bin.
#[derive(Debug, Clone, Copy, Default)]
struct Events {
    updates: u32,
    withdrawals: u32,
}

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
    groups: Vec<Group>,
    /// Of each group in the open bin. Apart from the groups, since every elem counts here.
    events: Vec<Events>,
    /// Groups of which `events` holds any.
    busy: Vec<u32>,
    /// Groups whose counts changed since the last bin was told.
    news: Vec<u32>,
    by_entity: BTreeMap<Entity, u32>,
    /// The same of ASes, to be found at once.
    by_origin: HashMap<Asn, u32, FixedState>,
    /// Entities of a prefix besides the one that originates it now.
    others: BTreeMap<RowId, Vec<u32>>,
    flips: Vec<Flip>,
    touched: Vec<u32>,
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
    ids: Ids,
}

impl Routing {
    /// Nothing seen yet.
    pub(crate) fn new(network: Option<&Profile>, countries: Option<CountryTable>) -> Self {
        let network = network.map(Network::new);
        let table = Table::new(network.as_ref().and_then(|network| network.full_feed));
        let mut routing = Self {
            scope: Scope::Everything(None),
            table,
            groups: Vec::new(),
            events: Vec::new(),
            busy: Vec::new(),
            news: Vec::new(),
            by_entity: BTreeMap::new(),
            by_origin: HashMap::with_hasher(FixedState::with_seed(0)),
            others: BTreeMap::new(),
            flips: Vec::new(),
            touched: Vec::new(),
            moved: BTreeMap::new(),
            told: BTreeMap::new(),
            log: Log::default(),
            watched: false,
            stirred: false,
            snapshot: Snapshot::default(),
            known_origins: BTreeSet::new(),
            seen_transits: BTreeSet::new(),
            ids: Ids::new(),
        };
        routing.scope = match network {
            Some(network) => {
                routing.group(&network.entity, &network.space);
                routing.seen_transits.extend(&network.transits);
                Scope::Network(network)
            }
            None => Scope::Everything(countries),
        };
        routing
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
            || self.table.find(prefix).is_some()
            || self.table.covering(prefix).next().is_some()
            || self.table.within(prefix).next().is_some()
    }

    /// Counts an update for the entities of its prefix.
    fn tally(&mut self, row: Option<RowId>, change: Change) {
        let withdrawn = match change {
            Change::Tabled { .. } => return,
            Change::Announced { .. } => 0,
            Change::Withdrawn => 1,
        };
        let Some(row) = row.and_then(|id| self.table.row(id)) else { return };
        let (group, top) = (row.group, row.top);
        for id in [group, top] {
            if let Some(events) = self.events.get_mut(id as usize) {
                if events.updates == 0 {
                    self.busy.push(id);
                }
                events.updates += 1;
                events.withdrawals += withdrawn;
            }
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
        for id in self.news.drain(..) {
            if let Some(group) = self.groups.get_mut(id as usize) {
                group.news = false;
            }
        }
        for id in self.busy.drain(..) {
            if let Some(events) = self.events.get_mut(id as usize) {
                *events = Events::default();
            }
        }
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
            Entity::Prefix(prefix) => self.table.find(*prefix).into_iter().collect(),
            entity => {
                let group = self.groups.get(*self.by_entity.get(entity)? as usize)?;
                group.members.iter().map(|member| member.row).collect()
            }
        };
        let watched: Vec<Watched> = rows
            .iter()
            .filter_map(|id| {
                let row = self.table.row(*id)?;
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

    fn settle_with(&mut self, at: Timestamp, bin_ends: bool, out: &mut Output) {
        if self.table.is_filling(at) {
            return;
        }
        let mut flips = std::mem::take(&mut self.flips);
        flips.clear();
        self.stirred |= self.table.settle(bin_ends, &mut flips);
        let within = self.table.take_doubt().max(EXPLORATION);
        let mut affected: Vec<RowId> = Vec::with_capacity(flips.len());
        // What is known again after it was not did not change now.
        let mut regained: Vec<RowId> =
            flips.iter().filter(|flip| !flip.was_known).map(|flip| flip.row).collect();
        regained.sort_unstable();
        // As after the first dump: there are no neighbors that are not affected anyway.
        let everything = flips.len() == self.table.len();
        for flip in &flips {
            self.adopt(flip.row, at);
            let Some(row) = self.table.row(flip.row) else { continue };
            affected.push(flip.row);
            if !everything && (row.last_known != flip.was || !flip.was_known) {
                affected.extend(self.table.covering(row.prefix));
                affected.extend(self.table.within(row.prefix).map(|(_, id)| id));
            }
            self.touch_all_of(flip.row);
        }
        self.flips = flips;
        affected.sort_unstable();
        affected.dedup();
        self.reach(&affected, &regained, at, within, out);
        self.count_touched(at, within, out);
    }

    /// A visible prefix belongs to who originates it.
    fn adopt(&mut self, id: RowId, now: Timestamp) {
        let Some(row) = self.table.row(id) else { return };
        if row.visibility != Visibility::Visible {
            return;
        }
        let (prefix, origin, group, top) = (row.prefix, row.origin, row.group, row.top);
        let (new_top, is_ours) = match &self.scope {
            Scope::Network(network) => {
                let ours = if network.space.is_empty() {
                    network.originates(origin)
                } else {
                    network.holds(prefix)
                };
                (if ours { TOP } else { NO_GROUP }, ours)
            }
            Scope::Everything(None) => (NO_GROUP, true),
            Scope::Everything(Some(countries)) => {
                let country = countries.country(prefix).map(Entity::Country);
                (country.map_or(NO_GROUP, |country| self.group(&country, &[])), true)
            }
        };
        if top == NO_GROUP
            && new_top != NO_GROUP
            && let Some(group) = self.groups.get_mut(new_top as usize)
        {
            group.members.add(prefix, id, now);
            if let Some(row) = self.table.row_mut(id) {
                row.top = new_top;
            }
        }
        let Some(origin) = origin.filter(|_| is_ours) else { return };
        let own = self.groups.get(group as usize).map(|group| &group.entity);
        if own == Some(&Entity::Asn(origin)) {
            return;
        }
        let new = self.group_of_origin(origin);
        if let Some(new_group) = self.groups.get_mut(new as usize) {
            if group == NO_GROUP {
                new_group.members.add(prefix, id, now);
            } else {
                new_group.members.add_or_see(prefix, id, now);
            }
        }
        if let Some(old) = self.groups.get_mut(group as usize) {
            old.members.add_or_see(prefix, id, now);
            let others = self.others.entry(id).or_default();
            others.retain(|other| *other != new);
            others.push(group);
        }
        if let Some(row) = self.table.row_mut(id) {
            row.group = new;
        }
    }

    /// The number of an AS's group: asked for each prefix that has a new origin.
    fn group_of_origin(&mut self, origin: Asn) -> u32 {
        if let Some(id) = self.by_origin.get(&origin) {
            return *id;
        }
        let id = self.group(&Entity::Asn(origin), &[]);
        self.by_origin.insert(origin, id);
        id
    }

    /// The number of an entity's group, made where there is none.
    fn group(&mut self, entity: &Entity, space: &[Prefix]) -> u32 {
        if let Some(id) = self.by_entity.get(entity) {
            return *id;
        }
        let id = u32::try_from(self.groups.len()).unwrap_or(NO_GROUP);
        self.groups.push(Group::new(entity.clone(), space.to_vec()));
        self.events.push(Events::default());
        self.by_entity.insert(entity.clone(), id);
        self.touch(id);
        id
    }

    fn touch(&mut self, id: u32) {
        if let Some(group) = self.groups.get_mut(id as usize)
            && !group.touched
        {
            group.touched = true;
            self.touched.push(id);
        }
    }

    fn touch_all_of(&mut self, id: RowId) {
        let Some(row) = self.table.row(id) else { return };
        let (group, top) = (row.group, row.top);
        self.touch(group);
        self.touch(top);
        for other in self.others.get(&id).cloned().unwrap_or_default() {
            self.touch(other);
        }
        if let Scope::Network(network) = &self.scope
            && !network.space.is_empty()
        {
            // A covering announcement is no member, and still makes blocks visible.
            self.touch(TOP);
        }
    }

    /// Counts the blocks of prefixes anew, and tells those that changed.
    fn reach(
        &mut self,
        affected: &[RowId],
        regained: &[RowId],
        at: Timestamp,
        within: Span,
        out: &mut Output,
    ) {
        let mut changes: Vec<Reading> = Vec::new();
        for id in affected {
            let Some(row) = self.table.row(*id) else { continue };
            if row.group == NO_GROUP && row.top == NO_GROUP {
                continue;
            }
            let (prefix, before) = (row.prefix, row.reach);
            if before.is_none() && row.visibility == Visibility::Unknown {
                continue;
            }
            let now = u32::try_from(self.table.reach_of(row)).unwrap_or(u32::MAX);
            if before == Some(now) {
                continue;
            }
            if let Some(row) = self.table.row_mut(*id) {
                row.reach = Some(now);
            }
            self.touch_all_of(*id);
            let Some(before) = before else { continue };
            self.moved.entry(prefix).or_insert(Moved { row: *id, before });
            if (before > 0) != (now > 0) {
                self.log.transition(at, *id, now > 0);
            }
            if regained.binary_search(id).is_err() {
                changes.push(prefix_reading(prefix, now, at, ReadingKind::Change { within }));
            }
        }
        changes.sort_by(|a, b| a.entity.cmp(&b.entity));
        out.readings.append(&mut changes);
    }

    /// Counts touched entities anew, and tells those that changed.
    fn count_touched(&mut self, at: Timestamp, within: Span, out: &mut Output) {
        let mut changes: Vec<Reading> = Vec::new();
        for id in std::mem::take(&mut self.touched) {
            let Some(group) = self.groups.get_mut(id as usize) else { continue };
            let counts = group.count(&self.table);
            let before = std::mem::replace(&mut group.counts, counts);
            if before != counts && !group.news {
                group.news = true;
                self.news.push(id);
            }
            let pairs = [
                (&self.ids.blocks, before.blocks, counts.blocks),
                (&self.ids.blocks6, before.blocks6, counts.blocks6),
                (&self.ids.prefixes, before.prefixes, counts.prefixes),
            ];
            for (signal, before, now) in pairs {
                // From or to not measured is no change of the network.
                if before.is_some() && now.is_some() && before != now {
                    changes.push(group.reading(signal, now, at, ReadingKind::Change { within }));
                }
            }
        }
        changes.sort_by(|a, b| (&a.entity, &a.signal).cmp(&(&b.entity, &b.signal)));
        out.readings.append(&mut changes);
    }

    /// A network and its ASes: every bin.
    fn tell_dense(&mut self, bin: Timestamp, interned: &Interned, out: &mut Output) {
        for id in self.by_entity.values() {
            let Some(group) = self.groups.get(*id as usize) else { continue };
            group.tell(group.counts, bin, ReadingKind::Bin(STEP), &self.ids, &mut out.readings);
            let measured = group.counts != Counts::default();
            let events = self.events.get(*id as usize).copied().unwrap_or_default();
            tell_events(group, events, measured, bin, &self.ids, &mut out.readings);
        }
        self.tell_snapshot(bin, interned, out);
    }

    /// What only the network itself has.
    fn tell_snapshot(&mut self, bin: Timestamp, interned: &Interned, out: &mut Output) {
        let Scope::Network(network) = &self.scope else { return };
        let Some(top) = self.groups.get(TOP as usize) else { return };
        if self.stirred {
            self.stirred = false;
            self.snapshot = Snapshot::take(&self.table, network, &top.members, interned);
        }
        let snapshot = &self.snapshot;
        let mut tell = |signal: SignalId, value: Option<(f64, Option<f64>)>| {
            out.readings.push(Reading {
                entity: network.entity.clone(),
                signal,
                at: bin,
                value: value.map(|(value, _)| value),
                n: value.and_then(|(_, n)| n),
                kind: ReadingKind::Bin(STEP),
            });
        };
        let measured = top.counts != Counts::default();
        let share = visible_share::value(snapshot).filter(|_| measured);
        tell(visible_share::SPEC.id.into(), share.map(|(share, n)| (share, Some(n))));
        self.seen_transits.extend(snapshot.transits.keys());
        let paths = snapshot.paths as f64;
        for asn in &self.seen_transits {
            if !network.transits.is_empty() && !network.transits.contains(asn) {
                continue;
            }
            let through = snapshot.transits.get(asn).copied().unwrap_or(0) as f64;
            let id = format!("{}/{asn}", transit_share::SPEC.id);
            let share = (snapshot.paths > 0 && measured).then_some((through / paths, Some(paths)));
            tell(id.as_str().into(), share);
        }
        let new: BTreeSet<Asn> = snapshot
            .origins
            .iter()
            .filter(|origin| {
                if network.asns.is_empty() {
                    !self.known_origins.contains(origin)
                } else {
                    !network.originates(Some(**origin))
                }
            })
            .copied()
            .collect();
        // Where nothing was known before, everything would be new.
        let first = network.asns.is_empty() && self.known_origins.is_empty();
        let new = if first { BTreeSet::new() } else { new };
        self.known_origins.extend(&snapshot.origins);
        tell(origins::SPEC.id.into(), measured.then_some((new.len() as f64, None)));
        let holed = f64::from(snapshot.blackholed);
        tell(blackholed::SPEC.id.into(), measured.then_some((holed, None)));
        let updates = self.events.get(TOP as usize).map_or(0, |events| events.updates);
        self.log.bin(bin, updates, snapshot.clone(), new);
    }

    /// Every origin in the input: what changed, and everything once in a while.
    fn tell_sparse(&mut self, bin: Timestamp, out: &mut Output) {
        let keepalive = bin.micros() % KEEPALIVE.micros() == 0;
        let all =
            if keepalive { self.by_entity.values().copied().collect() } else { self.eventful() };
        for id in all {
            let Some(group) = self.groups.get_mut(id as usize) else { continue };
            let events = self.events.get(id as usize).copied().unwrap_or_default();
            tell_busy(group, events, bin, &self.ids, &mut out.readings);
            let counts = group.counts;
            let first = group.told.is_none();
            if first && counts == Counts::default() {
                continue;
            }
            let changed = group.told.is_none_or(|(_, told)| told != counts);
            if !(keepalive || changed && (first || group.news)) {
                continue;
            }
            let kind = ReadingKind::Bin(STEP);
            if let Some((at, told)) = group.told
                && changed
                && at < bin - STEP.width()
            {
                group.tell(told, bin - STEP.width(), kind, &self.ids, &mut out.readings);
            }
            group.tell(counts, bin, kind, &self.ids, &mut out.readings);
            group.told = Some((bin, counts));
        }
    }

    /// Groups of which there is something to tell in the bin, in the order of entities: few of many.
    fn eventful(&self) -> Vec<u32> {
        let entity = |id: u32| self.groups.get(id as usize).map(|group| &group.entity);
        let mut ids: Vec<u32> = self.busy.iter().chain(&self.news).copied().collect();
        ids.sort_unstable_by(|a, b| entity(*a).cmp(&entity(*b)));
        ids.dedup();
        ids
    }

    /// Prefixes whose blocks changed in the bin: the bin before it, and the bin.
    fn tell_prefixes(&mut self, bin: Timestamp, out: &mut Output) {
        let kind = ReadingKind::Bin(STEP);
        let last = bin - STEP.width();
        for (prefix, moved) in &self.moved {
            let now = self.table.row(moved.row).and_then(|row| row.reach);
            let Some(now) = now.filter(|now| *now != moved.before) else { continue };
            if self.told.get(prefix).is_none_or(|told| *told < last) {
                out.readings.push(prefix_reading(*prefix, moved.before, last, kind));
            }
            out.readings.push(prefix_reading(*prefix, now, bin, kind));
            self.told.insert(*prefix, bin);
        }
    }

    /// Drops prefixes that have not belonged for long.
    fn expire(&mut self, now: Timestamp) {
        let (table, scope) = (&self.table, &self.scope);
        let mut shrunk = Vec::new();
        for (id, group) in (0..).zip(&mut self.groups) {
            let is_asn = matches!(group.entity, Entity::Asn(_));
            let belongs = |row: RowId| {
                table.row(row).is_some_and(|row| {
                    let originated = match scope {
                        Scope::Network(network) if network.space.is_empty() => {
                            network.originates(row.origin)
                        }
                        _ => true,
                    };
                    row.last_known && (if is_asn { row.group == id } else { originated })
                })
            };
            if group.members.expire(now, belongs) {
                shrunk.push(id);
            }
        }
        for id in shrunk {
            self.touch(id);
        }
    }

    /// Who could not be told of: the network, for each collector; without one, every entity that
    /// nobody else saw.
    fn tell_blind(&self, hole: &Hole, out: &mut Output) {
        let mut blind = |entity: &Entity| {
            out.blind.push(Blind {
                entity: entity.clone(),
                vantage: hole.collector.clone(),
                from: hole.from,
                until: hole.until,
                why: "feed silent".into(),
            });
        };
        match &self.scope {
            Scope::Network(network) => blind(&network.entity),
            Scope::Everything(countries) => {
                for (entity, id) in &self.by_entity {
                    let unseen = self.groups.get(*id as usize).is_some_and(|group| {
                        group.told.is_some() && group.counts == Counts::default()
                    });
                    if unseen && (countries.is_none() || entity.is_top()) {
                        blind(entity);
                    }
                }
            }
        }
    }
}

/// Visible blocks of one prefix.
fn prefix_reading(prefix: Prefix, blocks: u32, at: Timestamp, kind: ReadingKind) -> Reading {
    let spec: &SignalSpec = match prefix.family() {
        Family::V4 => &visible_blocks::SPEC,
        Family::V6 => &visible_blocks6::SPEC,
    };
    Reading {
        entity: Entity::Prefix(prefix),
        signal: spec.id.into(),
        at,
        value: Some(f64::from(blocks)),
        n: Some(prefix.block_count() as f64),
        kind,
    }
}

/// Updates and withdrawals of a bin; not measured where nobody could see.
fn tell_events(
    group: &Group,
    events: Events,
    measured: bool,
    bin: Timestamp,
    ids: &Ids,
    out: &mut Vec<Reading>,
) {
    for (signal, count) in [(&ids.updates, events.updates), (&ids.withdrawals, events.withdrawals)]
    {
        let value = measured.then_some(f64::from(count));
        out.push(event(group, signal, bin, value));
    }
}

/// Updates and withdrawals of a bin, each where there were any.
fn tell_busy(group: &Group, events: Events, bin: Timestamp, ids: &Ids, out: &mut Vec<Reading>) {
    for (signal, count) in [(&ids.updates, events.updates), (&ids.withdrawals, events.withdrawals)]
    {
        if count > 0 {
            out.push(event(group, signal, bin, Some(f64::from(count))));
        }
    }
}

fn event(group: &Group, signal: &SignalId, at: Timestamp, value: Option<f64>) -> Reading {
    let (entity, signal) = (group.entity.clone(), signal.clone());
    Reading { entity, signal, at, value, n: None, kind: ReadingKind::Bin(STEP) }
}
