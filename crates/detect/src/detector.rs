//! What a detector is: it judges a value against what it learned from quiet times.

use std::fmt;

use falter_model::{Span, Timestamp};

/// A measured value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// The moment that it stands for.
    pub(crate) at: Timestamp,
    /// The value.
    pub(crate) value: f64,
    /// How many it was counted from, where known.
    pub(crate) n: Option<f64>,
    /// The usual distance to the next.
    pub(crate) distance: Span,
}

/// Whether the series is thought to be out when it is judged: to come back takes more than not to
/// fall (hysteresis).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is wrong.
    Up,
    /// An alert is open.
    Out,
}

/// What a detector makes of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Call {
    /// The history is too short to tell.
    Unknown,
    /// As expected.
    Good,
    /// Not as expected; alone it proves nothing.
    Suspect(Loss),
    /// An alert.
    Bad(Loss),
}

/// How much is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Loss {
    /// In [0, 1], of what was expected; 0 where nothing is counted.
    pub(crate) share: f64,
    /// How many units were expected, where units are counted.
    pub(crate) of: Option<f64>,
}

/// Judges the values of one series.
pub(crate) trait Detector: fmt::Debug + Send {
    /// The rule's name, as docs/method.md lists it.
    fn rule(&self) -> &'static str;

    /// Judges a sample. Does not learn from it.
    fn judge(&mut self, sample: &Sample, standing: Standing) -> Call;

    /// Takes a value that held for `[from, until)` while nothing was wrong.
    fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64);

    /// What is now is normal: starts over.
    fn settle(&mut self);
}
