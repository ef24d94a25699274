//! How often a feed speaks, and from when on its silence means that it is gone.

use falter_model::{Span, Timestamp};

/// Records closer together than this count once, so that a burst does not make a quiet feed look
/// like a busy one.
const SLOT: Span = Span::from_seconds(10);

/// With fewer slots than this a feed's rhythm is not known and no silence is judged: a small
/// collector that spoke a few times may well be quiet for hours.
const SLOTS_KNOWN: i64 = 20;

/// A silence of this many mean distances is no chance: of a feed that speaks at random it would
/// happen once in e^20 times (docs/method.md gives the factor).
const MEANS: i64 = 20;

/// When a feed spoke.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    first: Timestamp,
    last: Timestamp,
    slots: i64,
    /// When the slot ends in which it last spoke.
    slot_until: Timestamp,
    longest: Span,
}

impl Rhythm {
    /// A feed that spoke for the first time.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self { first: at, last: at, slots: 1, slot_until: end_of_slot(at), longest: Span::ZERO }
    }

    /// When it last spoke.
    pub(crate) const fn last(&self) -> Timestamp {
        self.last
    }

    /// It spoke. The silence before counts as its own unless `after_hole`.
    pub(crate) fn heard(&mut self, at: Timestamp, after_hole: bool) {
        let silence = at - self.last;
        if silence <= Span::ZERO {
            return;
        }
        if after_hole {
            // The hole is no part of the rhythm: forget it by moving the beginning.
            self.first = self.first + silence;
        } else {
            self.longest = self.longest.max(silence);
        }
        if at >= self.slot_until {
            self.slots += 1;
            self.slot_until = end_of_slot(at);
        }
        self.last = at;
    }

    /// Mean distance of the slots in which it spoke; `None` while its rhythm is not known.
    pub(crate) fn mean(&self) -> Option<Span> {
        (self.slots >= SLOTS_KNOWN).then(|| (self.last - self.first).divided(self.slots - 1))
    }

    /// The silence from which on it is gone, at least `floor`; `None` while its rhythm is not known.
    pub(crate) fn limit(&self, floor: Span) -> Option<Span> {
        self.mean().map(|mean| floor.max(mean.times(MEANS)))
    }

    /// Its longest silence so far.
    pub(crate) const fn longest(&self) -> Span {
        self.longest
    }
}

/// The end of the slot that a moment lies in.
fn end_of_slot(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(SLOT.micros()) * SLOT.micros()) + SLOT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_burst_counts_once() {
        let mut rhythm = Rhythm::new(at(0));
        for n in 1..10_000 {
            rhythm.heard(Timestamp::from_micros(n * 500), false);
        }
        assert_eq!(rhythm.mean(), None);
    }

    #[test]
    fn a_steady_feed_is_missed_soon_a_slow_one_late() {
        let spoke_every = |seconds: i64| {
            let mut rhythm = Rhythm::new(at(0));
            for n in 1..=30 {
                rhythm.heard(at(n * seconds), false);
            }
            rhythm.limit(Span::from_minutes(5))
        };
        assert_eq!(spoke_every(10), Some(Span::from_minutes(5)));
        assert_eq!(spoke_every(60), Some(Span::from_minutes(20)));
    }

    #[test]
    fn a_hole_is_no_part_of_the_rhythm() {
        let mut rhythm = Rhythm::new(at(0));
        for n in 1..=30 {
            rhythm.heard(at(n * 10), false);
        }
        rhythm.heard(at(7_200), true);
        assert_eq!(rhythm.longest(), Span::from_seconds(10));
        assert!(rhythm.mean().unwrap() <= Span::from_seconds(10));
    }
}
