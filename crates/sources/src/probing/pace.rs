//! No more packets than allowed, whatever happened before. Pure: time is passed in.
//!
//! Each packet earns the next one its moment. Who comes late has lost the moments in between: after a
//! stall nothing is made up for, so there are no bursts. Fast paces send a few at a time, for no clock
//! wakes anybody ten thousand times a second.

use std::time::Duration;

/// Packets that fall due within this are sent together.
const TOGETHER: Duration = Duration::from_millis(1);

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    gap: Duration,
    /// When the next packet may go.
    next: Duration,
}

impl Pace {
    /// So many packets a second; `None` where that is not a finite number above 0.
    pub(crate) fn new(pps: f64) -> Option<Self> {
        let gap = Duration::try_from_secs_f64(1.0 / pps).ok()?;
        (pps > 0.0).then_some(Self { gap, next: Duration::ZERO })
    }

    /// How many of `wanted` packets may go at `now`; they count as sent.
    pub(crate) fn take(&mut self, now: Duration, wanted: usize) -> usize {
        // Moments that passed unused are gone, but for those that go together.
        let from = self.next.max(now.saturating_sub(TOGETHER));
        let mut next = from;
        let mut taken = 0;
        while taken < wanted && next <= now {
            next += self.gap;
            taken += 1;
        }
        if taken > 0 {
            self.next = next;
        }
        taken
    }

    /// When a packet may go, at the earliest.
    pub(crate) const fn next(&self) -> Duration {
        self.next
    }

    /// When enough may go to be worth waking for.
    pub(crate) fn next_batch(&self) -> Duration {
        self.next + TOGETHER
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_more_than_allowed_in_any_window(
            pps in 1.0f64..100_000.0,
            steps in proptest::collection::vec((0u64..5_000, 0usize..40), 1..200),
        ) {
            let mut pace = Pace::new(pps).unwrap();
            let mut now = Duration::ZERO;
            let mut sent: Vec<Duration> = Vec::new();
            for (step, wanted) in steps {
                now += Duration::from_micros(step);
                sent.extend(std::iter::repeat_n(now, pace.take(now, wanted)));
            }
            for (first, from) in sent.iter().enumerate() {
                for (count, until) in sent.iter().skip(first).enumerate() {
                    // What falls due within a millisecond may go together, and one packet more.
                    let allowed = ((*until).checked_sub(*from).unwrap() + TOGETHER).as_secs_f64() * pps + 2.0;
                    prop_assert!((count as f64) < allowed, "{count} > {allowed}");
                }
            }
        }
    }

    #[test]
    fn a_stall_is_not_made_up_for() {
        let mut pace = Pace::new(100.0).unwrap();
        assert_eq!(pace.take(Duration::ZERO, 10), 1);
        assert!(pace.take(Duration::from_mins(1), 1_000) <= 2);
    }

    #[test]
    fn the_pace_is_kept_when_asked_often() {
        let mut pace = Pace::new(1_000.0).unwrap();
        let sent: usize =
            (0..100_000).map(|n| pace.take(Duration::from_micros(n * 100), 100)).sum();
        assert!((9_990..=10_002).contains(&sent), "{sent}");
    }

    #[test]
    fn a_fast_pace_is_kept_by_who_wakes_each_millisecond() {
        let mut pace = Pace::new(100_000.0).unwrap();
        let sent: usize = (1..=1_000).map(|n| pace.take(Duration::from_millis(n), 128)).sum();
        assert!((99_000..=100_200).contains(&sent), "{sent}");
    }

    #[test]
    fn no_pace_is_none() {
        for pps in [0.0, -1.0, f64::NAN] {
            assert!(Pace::new(pps).is_none());
        }
    }
}
