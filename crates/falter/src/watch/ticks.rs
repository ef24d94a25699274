//! Seconds as they pass, by a clock that may be set.

use falter_model::{Span, Timestamp};

/// Beyond this the machine slept, was starved or its clock was set: what happened meanwhile was not seen.
/// A probe waits for three seconds.
const SEEN: Span = Span::from_seconds(3);

/// Which seconds were told.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    last: Option<Timestamp>,
}

/// What is to be told at a moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// The seconds that have begun, oldest first.
    pub(super) ticks: Vec<Timestamp>,
    /// How long nobody looked, where that was too long.
    pub(super) unseen: Option<Span>,
}

impl Ticks {
    /// The seconds that have begun since the last call. A clock that was set back tells none until it
    /// is where it was; one that was set on skips what it skipped.
    pub(super) fn due(&mut self, now: Timestamp) -> Due {
        let second = now.floor_second();
        let Some(last) = self.last else {
            self.last = Some(second);
            return Due { ticks: vec![second], unseen: None };
        };
        let passed = second - last;
        if passed <= Span::ZERO {
            return Due { ticks: Vec::new(), unseen: None };
        }
        self.last = Some(second);
        if passed > SEEN {
            return Due { ticks: vec![second], unseen: Some(passed) };
        }
        let one = Span::from_seconds(1);
        let ticks = std::iter::successors(Some(last + one), |tick| Some(*tick + one));
        Due { ticks: ticks.take_while(|tick| *tick <= second).collect(), unseen: None }
    }

    /// The last second that was told.
    pub(super) const fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// The moment to be told as known now: never before the last tick.
    pub(super) fn known_at(&self, now: Timestamp) -> Timestamp {
        self.last.map_or(now, |last| now.max(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_is_told_once() {
        for (moments, expected) in [
            (vec![10.2, 10.9, 11.0, 12.5], vec![10, 11, 12]),
            // A late look makes up for what it missed.
            (vec![10.0, 12.9], vec![10, 11, 12]),
            // A sleep is not made up for.
            (vec![10.0, 60.0, 61.0], vec![10, 60, 61]),
            // Set back by five seconds.
            (vec![10.0, 5.0, 9.0, 10.5, 11.0], vec![10, 11]),
        ] {
            let mut ticks = Ticks::default();
            let told: Vec<i64> = moments
                .iter()
                .flat_map(|at: &f64| {
                    #[expect(clippy::cast_possible_truncation, reason = "small")]
                    let now = Timestamp::from_micros((at * 1e6) as i64);
                    ticks.due(now).ticks
                })
                .map(Timestamp::seconds)
                .collect();
            assert_eq!(told, expected, "{moments:?}");
        }
    }

    #[test]
    fn a_sleep_is_told() {
        let mut ticks = Ticks::default();
        ticks.due(Timestamp::from_seconds(10));
        assert_eq!(ticks.due(Timestamp::from_seconds(13)).unseen, None);
        assert_eq!(ticks.due(Timestamp::from_seconds(30)).unseen, Some(Span::from_seconds(17)));
    }
}
