//! Imported series: passed through under their own ids.
//!
//! Values of several vantage points at one time become their median. An entity that the profile
//! calls an alias is the network. Where the network has no series of its own, the sum over its ASes
//! stands for it.

mod median;
mod sum;

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{
    Asn, Entity, Profile, Reading, ReadingKind, SignalId, Step, Text, Timestamp, Value,
};

use median::median;
use sum::Sum;

/// One value of one vantage point.
#[derive(Debug, Clone, PartialEq)]
struct One {
    vantage: Text,
    value: Option<f64>,
    n: Option<f64>,
    step: Option<Step>,
}

/// What a network's ASes had of one signal at one time.
#[derive(Debug)]
struct Parts {
    kind: ReadingKind,
    /// Value and `n` of those that were counted.
    counted: BTreeMap<Asn, (f64, f64)>,
}

/// What is known of the network that is watched.
#[derive(Debug)]
struct Network {
    entity: Entity,
    aliases: BTreeSet<Entity>,
    asns: BTreeSet<Asn>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Imports {
    network: Option<Network>,
    /// Values whose time may not be over yet.
    pending: BTreeMap<Timestamp, BTreeMap<(Entity, SignalId), Vec<One>>>,
    /// Signals of which the network has a series of its own.
    own: BTreeSet<SignalId>,
    sums: BTreeMap<SignalId, Sum>,
}

impl Imports {
    /// Nothing imported yet.
    pub(crate) fn new(network: Option<&Profile>) -> Self {
        let network = network.map(|profile| Network {
            entity: profile.entity(),
            aliases: profile.aliases.iter().cloned().collect(),
            asns: profile.asns.iter().copied().collect(),
        });
        Self { network, pending: BTreeMap::new(), own: BTreeSet::new(), sums: BTreeMap::new() }
    }

    /// Takes a value.
    pub(crate) fn take(&mut self, at: Timestamp, value: &Value) {
        let entity = match &self.network {
            Some(network) if network.aliases.contains(&value.entity) => network.entity.clone(),
            _ => value.entity.clone(),
        };
        if self.network.as_ref().is_some_and(|network| network.entity == entity) {
            self.own.insert(value.signal.clone());
        }
        let one = One {
            vantage: value.vantage.clone(),
            value: value.value.filter(|value| value.is_finite()),
            n: value.n.filter(|n| n.is_finite()),
            step: value.step,
        };
        let at_once = self.pending.entry(at).or_default();
        at_once.entry((entity, value.signal.clone())).or_default().push(one);
    }

    /// Tells what belongs to times before `now`: nothing more will come of them.
    pub(crate) fn tell(&mut self, now: Timestamp, out: &mut Vec<Reading>) {
        while let Some(first) = self.pending.first_entry().filter(|first| *first.key() < now) {
            let (at, values) = first.remove_entry();
            self.tell_one_time(at, values, out);
        }
    }

    fn tell_one_time(
        &mut self,
        at: Timestamp,
        values: BTreeMap<(Entity, SignalId), Vec<One>>,
        out: &mut Vec<Reading>,
    ) {
        let mut parts: BTreeMap<SignalId, Parts> = BTreeMap::new();
        for ((entity, signal), mut ones) in values {
            let step = ones.iter().find_map(|one| one.step);
            let (value, n) = median(&mut ones);
            let kind = step.map_or(ReadingKind::Instant, ReadingKind::Bin);
            let reading = Reading { entity, signal, at, value, n, kind, number: None };
            if let (Entity::Asn(asn), Some(network)) = (&reading.entity, &self.network)
                && network.asns.contains(asn)
            {
                let parts = parts
                    .entry(reading.signal.clone())
                    .or_insert_with(|| Parts { kind, counted: BTreeMap::new() });
                if let Some(count) = value.zip(n) {
                    parts.counted.insert(*asn, count);
                }
            }
            out.push(reading);
        }
        let Some(network) = &self.network else { return };
        for (signal, parts) in parts {
            let sum = self.sums.entry(signal.clone()).or_default();
            let total = sum.add(parts.counted);
            // Its own series beat sums over parts.
            if self.own.contains(&signal) || !sum.is_countable() {
                continue;
            }
            out.push(Reading {
                entity: network.entity.clone(),
                signal,
                at,
                value: total.map(|(value, _)| value),
                n: total.map(|(_, n)| n),
                kind: parts.kind,
                number: None,
            });
        }
    }
}

#[cfg(test)]
mod tests;
