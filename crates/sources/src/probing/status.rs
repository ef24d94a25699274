//! What probing knows of itself.

use std::sync::{Arc, Mutex, PoisonError};

use falter_model::{Text, Timestamp};

/// Counts since probing began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProbingStatus {
    /// Probes that left the machine, to targets and controls.
    pub sent: u64,
    /// Of them, answered by whom they were sent to.
    pub answered: u64,
    /// Of them, given up.
    pub silent: u64,
    /// Of them, said by somebody to be unreachable.
    pub unreachable: u64,
    /// Answers that came after the probe was given up.
    pub late: u64,
    /// Answers to what was answered before.
    pub duplicate: u64,
    /// Answers to what was not asked, or by whom it was not asked.
    pub spoofed: u64,
    /// Probes that could not be sent: a fault of this machine or its uplink.
    pub not_sent: u64,
    /// Why the last one could not be, and when.
    pub last_fault: Option<(Timestamp, Text)>,
    /// When the last probe left the machine.
    pub last_sent: Option<Timestamp>,
    /// True while rounds are quick.
    pub is_quick: bool,
}

/// A status that others read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<ProbingStatus>>);

impl Shared {
    pub(crate) fn note(&self, act: impl FnOnce(&mut ProbingStatus)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
