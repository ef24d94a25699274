//! Keeps the readings that make up series, for pictures, reports and the store.

use std::hash::BuildHasher;
use std::hint::black_box;

use falter_model::{Entity, Reading, ReadingKind, Series, SignalId, Span, Step, Timestamp};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Series in the making. Readings come by the million: most bring the number of their series, the
/// others are found by a hash.
#[derive(Debug)]
pub(super) struct Keeper {
    kept: Vec<Kept>,
    index: HashTable<u32>,
    /// Places by number; [`NOWHERE`] where it was not met yet.
    numbered: Vec<u32>,
    hasher: FixedState,
}

const NOWHERE: u32 = u32::MAX;

/// So many snapshots are remembered of a series that is told while it grows: enough for a median of
/// their distances.
const SNAPSHOTS: usize = 32;

/// How many are looked at before the first is kept.
const TOUCHED: usize = 32;

#[derive(Debug)]
struct Kept {
    entity: Entity,
    signal: SignalId,
    step: Option<Step>,
    points: Vec<(Timestamp, Option<f64>)>,
    /// So many of the points were told by [`Keeper::take_new`].
    told: usize,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            index: HashTable::new(),
            numbered: Vec::new(),
            hasher: FixedState::with_seed(0),
        }
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
        let place = self.numbered(reading).unwrap_or_else(|| self.place_of(reading, step));
        let Some(kept) = self.kept.get_mut(place as usize) else { return };
        match kept.points.last_mut() {
            Some(last) if last.0 == reading.at => {
                last.1 = reading.value;
                kept.told = kept.told.min(kept.points.len() - 1);
            }
            Some(last) if last.0 > reading.at => {}
            _ => kept.points.push((reading.at, reading.value)),
        }
    }

    /// Keeps many. What each needs is looked at before the first is kept, so that the processor waits
    /// for memory once for many of them.
    pub(super) fn keep_all(&mut self, readings: &[Reading]) {
        for some in readings.chunks(TOUCHED) {
            for place in some.iter().filter_map(|reading| self.numbered(reading)) {
                let kept = self.kept.get(place as usize);
                black_box(kept.and_then(|kept| kept.points.last().copied()));
            }
            for reading in some {
                self.keep(reading);
            }
        }
    }

    fn numbered(&self, reading: &Reading) -> Option<u32> {
        let place = *self.numbered.get(reading.number?.0 as usize)?;
        (place != NOWHERE).then_some(place)
    }

    /// Where a series is, which begins now if it is new.
    fn place_of(&mut self, reading: &Reading, step: Option<Step>) -> u32 {
        let (entity, signal) = (&reading.entity, &reading.signal);
        let (known, hasher) = (&self.kept, &self.hasher);
        let at = |place: &u32| known.get(*place as usize);
        let hash_of =
            |place: &u32| at(place).map_or(0, |kept| hasher.hash_one((&kept.entity, &kept.signal)));
        let is_it = |place: &u32| {
            at(place).is_some_and(|kept| kept.signal == *signal && kept.entity == *entity)
        };
        let new = u32::try_from(known.len()).unwrap_or(NOWHERE);
        let entry = self.index.entry(hasher.hash_one((entity, signal)), is_it, hash_of);
        let place = *entry.or_insert(new).get();
        if place == new {
            let (entity, signal) = (entity.clone(), signal.clone());
            self.kept.push(Kept { entity, signal, step, points: Vec::new(), told: 0 });
        }
        if let Some(number) = reading.number {
            let number = number.0 as usize;
            if number >= self.numbered.len() {
                self.numbered.resize(number + 1, NOWHERE);
            }
            if let Some(slot) = self.numbered.get_mut(number) {
                *slot = place;
            }
        }
        place
    }

    /// The points that were not told yet, sorted by entity and signal; forgets what is not needed to go
    /// on.
    pub(super) fn take_new(&mut self) -> Vec<Series> {
        let mut new: Vec<Series> = self.kept.iter_mut().filter_map(Kept::take_new).collect();
        new.sort_unstable_by(|a, b| (&a.entity, &a.signal).cmp(&(&b.entity, &b.signal)));
        new
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

impl Kept {
    fn take_new(&mut self) -> Option<Series> {
        let points = self.points.get(self.told..).filter(|new| !new.is_empty())?.to_vec();
        let step = self.step.unwrap_or_else(|| usual_distance(&self.points));
        // The last one may still change; of snapshots some more tell their usual distance.
        let needed = if self.step.is_some() { 1 } else { SNAPSHOTS };
        self.points.drain(..self.points.len().saturating_sub(needed));
        self.told = self.points.len();
        Some(Series { entity: self.entity.clone(), signal: self.signal.clone(), step, points })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(second: i64, value: f64) -> Reading {
        Reading {
            entity: Entity::Network("kp".into()),
            signal: SignalId::from("ping.loss"),
            at: Timestamp::from_seconds(second),
            value: Some(value),
            n: None,
            kind: ReadingKind::Bin(Step::SECOND),
            number: None,
        }
    }

    fn told(keeper: &mut Keeper) -> Vec<(i64, Option<f64>)> {
        let series = keeper.take_new();
        series.into_iter().flat_map(|s| s.points).map(|(at, v)| (at.seconds(), v)).collect()
    }

    #[test]
    fn each_point_is_told_once_and_again_only_where_it_changed() {
        let mut keeper = Keeper::default();
        keeper.keep(&reading(1, 0.5));
        keeper.keep(&reading(2, 0.5));
        assert_eq!(told(&mut keeper), [(1, Some(0.5)), (2, Some(0.5))]);
        assert_eq!(told(&mut keeper), []);
        keeper.keep(&reading(2, 0.7));
        keeper.keep(&reading(3, 0.1));
        assert_eq!(told(&mut keeper), [(2, Some(0.7)), (3, Some(0.1))]);
    }

    #[test]
    fn what_was_told_is_forgotten() {
        let mut keeper = Keeper::default();
        for second in 0..1_000 {
            keeper.keep(&reading(second, 0.0));
            assert_eq!(told(&mut keeper).len(), 1);
        }
        assert!(keeper.kept.iter().all(|kept| kept.points.len() == 1));
    }
}
