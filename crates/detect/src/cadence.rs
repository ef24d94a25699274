//! How often a series is measured, learned from its own times.

use std::collections::VecDeque;

use falter_model::Span;

/// Distances that the local median is taken over: odd, and few enough to follow a source that
/// changes its habit within a dozen values.
const KEPT: usize = 11;
/// A longer distance than this many times the local median is a gap (docs/method.md, "Detectors").
const GAP_HALVES: i64 = 5;

/// The last distances between readings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cadence {
    recent: VecDeque<Span>,
    median: Option<Span>,
}

impl Cadence {
    /// Takes the distance between two readings that follow each other.
    pub(crate) fn push(&mut self, distance: Span) {
        if distance <= Span::ZERO {
            return;
        }
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(distance);
        if self.recent.iter().all(|known| *known == distance) {
            // As of nearly all series.
            self.median = Some(distance);
            return;
        }
        let mut sorted = [Span::ZERO; KEPT];
        for (slot, known) in sorted.iter_mut().zip(&self.recent) {
            *slot = *known;
        }
        let Some(sorted) = sorted.get_mut(..self.recent.len()) else { return };
        sorted.sort_unstable();
        self.median = sorted.get(sorted.len() / 2).copied();
    }

    /// The local median distance; `None` before the second reading.
    pub(crate) const fn distance(&self) -> Option<Span> {
        self.median
    }

    /// True where so long a distance means that something was not measured.
    pub(crate) fn is_gap(&self, distance: Span) -> bool {
        self.distance().is_some_and(|usual| distance.times(2) > usual.times(GAP_HALVES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn six_hourly() -> Cadence {
        let mut cadence = Cadence::default();
        for hours in [4, 6, 4, 10, 4, 6, 4, 10] {
            cadence.push(Span::from_hours(hours));
        }
        cadence
    }

    #[test]
    fn a_night_between_snapshots_is_no_gap() {
        assert_eq!(six_hourly().distance(), Some(Span::from_hours(6)));
        assert!(!six_hourly().is_gap(Span::from_hours(10)));
        assert!(!six_hourly().is_gap(Span::from_hours(15)));
        assert!(six_hourly().is_gap(Span::from_hours(16)));
    }

    #[test]
    fn one_reading_has_no_distance() {
        assert_eq!(Cadence::default().distance(), None);
        assert!(!Cadence::default().is_gap(Span::from_days(3)));
    }
}
