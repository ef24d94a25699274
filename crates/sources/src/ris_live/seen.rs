//! Messages that were told already: a server that serves two subscriptions, or a connection that comes
//! again, may send one twice.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// So many are remembered: some minutes of a few networks' routes with the states of all peers.
const MOST: usize = 8_192;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hasher: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    /// Whether a message, as it was sent, is a new one. Each carries its time and a number of its own, so
    /// that two of the same text are one.
    pub(super) fn is_new(&mut self, text: &str) -> bool {
        let hash = self.hasher.hash_one(text);
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_new_once_until_it_is_forgotten() {
        let mut seen = Seen::default();
        assert!(seen.is_new("first"));
        assert!(!seen.is_new("first"));
        for number in 0..MOST {
            assert!(seen.is_new(&number.to_string()));
        }
        assert!(seen.is_new("first"));
        assert_eq!(seen.known.len(), MOST);
    }
}
