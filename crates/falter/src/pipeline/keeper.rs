//! Keeps the readings that make up series, for pictures, reports and the store.

use std::hash::BuildHasher;

use falter_model::{Entity, Reading, ReadingKind, Series, SignalId, Span, Step, Timestamp};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Series in the making, found by a hash: readings come by the million.
#[derive(Debug)]
pub(super) struct Keeper {
    kept: HashTable<Kept>,
    hasher: FixedState,
}

#[derive(Debug)]
struct Kept {
    entity: Entity,
    signal: SignalId,
    step: Option<Step>,
    points: Vec<(Timestamp, Option<f64>)>,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { kept: HashTable::new(), hasher: FixedState::with_seed(0) }
    }
}

impl Keeper {
    /// Keeps a bin's or an instant's value; changes inside a bin only time onset and end.
    pub(super) fn keep(&mut self, reading: &Reading) {
        let step = match reading.kind {
            ReadingKind::Bin(step) => Some(step),
            ReadingKind::Instant => None,
            ReadingKind::Change { .. } => return,
        };
        let (entity, signal) = (&reading.entity, &reading.signal);
        let hasher = &self.hasher;
        let hash_of = |kept: &Kept| hasher.hash_one((&kept.entity, &kept.signal));
        let is_it = |kept: &Kept| kept.signal == *signal && kept.entity == *entity;
        let new = || {
            let (entity, signal) = (entity.clone(), signal.clone());
            Kept { entity, signal, step, points: Vec::new() }
        };
        let entry = self.kept.entry(hasher.hash_one((entity, signal)), is_it, hash_of);
        let kept = entry.or_insert_with(new).into_mut();
        match kept.points.last_mut() {
            Some(last) if last.0 == reading.at => last.1 = reading.value,
            Some(last) if last.0 > reading.at => {}
            _ => kept.points.push((reading.at, reading.value)),
        }
    }

    /// All series, sorted by entity and signal.
    pub(super) fn series(self) -> Vec<Series> {
        let series = self.kept.into_iter().map(|kept| {
            let step = kept.step.unwrap_or_else(|| usual_distance(&kept.points));
            Series { entity: kept.entity, signal: kept.signal, step, points: kept.points }
        });
        let mut series: Vec<Series> = series.collect();
        series.sort_unstable_by(|a, b| (&a.entity, &a.signal).cmp(&(&b.entity, &b.signal)));
        series
    }
}

/// The median distance of snapshots: what stands for a step where the source states none.
fn usual_distance(points: &[(Timestamp, Option<f64>)]) -> Step {
    let mut distances: Vec<Span> = points
        .iter()
        .zip(points.iter().skip(1))
        .map(|((earlier, _), (later, _))| *later - *earlier)
        .collect();
    distances.sort_unstable();
    distances
        .get(distances.len() / 2)
        .and_then(|distance| Step::new(*distance).ok())
        .unwrap_or(Step::FIVE_MINUTES)
}
