//! The second hand: when to tell that time passed, and whether the clock or the machine can be trusted.
//! Pure: it is given the wall clock and the machine's own clock.

use std::time::Duration;

use falter_model::{Span, Timestamp};

/// A tick that comes later than this by the machine's own clock means that the machine was too busy to
/// watch, or slept: probes of that time tell of the machine, not of their targets.
const LATE: Span = Span::from_seconds(2);

/// Wall clock and own clock part by less than this while a clock is slewed: at most 500 ppm (RFC 5905,
/// section 11.3), which is half a millisecond a tick.
const JUMP: Span = Span::from_seconds(1);

/// What an observation took at most between its question and its being told; so old ones may still be
/// on their way when trouble begins.
const IN_FLIGHT: Span = Span::from_seconds(5);

/// Follows the seconds.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<(Timestamp, Duration)>,
    ticked: Option<Timestamp>,
}

/// What a look at the clocks shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Beat {
    /// A second began: tell so. Ticks never run backwards.
    pub(super) tick: Option<Timestamp>,
    /// The machine came so much too late.
    pub(super) late: Option<Span>,
    /// The wall clock jumped by this; negative: back.
    pub(super) jump: Option<Span>,
    /// What was asked in this time can't be trusted.
    pub(super) untrusted: Option<(Timestamp, Timestamp)>,
    /// The wall clock is behind what was told already: nothing that it stamps can be trusted.
    pub(super) is_behind: bool,
}

impl Pace {
    /// Goes on after this moment, which was told before a restart.
    pub(super) const fn after(told: Option<Timestamp>) -> Self {
        Self { last: None, ticked: told }
    }

    /// Looks at both clocks.
    pub(super) fn look(&mut self, wall: Timestamp, own: Duration) -> Beat {
        let mut beat = Beat::default();
        if let Some((last_wall, last_own)) = self.last {
            let passed = own.saturating_sub(last_own);
            let passed =
                Span::from_micros(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX / 4));
            let parted = (wall - last_wall) - passed;
            if parted > JUMP || parted + JUMP < Span::ZERO {
                beat.jump = Some(parted);
            }
            if passed > LATE {
                beat.late = Some(passed - SECOND);
            }
            if beat.jump.is_some() || beat.late.is_some() {
                beat.untrusted = Some((last_wall.min(wall) - IN_FLIGHT, last_wall.max(wall)));
            }
        }
        self.last = Some((wall, own));
        let second = wall.floor_second();
        match self.ticked {
            Some(ticked) if second <= ticked => beat.is_behind = second < ticked,
            _ => {
                self.ticked = Some(second);
                beat.tick = Some(second);
            }
        }
        beat
    }

    /// How long until the next second begins.
    pub(super) fn until_next(wall: Timestamp) -> Duration {
        let next = wall.floor_second() + SECOND;
        Duration::from_micros(u64::try_from((next - wall).micros()).unwrap_or(0))
    }
}

const SECOND: Span = Span::from_seconds(1);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000 + millis * 1_000)
    }

    /// Looks at these wall and own times, in milliseconds, and gives the last beat.
    fn last(looks: &[(i64, u64)]) -> Beat {
        let mut pace = Pace::default();
        let beats =
            looks.iter().map(|(wall, own)| pace.look(at(*wall), Duration::from_millis(*own)));
        beats.last().unwrap()
    }

    #[test]
    fn a_second_is_told_once() {
        assert_eq!(last(&[(10, 10), (1_005, 1_005)]).tick, Some(at(1_000)));
        assert_eq!(last(&[(10, 10), (1_005, 1_005), (1_990, 1_990)]), Beat::default());
    }

    #[test]
    fn a_machine_that_was_too_busy_is_noticed() {
        let beat = last(&[(0, 0), (4_000, 4_000)]);
        assert_eq!(beat.late, Some(Span::from_seconds(3)));
        assert_eq!(beat.jump, None);
        assert_eq!(beat.untrusted, Some((at(-5_000), at(4_000))));
        assert_eq!(last(&[(0, 0), (1_900, 1_900)]).late, None);
    }

    #[test]
    fn a_clock_that_jumps_back_is_told_and_waited_for() {
        let beat = last(&[(10_000, 0), (1_000, 1_000)]);
        assert_eq!(beat.jump, Some(Span::from_seconds(-10)));
        assert!(beat.is_behind && beat.tick.is_none());
        let caught_up = last(&[(10_000, 0), (1_000, 1_000), (11_000, 11_000)]);
        assert_eq!(caught_up.tick, Some(at(11_000)));
        assert!(!caught_up.is_behind);
    }

    #[test]
    fn a_clock_that_jumps_forth_makes_a_gap() {
        let beat = last(&[(0, 0), (3_601_000, 1_000)]);
        assert_eq!(beat.jump, Some(Span::from_seconds(3_600)));
        assert_eq!((beat.tick, beat.late), (Some(at(3_601_000)), None));
    }

    proptest! {
        #[test]
        fn ticks_never_run_backwards(looks in prop::collection::vec((-100_000_i64..100_000, 0_u64..3_000), 1..100)) {
            let (mut pace, mut own, mut told) = (Pace::default(), 0, Timestamp::MIN);
            for (wall, passed) in looks {
                own += passed;
                if let Some(tick) = pace.look(at(wall), Duration::from_millis(own)).tick {
                    prop_assert!(tick > told);
                    told = tick;
                }
            }
        }
    }
}
