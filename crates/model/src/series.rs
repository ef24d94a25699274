//! Readings: values of one signal of one entity, as they come out of the signals stage.

use crate::{Entity, SignalId, Span, Step, Timestamp};

/// One value of one signal of one entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What it is about.
    pub entity: Entity,
    /// Which measure.
    pub signal: SignalId,
    /// For a bin, its first moment; else the moment itself.
    pub at: Timestamp,
    /// The value; `None` where not measured, which is never the same as zero.
    pub value: Option<f64>,
    /// How many it was counted from, where that is known.
    pub n: Option<f64>,
    /// A bin's value, an instant's, or a change inside a bin.
    pub kind: ReadingKind,
    /// The number of its series, where the stage that told it gave one: a way to find at once what
    /// entity and signal name. `None` says nothing.
    pub number: Option<SeriesNumber>,
}

/// The number of a series: one stage gives one number to one entity and signal, and never another
/// to the same. Small and without holes, as far as may be; nothing that is shown may depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesNumber(pub u32);

/// How a reading stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingKind {
    /// Holds for `[at, at + step)`; it was known at the end of it. Part of the series.
    Bin(Step),
    /// A snapshot at `at`; nothing is said of the time between. Part of the series.
    Instant,
    /// The value as of `at`, told at once because it changed; the true time lies within `± within`
    /// of it. Not part of the series: it gives onset and end their exact time.
    Change {
        /// The source's own uncertainty of the time.
        within: Span,
    },
}

impl Reading {
    /// When it became known: the end of its bin, or its own moment.
    pub fn known_at(&self) -> Timestamp {
        match self.kind {
            ReadingKind::Bin(step) => self.at + step.width(),
            ReadingKind::Instant | ReadingKind::Change { .. } => self.at,
        }
    }
}

/// The kept values of one signal of one entity, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is about.
    pub entity: Entity,
    /// Which measure.
    pub signal: SignalId,
    /// The width of its bins; for snapshots, the usual distance between them.
    pub step: Step,
    /// Time and value; `None` where not measured. Times rise strictly.
    pub points: Vec<(Timestamp, Option<f64>)>,
}
