//! What is kept of a series, and what a reading does to it.

use falter_model::{Reading, ReadingKind, Span};

use crate::Plan;
use crate::kinds;
use crate::track::{Effect, Track};

/// See the module.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It can alarm.
    Track(Box<Track>),
    /// It explains but never alarms, or had no value yet.
    Count { bins: u64, gaps: u64, step: Span, in_gap: bool },
}

impl Kept {
    /// Nothing was seen of it.
    pub(crate) const fn nothing() -> Self {
        Self::Count { bins: 0, gaps: 0, step: Span::ZERO, in_gap: false }
    }

    /// Its track, where it can alarm.
    pub(crate) const fn track(&self) -> Option<&Track> {
        match self {
            Self::Track(track) => Some(track),
            Self::Count { .. } => None,
        }
    }

    /// See [`Self::track`].
    pub(crate) fn track_mut(&mut self) -> Option<&mut Track> {
        match self {
            Self::Track(track) => Some(track),
            Self::Count { .. } => None,
        }
    }

    /// Looks at what the next reading will need, so that it is at hand by then.
    pub(crate) fn touch(&self) {
        if let Self::Track(track) = self {
            track.touch();
        }
    }

    /// Takes a reading. `probed` says that hosts are judged by the probes themselves, not by shares
    /// made from them.
    pub(crate) fn take(&mut self, reading: &Reading, plan: &Plan, probed: bool) -> Effect {
        if let Self::Count { bins: 0, .. } = self
            && reading.value.is_some()
            && let Some(track) = new_track(reading, plan, probed)
        {
            *self = Self::Track(Box::new(track));
        }
        match self {
            Self::Track(track) => track.take(reading),
            Self::Count { bins, gaps, step, in_gap } => {
                if let ReadingKind::Bin(width) = reading.kind {
                    *step = width.width();
                }
                match reading.value {
                    Some(_) => *bins += 1,
                    None if !*in_gap => *gaps += 1,
                    None => {}
                }
                *in_gap = reading.value.is_none();
                Effect::Nothing
            }
        }
    }
}

/// The track of a series that `reading` is the first value of; `None` where it can't alarm.
fn new_track(reading: &Reading, plan: &Plan, probed: bool) -> Option<Track> {
    let spec = (plan.spec_of)(&reading.signal);
    if probed && kinds::is_of_hosts(&reading.signal, spec) {
        return None;
    }
    kinds::track_of(reading, spec, plan.shapes.get(&reading.signal).copied())
}
