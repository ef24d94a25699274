//! What the watcher wants of the prober: it knows when its belief is unsure, the prober does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A handle of which the watcher has one end and the prober the other.
#[derive(Debug, Clone, Default)]
pub struct Attention {
    unsure: Arc<AtomicBool>,
}

impl Attention {
    /// While this is true rounds are quick.
    pub fn set_unsure(&self, unsure: bool) {
        self.unsure.store(unsure, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn is_unsure(&self) -> bool {
        self.unsure.load(Ordering::Relaxed)
    }
}
