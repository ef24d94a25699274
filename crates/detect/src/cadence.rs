//! How often a series is measured, learned from its own times.

use falter_model::Span;

/// Distances that the local median is taken over: odd, and few enough to follow a source that
/// changes its habit within a dozen values.
const KEPT: usize = 11;
/// [`KEPT`], as a count of what was put in.
const FULL: u8 = 11;
/// A longer distance than this many times the local median is a gap (docs/method.md, "Detectors").
const GAP_HALVES: i64 = 5;

/// The last distances between readings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cadence {
    /// A ring: inline, since there are as many as series, and nearly all are full.
    recent: [Span; KEPT],
    /// How many were ever put in, up to one round; from then on counts on in the second.
    pushed: u8,
}

impl Cadence {
    /// Takes the distance between two readings that follow each other.
    pub(crate) fn push(&mut self, distance: Span) {
        if distance <= Span::ZERO {
            return;
        }
        let pushed = usize::from(self.pushed);
        if let Some(slot) = self.recent.get_mut(pushed % KEPT) {
            *slot = distance;
        }
        self.pushed = if pushed + 1 < 2 * KEPT { self.pushed + 1 } else { FULL };
    }

    /// The local median distance; `None` before the second reading. Sorted when somebody asks:
    /// most series are told by their changes and nobody does.
    pub(crate) fn distance(&self) -> Option<Span> {
        let mut sorted = self.recent;
        let known = sorted.get_mut(..usize::from(self.pushed).min(KEPT))?;
        known.sort_unstable();
        known.get(known.len() / 2).copied()
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
    fn the_last_eleven_count_and_no_others() {
        let mut cadence = Cadence::default();
        for hours in 1..=100 {
            cadence.push(Span::from_hours(hours));
            let (first, last) = ((hours - 10).max(1), hours);
            assert_eq!(cadence.distance(), Some(Span::from_hours((first + last + 1) / 2)));
        }
    }

    #[test]
    fn one_reading_has_no_distance() {
        assert_eq!(Cadence::default().distance(), None);
        assert!(!Cadence::default().is_gap(Span::from_days(3)));
    }
}
