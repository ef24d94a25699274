//! When to try again: longer after each failure, never all clients at once.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Waits that double up to a cap, each drawn between half of it and all of it.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    next: Duration,
    /// Draws; live sources may be random, what they tell is recorded.
    random: RandomState,
    drawn: u64,
}

impl Backoff {
    /// The first wait, and the longest.
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, next: first, random: RandomState::new(), drawn: 0 }
    }

    /// How long to wait now.
    pub fn wait(&mut self) -> Duration {
        let whole = self.next;
        self.next = whole.saturating_mul(2).min(self.most);
        self.drawn += 1;
        let half = whole / 2;
        let parts = u32::try_from(self.random.hash_one(self.drawn) % 1024).unwrap_or(0);
        half + half * parts / 1024
    }

    /// All went well: the next failure is a first one.
    pub const fn succeeded(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_begin_anew() {
        let seconds = Duration::from_secs;
        let mut backoff = Backoff::new(seconds(1), seconds(60));
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            let (wait, whole) = (backoff.wait(), seconds(expected));
            assert!(wait >= whole / 2 && wait <= whole, "{wait:?} of {whole:?}");
        }
        backoff.succeeded();
        assert!(backoff.wait() <= seconds(1));
    }
}
