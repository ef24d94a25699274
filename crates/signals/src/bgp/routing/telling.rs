//! Telling the values of a bin, and the times in which nobody could see.

use std::collections::BTreeSet;

use falter_model::{
    Asn, Blind, Entity, Family, Interned, Prefix, Reading, ReadingKind, SignalId, SignalSpec, Span,
    Timestamp,
};

use super::{Routing, STEP, TOP};
use crate::Output;
use crate::bgp::group::Counts;
use crate::bgp::scope::Scope;
use crate::bgp::snapshot::Snapshot;
use crate::bgp::{
    blackholed, origins, transit_share, visible_blocks, visible_blocks6, visible_share,
};
use crate::routes::Hole;

/// A sparse series is told at least this often.
pub(super) const KEEPALIVE: Span = Span::from_hours(6);

/// What is told here is told of whole bins.
const BIN: ReadingKind = ReadingKind::Bin(STEP);

impl Routing {
    /// A network and its ASes: every bin.
    pub(super) fn tell_dense(&mut self, bin: Timestamp, interned: &Interned, out: &mut Output) {
        let ids = self.groups.ids();
        for group in self.groups.all() {
            group.tell(group.counts, bin, BIN, ids, &mut out.readings);
            let measured = group.counts != Counts::default();
            let events = self.groups.events(group.number);
            for (id, count) in
                [(&ids.updates, events.updates), (&ids.withdrawals, events.withdrawals)]
            {
                // Not measured where nobody could see.
                let value = measured.then_some(f64::from(count));
                out.readings.push(group.event(id, bin, value, BIN));
            }
        }
        self.tell_snapshot(bin, interned, out);
    }

    /// What only the network itself has.
    fn tell_snapshot(&mut self, bin: Timestamp, interned: &Interned, out: &mut Output) {
        let Scope::Network(network) = &self.scope else { return };
        let Some(top) = self.groups.get(TOP) else { return };
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
                kind: BIN,
                number: None,
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
        let updates = self.groups.events(TOP).updates;
        self.log.bin(bin, updates, snapshot.clone(), new);
    }

    /// Every origin in the input: what changed, and everything once in a while.
    pub(super) fn tell_sparse(&mut self, bin: Timestamp, out: &mut Output) {
        let keepalive = bin.micros() % KEEPALIVE.micros() == 0;
        let all = if keepalive { self.groups.in_order() } else { self.groups.eventful() };
        let before = bin - STEP.width();
        for id in all {
            let Some(group) = self.groups.get(id) else { continue };
            let (ids, events) = (self.groups.ids(), self.groups.events(id));
            for (id, count) in
                [(&ids.updates, events.updates), (&ids.withdrawals, events.withdrawals)]
            {
                if count > 0 {
                    out.readings.push(group.event(id, bin, Some(f64::from(count)), BIN));
                }
            }
            let counts = group.counts;
            let first = group.told.is_none();
            if first && counts == Counts::default() {
                continue;
            }
            let changed = group.told.is_none_or(|(_, told)| told != counts);
            if !(keepalive || changed && (first || group.news)) {
                continue;
            }
            if let Some((at, told)) = group.told
                && changed
                && at < before
            {
                group.tell(told, before, BIN, ids, &mut out.readings);
            }
            group.tell(counts, bin, BIN, ids, &mut out.readings);
            if let Some(group) = self.groups.get_mut(id) {
                group.told = Some((bin, counts));
            }
        }
    }

    /// Prefixes whose blocks changed in the bin: the bin before it, and the bin.
    pub(super) fn tell_prefixes(&mut self, bin: Timestamp, out: &mut Output) {
        let last = bin - STEP.width();
        for (prefix, moved) in &self.moved {
            let now = self.table.rows().get(moved.row).and_then(|row| row.reach);
            let Some(now) = now.filter(|now| *now != moved.before) else { continue };
            if self.told.get(prefix).is_none_or(|told| *told < last) {
                out.readings.push(prefix_reading(*prefix, moved.before, last, BIN));
            }
            out.readings.push(prefix_reading(*prefix, now, bin, BIN));
            self.told.insert(*prefix, bin);
        }
    }

    /// Who could not be told of: the network, for each collector; without one, every entity that
    /// nobody else saw.
    pub(super) fn tell_blind(&self, hole: &Hole, out: &mut Output) {
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
            Scope::Everything(countries) => self
                .groups
                .unseen()
                .filter(|entity| countries.is_none() || entity.is_top())
                .for_each(blind),
        }
    }
}

/// Visible blocks of one prefix.
pub(super) fn prefix_reading(
    prefix: Prefix,
    blocks: u32,
    at: Timestamp,
    kind: ReadingKind,
) -> Reading {
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
        number: None,
    }
}
