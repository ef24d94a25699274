//! An episode: an alert with the course of its loss, the raw stuff of outages.

use falter_model::{Basis, End, Onset, SignalId, Span, State, Timestamp};

/// One signal of one entity left its baseline, from onset to end.
#[derive(Debug, Clone)]
pub(crate) struct Episode {
    pub(crate) signal: SignalId,
    pub(crate) rule: &'static str,
    pub(crate) onset: Onset,
    /// How much later than `onset.first_bad` it may in truth have begun: the width of a bin, or the
    /// source's own uncertainty.
    pub(crate) slack: Span,
    pub(crate) end: Option<End>,
    /// When it was last seen bad: the beginning of the bin, or the moment.
    pub(crate) last_bad: Timestamp,
    /// In which unit the loss is counted; `None` for loss, round trip and the like.
    pub(crate) basis: Option<Basis>,
    /// Units expected at the onset, where units are counted.
    pub(crate) units: Option<f64>,
    /// Whether the source told of how many it counted.
    pub(crate) counted: bool,
    /// The usual distance between its readings.
    pub(crate) step: Span,
    /// When it was first told.
    pub(crate) told_at: Timestamp,
    /// The course, in the order of time, without holes.
    pub(crate) course: Vec<Stretch>,
    /// At most this state may be concluded from it: one protocol from one place proves no complete
    /// outage.
    pub(crate) at_most: State,
}

/// A time with one lost share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Lost share in [0, 1]; `None` where it was not measured.
    pub(crate) lost: Option<f64>,
}

impl Episode {
    /// Appends a stretch to the course, as one with the last where they are equal.
    pub(crate) fn went_on(&mut self, from: Timestamp, until: Timestamp, lost: Option<f64>) {
        if until <= from {
            return;
        }
        match self.course.last_mut() {
            Some(before) if before.until == from && before.lost == lost => before.until = until,
            _ => self.course.push(Stretch { from, until, lost }),
        }
    }

    /// The first moment of good again, or `now` while it lasts.
    pub(crate) fn until(&self, now: Timestamp) -> Timestamp {
        self.end.map_or(now.max(self.onset.first_bad), |end| end.first_good)
    }

    /// The stretch of its course that a moment lies in; `None` outside of it.
    pub(crate) fn stretch_at(&self, at: Timestamp) -> Option<&Stretch> {
        let index = self.course.partition_point(|stretch| stretch.until <= at);
        self.course.get(index).filter(|stretch| stretch.from <= at)
    }

    /// True where it counts no units: packet loss and round trips.
    pub(crate) const fn is_degradation(&self) -> bool {
        self.basis.is_none()
    }
}
