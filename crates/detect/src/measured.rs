//! What was believed of a scope in time, as far as it was measured: the lost share, in stretches.
//!
//! A round speaks for the time since the one before it, if that was no further back than rounds are
//! apart; and for as long after it as a round may take. What lies beyond is not measured: who falls
//! silent together with the network bears no witness that it was up.

use falter_model::{Span, Timestamp};

use crate::episode::Stretch;
use crate::rounds::{LONGEST, Round};

/// Shares are kept to a twentieth, as the belief is.
const STEPS: f64 = 20.0;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Each with a lost share, or `None` where it was not sure; times between them were not measured.
    stretches: Vec<Stretch>,
    /// How long the last one holds beyond its end.
    hold: Span,
    /// Whether the last round showed what was not expected to hold.
    has_news: bool,
}

impl Measured {
    /// Takes what is believed after a round: `lost` is `None` where that is not sure. `distance` is
    /// that of rounds. A loss began after `good_until`.
    pub(crate) fn note(
        &mut self,
        round: &Round,
        distance: Span,
        lost: Option<f64>,
        good_until: Timestamp,
    ) {
        let lost = lost.map(|lost| (lost * STEPS).round() / STEPS);
        let held = self.stretches.last().map(|before| (before.until + self.hold, before.lost));
        self.has_news = held.is_none_or(|(until, was)| until < round.from || was != lost);
        self.hold = distance.min(LONGEST);
        let from = match self.stretches.last() {
            Some(before) if before.until + self.hold >= round.from => before.until.min(round.until),
            _ => round.from,
        };
        self.push(Stretch { from, until: round.until, lost });
        if lost.is_some_and(|lost| lost > 0.0) {
            self.mend(good_until, lost);
        }
    }

    /// It could not see: what it believed holds no longer.
    pub(crate) fn could_not_see(&mut self) {
        self.has_news = self.hold > Span::ZERO;
        self.hold = Span::ZERO;
    }

    /// True where the last round, or that it could not see in it, changed what is known.
    pub(crate) const fn has_news(&self) -> bool {
        self.has_news
    }

    /// What was measured of `[from, until)`, in order.
    pub(crate) fn within(&self, from: Timestamp, until: Timestamp) -> Vec<Stretch> {
        let first = self.stretches.partition_point(|stretch| stretch.until + self.hold <= from);
        let last = self.stretches.last();
        let held = |stretch: &Stretch| {
            let is_last = last.is_some_and(|last| last.from == stretch.from);
            if is_last { stretch.until + self.hold } else { stretch.until }
        };
        self.stretches
            .iter()
            .skip(first)
            .take_while(|stretch| stretch.from < until)
            .map(|stretch| Stretch {
                from: stretch.from.max(from),
                until: held(stretch).min(until),
                lost: stretch.lost,
            })
            .filter(|stretch| stretch.from < stretch.until)
            .collect()
    }

    fn push(&mut self, stretch: Stretch) {
        match self.stretches.last_mut() {
            Some(before) if before.until >= stretch.from && before.lost == stretch.lost => {
                before.until = stretch.until;
            }
            _ => self.stretches.push(stretch),
        }
    }

    /// Several rounds may pass before a loss is believed: those since it began had not seen that
    /// nothing was lost. What was told of them is this loss.
    fn mend(&mut self, since: Timestamp, lost: Option<f64>) {
        let later = self.stretches.partition_point(|stretch| stretch.until <= since);
        let rounds = self.stretches.split_off(later);
        for stretch in rounds {
            if stretch.from < since {
                self.push(Stretch { until: since, ..stretch });
            }
            let was_lost = stretch.lost.is_some_and(|lost| lost > 0.0);
            let lost = if was_lost { stretch.lost } else { lost };
            self.push(Stretch { from: stretch.from.max(since), until: stretch.until, lost });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_seconds(n)
    }

    /// Rounds of ten seconds a minute apart: begin, what is believed, and the end of the last good one.
    fn measured(rounds: &[(i64, Option<f64>, i64)]) -> Measured {
        let mut measured = Measured::default();
        let mut last = None;
        for (from, lost, good_until) in rounds {
            let mut round = Round::default();
            (round.from, round.until) = (second(*from), second(from + 10));
            let distance = last.map_or(Span::ZERO, |last| round.from - last);
            measured.note(&round, distance, *lost, second(*good_until));
            last = Some(round.from);
        }
        measured
    }

    fn check(measured: &Measured, expected: &[(i64, i64, Option<f64>)]) {
        let found = measured.within(second(0), second(10_000));
        let found: Vec<_> =
            found.iter().map(|s| (s.from.seconds(), s.until.seconds(), s.lost)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rounds_speak_for_the_time_between_them_and_a_little_longer() {
        let up = Some(0.0);
        check(&measured(&[(0, up, 10), (60, up, 70), (120, up, 130)]), &[(0, 190, up)]);
    }

    #[test]
    fn a_pause_is_not_measured() {
        let up = Some(0.0);
        let rounds = [(0, up, 10), (60, up, 70), (4000, up, 4010)];
        check(&measured(&rounds), &[(0, 70, up), (4000, 4010 + 660, up)]);
    }

    #[test]
    fn who_went_blind_bears_no_witness_after_its_last_round() {
        let up = Some(0.0);
        let mut measured = measured(&[(0, up, 10), (60, up, 70)]);
        measured.could_not_see();
        check(&measured, &[(0, 70, up)]);
    }

    #[test]
    fn a_loss_began_when_it_was_last_sure_of_none() {
        let (up, all) = (Some(0.0), Some(1.0));
        let rounds = [(0, up, 10), (60, up, 70), (120, up, 70), (180, None, 70), (240, all, 70)];
        check(&measured(&rounds), &[(0, 70, up), (70, 310, all)]);
    }
}
