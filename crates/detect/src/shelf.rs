//! What is kept of each series: found by a hash, since readings come by the million, and walked in the
//! order of entities and signals, since results must not depend on hashes.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use falter_model::{Entity, SeriesNumber, SignalId};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Where a series stands on its shelf.
pub(crate) type Place = u32;

/// The place of a number that was not met yet.
const NOWHERE: Place = Place::MAX;

/// See the module.
#[derive(Debug)]
pub(crate) struct Shelf<Kept> {
    series: Vec<(SignalId, Entity, Kept)>,
    index: HashTable<Place>,
    /// Places by the number that readings bring along, which is found sooner than by the hash.
    numbered: Vec<Place>,
    hasher: FixedState,
    /// Places of each entity's series, in the order of signals.
    ordered: BTreeMap<Entity, Vec<Place>>,
}

impl<Kept> Default for Shelf<Kept> {
    fn default() -> Self {
        Self {
            series: Vec::new(),
            index: HashTable::new(),
            numbered: Vec::new(),
            hasher: FixedState::with_seed(0),
            ordered: BTreeMap::new(),
        }
    }
}

impl<Kept> Shelf<Kept> {
    /// Where a series stands; `None` where there is none.
    pub(crate) fn find(&self, entity: &Entity, signal: &SignalId) -> Option<Place> {
        let is_it = |place: &Place| {
            let series = self.series.get(*place as usize);
            series.is_some_and(|(own, of, _)| own == signal && of == entity)
        };
        self.index.find(self.hasher.hash_one((entity, signal)), is_it).copied()
    }

    /// Puts up a series that is not there yet.
    pub(crate) fn add(&mut self, entity: Entity, signal: SignalId, kept: Kept) -> Place {
        let place = Place::try_from(self.series.len()).unwrap_or(NOWHERE);
        let (series, hasher) = (&self.series, &self.hasher);
        let hash_of = |place: &Place| {
            series
                .get(*place as usize)
                .map_or(0, |(signal, entity, _)| hasher.hash_one((entity, signal)))
        };
        self.index.insert_unique(hasher.hash_one((&entity, &signal)), place, hash_of);
        let signal_at = |place: &Place| self.series.get(*place as usize).map(|(signal, ..)| signal);
        let own = self.ordered.entry(entity.clone()).or_default();
        let after = own.partition_point(|other| signal_at(other) < Some(&signal));
        own.insert(after, place);
        self.series.push((signal, entity, kept));
        place
    }

    /// Where the series of a number stands; `None` where the number was not met yet.
    pub(crate) fn numbered(&self, number: SeriesNumber) -> Option<Place> {
        self.numbered.get(number.0 as usize).copied().filter(|place| *place != NOWHERE)
    }

    /// The series of a number stands at `place`.
    pub(crate) fn number(&mut self, number: SeriesNumber, place: Place) {
        let number = number.0 as usize;
        if number >= self.numbered.len() {
            self.numbered.resize(number + 1, NOWHERE);
        }
        if let Some(slot) = self.numbered.get_mut(number) {
            *slot = place;
        }
    }

    /// The entity of the series at a place.
    pub(crate) fn entity_at(&self, place: Place) -> Option<&Entity> {
        self.series.get(place as usize).map(|(_, entity, _)| entity)
    }

    /// The shelf in two stretches of much the same size, to be worked on at the same time.
    pub(crate) fn halves(&mut self) -> (Stretch<'_, Kept>, Stretch<'_, Kept>) {
        let middle = self.series.len() / 2;
        let (lower, upper) = self.series.split_at_mut(middle);
        (Stretch { first: 0, series: lower }, Stretch { first: middle, series: upper })
    }

    /// What is kept at a place.
    pub(crate) fn get_mut(&mut self, place: Place) -> Option<&mut Kept> {
        self.series.get_mut(place as usize).map(|(_, _, kept)| kept)
    }

    /// Places of an entity's series, in the order of signals.
    pub(crate) fn places_of(&self, entity: &Entity) -> Vec<Place> {
        self.ordered.get(entity).cloned().unwrap_or_default()
    }

    /// An entity's series, in the order of signals.
    pub(crate) fn of(&self, entity: &Entity) -> impl Iterator<Item = (&Entity, &SignalId, &Kept)> {
        self.ordered.get(entity).into_iter().flatten().filter_map(|place| self.at(*place))
    }

    /// All series, in the order of entities and signals.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Entity, &SignalId, &Kept)> {
        self.ordered.values().flatten().filter_map(|place| self.at(*place))
    }

    fn at(&self, place: Place) -> Option<(&Entity, &SignalId, &Kept)> {
        self.series.get(place as usize).map(|(signal, entity, kept)| (entity, signal, kept))
    }
}

/// A part of the shelf without holes.
#[derive(Debug)]
pub(crate) struct Stretch<'a, Kept> {
    first: usize,
    series: &'a mut [(SignalId, Entity, Kept)],
}

impl<Kept> Stretch<'_, Kept> {
    /// What is kept at a place; `None` where that is not in this stretch.
    pub(crate) fn get_mut(&mut self, place: Place) -> Option<&mut Kept> {
        let within = (place as usize).checked_sub(self.first)?;
        self.series.get_mut(within).map(|(_, _, kept)| kept)
    }
}

#[cfg(test)]
mod tests {
    use falter_model::Asn;

    use super::*;

    #[test]
    fn series_are_found_and_walked_in_order() {
        let mut shelf = Shelf::default();
        for (n, signal) in [(3, "b"), (1, "b"), (3, "a"), (2, "c"), (1, "a")] {
            let (entity, signal) = (Entity::Asn(Asn(n)), SignalId::from(signal));
            assert_eq!(shelf.find(&entity, &signal), None);
            let place = shelf.add(entity.clone(), signal.clone(), (n, signal.to_string()));
            assert_eq!(shelf.find(&entity, &signal), Some(place));
        }
        let walked: Vec<_> = shelf.all().map(|(.., kept)| (kept.0, kept.1.as_str())).collect();
        assert_eq!(walked, [(1, "a"), (1, "b"), (2, "c"), (3, "a"), (3, "b")]);
        let of_three: Vec<_> = shelf.of(&Entity::Asn(Asn(3))).map(|(.., kept)| kept.0).collect();
        assert_eq!(of_three, [3, 3]);
        assert_eq!(shelf.places_of(&Entity::Asn(Asn(3))), [2, 0]);
    }
}
