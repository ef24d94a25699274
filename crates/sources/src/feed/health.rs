//! What a feed says of itself, for the terminal and `doctor`.

use std::sync::{Arc, Mutex, PoisonError};

use falter_model::Timestamp;

/// Shared with whoever shows it.
#[derive(Debug, Clone, Default)]
pub struct FeedStatus {
    inner: Arc<Mutex<FeedHealth>>,
}

/// How a feed fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedHealth {
    /// Since when it is connected; `None` while it is not. Of several connections, the latest.
    pub connected_since: Option<Timestamp>,
    /// Connections that stand now.
    pub connections: usize,
    /// Connections that were lost or could not be made.
    pub failures: u64,
    /// When something was heard last.
    pub last_heard: Option<Timestamp>,
    /// Messages that were understood.
    pub messages: u64,
    /// Messages of a type that falter does not know, which were passed over.
    pub unknown: u64,
    /// Messages that could not be read.
    pub garbage: u64,
    /// What went wrong last, in words.
    pub last_error: Option<String>,
}

impl FeedStatus {
    /// How it fares now.
    pub fn health(&self) -> FeedHealth {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change(&self, with: impl FnOnce(&mut FeedHealth)) {
        with(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn heard(&self, at: Timestamp) {
        self.change(|health| {
            health.messages += 1;
            health.last_heard = Some(at);
        });
    }

    /// Counts something that could not be read. True where it should be logged: the first, and every
    /// thousandth, for a feed of garbage must not fill a disk.
    pub(crate) fn garbage(&self, error: &dyn std::fmt::Display) -> bool {
        let mut is_told = false;
        self.change(|health| {
            is_told = health.garbage.is_multiple_of(1000);
            health.garbage += 1;
            health.last_error = Some(error.to_string());
        });
        is_told
    }

    pub(crate) fn unknown(&self) {
        self.change(|health| health.unknown += 1);
    }
}
