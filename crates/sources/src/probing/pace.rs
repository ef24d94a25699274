//! How fast packets may go out.

use std::time::{Duration, Instant};

/// Lets packets go out evenly: after a pause there are no more of them a second than ever.
#[derive(Debug)]
pub(super) struct Pace {
    between: Duration,
    next: Instant,
}

impl Pace {
    /// So many packets a second, from now on.
    pub(super) fn new(packets_per_second: f64, now: Instant) -> Self {
        Self { between: Duration::from_secs_f64(1.0 / packets_per_second.max(0.001)), next: now }
    }

    /// True if a packet may go out now, which is then counted.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        // From where it should have been, unless that is long ago: a stall is not made up for.
        self.next = self.next.max(now.checked_sub(self.between).unwrap_or(now)) + self.between;
        true
    }

    /// When the next packet may go out.
    pub(super) const fn next(&self) -> Instant {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::monotonic;

    #[test]
    fn a_second_has_no_more_than_it_may() {
        let begin = monotonic();
        let mut pace = Pace::new(100.0, begin);
        let sent = |pace: &mut Pace, from: u64, until: u64| {
            let moments = (from..until).map(|ms| begin + Duration::from_millis(ms));
            moments.filter(|now| pace.allows(*now)).count()
        };
        assert_eq!(sent(&mut pace, 0, 1000), 100);
        // Ten seconds in which nothing was sent are not made up for.
        let after = sent(&mut pace, 11_000, 12_000);
        assert!((100..=102).contains(&after), "{after}");
    }
}
