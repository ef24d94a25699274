//! The detector of a track: one kind of them, of which there are a hundred thousand where every
//! origin AS is watched, is inline.

use std::hint::black_box;

use falter_model::Timestamp;

use crate::counts::Counts;
use crate::detector::{Call, Detector, Sample, Standing};

/// See the module.
#[derive(Debug)]
pub(crate) enum Rule {
    /// Of counts.
    Counts(Counts),
    /// Any other.
    Other(Box<dyn Detector>),
}

impl Rule {
    /// Any detector that is not inline.
    pub(crate) fn other(detector: impl Detector + 'static) -> Self {
        Self::Other(Box::new(detector))
    }

    /// Looks at what it will need to judge, so that it is at hand by then.
    pub(crate) fn touch(&self) {
        if let Self::Counts(counts) = self {
            black_box(counts.last());
        }
    }
}

impl Detector for Rule {
    fn rule(&self) -> &'static str {
        match self {
            Self::Counts(counts) => counts.rule(),
            Self::Other(other) => other.rule(),
        }
    }

    fn judge(&mut self, sample: &Sample, standing: Standing) -> Call {
        match self {
            Self::Counts(counts) => counts.judge(sample, standing),
            Self::Other(other) => other.judge(sample, standing),
        }
    }

    fn learn(&mut self, from: Timestamp, until: Timestamp, value: f64) {
        match self {
            Self::Counts(counts) => counts.learn(from, until, value),
            Self::Other(other) => other.learn(from, until, value),
        }
    }

    fn settle(&mut self) {
        match self {
            Self::Counts(counts) => counts.settle(),
            Self::Other(other) => other.settle(),
        }
    }
}
