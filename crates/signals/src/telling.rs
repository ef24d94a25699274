//! Tells bins: once a signal was told of an entity, every bin of it is told, measured or not.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Entity, Reading, ReadingKind, SignalId, Step, Timestamp};

use crate::Output;
use crate::tally::Tally;

/// What a source told of each entity, for the bins in which it tells nothing.
pub(crate) type Known = BTreeMap<Entity, BTreeSet<SignalId>>;

/// Signals of entities in one bin.
pub(crate) type Tallies = BTreeMap<Entity, Vec<(SignalId, Tally)>>;

/// Tells a bin: every signal that was ever told of an entity gets a value. An event that did not
/// happen is zero where the entity was measured at all; everything else is not measured.
pub(crate) fn tell(
    known: &mut Known,
    bin: Timestamp,
    step: Step,
    tallies: &Tallies,
    out: &mut Output,
) {
    for (entity, signals) in tallies {
        let ids = known.entry(entity.clone()).or_default();
        ids.extend(signals.iter().map(|(id, _)| id.clone()));
    }
    for (entity, ids) in known.iter() {
        let signals = tallies.get(entity);
        for id in ids {
            let told = signals.and_then(|signals| signals.iter().find(|(told, _)| told == id));
            let tally = match (told, signals) {
                (Some((_, tally)), _) => *tally,
                (None, Some(_)) if counts_events(id) => Tally::events(0),
                _ => Tally::default(),
            };
            out.readings.push(reading(entity, id, bin, step, tally));
        }
    }
}

/// True for signals of which none is zero.
fn counts_events(id: &SignalId) -> bool {
    let spec = crate::spec(id.as_str());
    let by_port = id.layer() == "traffic";
    by_port || spec.is_some_and(|spec| spec.unit == falter_model::Unit::Events)
}

/// A bin's value.
pub(crate) fn reading(
    entity: &Entity,
    signal: &SignalId,
    bin: Timestamp,
    step: Step,
    tally: Tally,
) -> Reading {
    Reading {
        entity: entity.clone(),
        signal: signal.clone(),
        at: bin,
        value: tally.value,
        n: tally.n,
        kind: ReadingKind::Bin(step),
        number: None,
    }
}
