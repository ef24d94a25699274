//! Counting anew: whose routes changed, to whom they belong now, and what of them is visible.

use falter_model::{Entity, Prefix, ReadingKind, Span, Timestamp};

use super::telling::prefix_reading;
use super::{Moved, Routing, TOP};
use crate::Output;
use crate::bgp::scope::Scope;
use crate::routes::{NO_GROUP, RowId, Visibility};

/// How far the time of a change may be off: path exploration and hold times (docs/method.md).
const EXPLORATION: Span = Span::from_seconds(60);

impl Routing {
    /// Counts anew what changed since the last time, and tells it. A bin's end counts what was put
    /// off too.
    pub(super) fn settle_with(&mut self, at: Timestamp, bin_ends: bool, out: &mut Output) {
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
        let everything = flips.len() == self.table.rows().len();
        for flip in &flips {
            self.adopt(flip.row, at);
            let Some(row) = self.table.rows().get(flip.row) else { continue };
            affected.push(flip.row);
            if !everything && (row.last_known != flip.was || !flip.was_known) {
                affected.extend(self.table.rows().covering(row.prefix));
                affected.extend(self.table.rows().within(row.prefix).map(|(_, id)| id));
            }
            self.touch_all_of(flip.row);
        }
        self.flips = flips;
        affected.sort_unstable();
        affected.dedup();
        self.reach(&affected, &regained, at, within, out);
        self.groups.count_touched(&self.table, at, within, &mut out.readings);
    }

    /// A visible prefix belongs to who originates it.
    fn adopt(&mut self, id: RowId, now: Timestamp) {
        let Some(row) = self.table.rows().get(id) else { return };
        if row.visibility != Visibility::Visible {
            return;
        }
        let (prefix, origin, group, top) = (row.prefix, row.origin, row.group, row.top);
        let is_ours = match &self.scope {
            Scope::Network(network) if network.space.is_empty() => network.originates(origin),
            Scope::Network(network) => network.holds(prefix),
            Scope::Everything(_) => true,
        };
        if top == NO_GROUP {
            self.adopt_into_top(id, prefix, is_ours, now);
        }
        let Some(origin) = origin.filter(|_| is_ours) else { return };
        let own = self.groups.get(group).map(|group| &group.entity);
        if own == Some(&Entity::Asn(origin)) {
            return;
        }
        let new = self.groups.number_of_origin(origin);
        if let Some(new_group) = self.groups.get_mut(new) {
            if group == NO_GROUP {
                new_group.members.add(prefix, id, now);
            } else {
                new_group.members.add_or_see(prefix, id, now);
            }
        }
        if let Some(old) = self.groups.get_mut(group) {
            old.members.add_or_see(prefix, id, now);
        }
        self.groups.hand_over(id, group, new);
        if let Some(row) = self.table.rows_mut().get_mut(id) {
            row.shared |= group != NO_GROUP;
            row.group = new;
        }
    }

    /// A prefix that belongs to no network or country yet belongs to one from now on, if to any.
    fn adopt_into_top(&mut self, id: RowId, prefix: Prefix, is_ours: bool, now: Timestamp) {
        let top = match &self.scope {
            Scope::Network(_) if is_ours => TOP,
            Scope::Everything(Some(countries)) => match countries.country(prefix) {
                Some(country) => self.groups.number(&Entity::Country(country), &[]),
                None => return,
            },
            Scope::Network(_) | Scope::Everything(None) => return,
        };
        if let Some(group) = self.groups.get_mut(top) {
            group.members.add(prefix, id, now);
        }
        if let Some(row) = self.table.rows_mut().get_mut(id) {
            row.top = top;
        }
    }

    fn touch_all_of(&mut self, id: RowId) {
        let Some(row) = self.table.rows().get(id) else { return };
        self.groups.touch_all_of(id, row);
        if let Scope::Network(network) = &self.scope
            && !network.space.is_empty()
        {
            // A covering announcement is no member, and still makes blocks visible.
            self.groups.touch(TOP);
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
        let first = out.readings.len();
        for id in affected {
            let Some(row) = self.table.rows().get(*id) else { continue };
            if row.group == NO_GROUP && row.top == NO_GROUP {
                continue;
            }
            let (prefix, before) = (row.prefix, row.reach);
            if before.is_none() && row.visibility == Visibility::Unknown {
                continue;
            }
            let now = u32::try_from(self.table.rows().reach_of(row)).unwrap_or(u32::MAX);
            if before == Some(now) {
                continue;
            }
            if let Some(row) = self.table.rows_mut().get_mut(*id) {
                row.reach = Some(now);
            }
            self.touch_all_of(*id);
            let Some(before) = before else { continue };
            self.moved.entry(prefix).or_insert(Moved { row: *id, before });
            if (before > 0) != (now > 0) {
                self.log.transition(at, *id, now > 0);
            }
            if regained.binary_search(id).is_err() {
                let kind = ReadingKind::Change { within };
                out.readings.push(prefix_reading(prefix, now, at, kind));
            }
        }
        if let Some(changes) = out.readings.get_mut(first..) {
            changes.sort_by(|a, b| a.entity.cmp(&b.entity));
        }
    }

    /// Drops prefixes that have not belonged for long.
    pub(super) fn expire(&mut self, now: Timestamp) {
        let (table, scope) = (&self.table, &self.scope);
        self.groups.expire(now, |group, row| {
            table.rows().get(row).is_some_and(|row| {
                let originated = match scope {
                    Scope::Network(network) if network.space.is_empty() => {
                        network.originates(row.origin)
                    }
                    _ => true,
                };
                let is_asn = matches!(group.entity, Entity::Asn(_));
                row.last_known && (if is_asn { row.group == group.number } else { originated })
            })
        });
    }
}
