//! The system's clocks: the one place that asks them for the time.

use std::time::{Instant, SystemTime};

use falter_model::{Clock, Timestamp};

/// The clock of the machine, UTC. It may jump: nothing but live watching may read it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the place that asks the system")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 counts as 1970: no observation can be that old.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 4))
    }
}

/// The machine's own clock, which never jumps: by it round trips and waits are measured.
#[expect(clippy::disallowed_methods, reason = "this is the place that asks the system")]
pub fn monotonic() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_knows_that_this_was_written_after_2026_began() {
        assert!(SystemClock.now() > Timestamp::from_seconds(1_767_225_600));
    }
}
