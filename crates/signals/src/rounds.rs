//! Bins of things that were asked, held open until late answers are in.

use std::collections::BTreeMap;

use falter_model::{Span, Step, Text, Timestamp};

/// A probe stands at its send time but is told once it is answered or given up, some seconds later:
/// bins wait this long, more than three times the usual timeout of 3 s ([Trinocular], docs/method.md).
const GRACE: Span = Span::from_seconds(10);

/// Rounds may be longer than a bin: bins in which nobody asked are told as not measured only once
/// nobody asked for this long, the longest usual round ([Trinocular], docs/method.md).
const ROUND: Span = Span::from_minutes(11);

/// Samples of a source by bin, each with its vantage point.
#[derive(Debug)]
pub(crate) struct Rounds<S> {
    step: Step,
    open: BTreeMap<Timestamp, Vec<(Text, S)>>,
    /// The first bin that was not told yet; `None` before the first sample.
    next: Option<Timestamp>,
    /// The last bin that held a sample.
    last: Timestamp,
}

impl<S> Rounds<S> {
    /// Nothing asked yet.
    pub(crate) const fn new(step: Step) -> Self {
        Self { step, open: BTreeMap::new(), next: None, last: Timestamp::MIN }
    }

    /// The width of its bins.
    pub(crate) const fn step(&self) -> Step {
        self.step
    }

    /// Takes a sample; one that is too late for its bin is dropped.
    pub(crate) fn take(&mut self, at: Timestamp, vantage: &Text, sample: S) {
        let bin = at.bin(self.step).from();
        if bin >= *self.next.get_or_insert(bin) {
            self.open.entry(bin).or_default().push((vantage.clone(), sample));
        }
    }

    /// Bins that are over at `now`, in order: those with samples, and those told empty since nobody
    /// asks any more.
    pub(crate) fn closed(&mut self, now: Timestamp) -> Vec<(Timestamp, Vec<(Text, S)>)> {
        let mut closed = Vec::new();
        let Some(mut bin) = self.next else { return closed };
        while bin + self.step.width() + GRACE <= now {
            match self.open.remove(&bin) {
                Some(samples) => {
                    self.last = bin;
                    closed.push((bin, samples));
                }
                None if bin - self.last >= ROUND => closed.push((bin, Vec::new())),
                None => {}
            }
            bin = bin + self.step.width();
        }
        self.next = Some(bin);
        closed
    }

    /// Time leapt: starts anew with the next sample.
    pub(crate) fn leap(&mut self) {
        self.open.clear();
        self.next = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_still_counts_and_silence_is_told_after_a_round() {
        let mut rounds = Rounds::new(Step::new(Span::from_minutes(1)).unwrap());
        let at = Timestamp::from_seconds;
        let vantage: Text = "lab-1".into();
        rounds.take(at(10), &vantage, 1);
        assert!(rounds.closed(at(65)).is_empty());
        rounds.take(at(59), &vantage, 2);
        let closed = rounds.closed(at(70));
        assert_eq!(closed.len(), 1);
        assert_eq!(closed[0].1.len(), 2);
        rounds.take(at(30), &vantage, 3);
        let silent: Vec<i64> =
            rounds.closed(at(780)).iter().map(|(bin, _)| bin.seconds()).collect();
        assert_eq!(silent, [660]);
    }
}
