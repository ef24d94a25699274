//! What the watcher wants looked at: it knows when its belief is unsure, the prober does not.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A handle of which the watcher has one end and the prober the other.
#[derive(Debug, Clone, Default)]
pub struct Attention {
    wanted: Arc<Mutex<Wanted>>,
}

#[derive(Debug, Default)]
struct Wanted {
    unsure: bool,
    look_at: BTreeSet<IpAddr>,
}

impl Attention {
    /// While this is true rounds are quick.
    pub fn set_unsure(&self, unsure: bool) {
        self.with(|wanted| wanted.unsure = unsure);
    }

    /// Asks for one probe more to a target.
    pub fn look_at(&self, target: IpAddr) {
        self.with(|wanted| {
            wanted.look_at.insert(target);
        });
    }

    pub(crate) fn is_unsure(&self) -> bool {
        self.with(|wanted| wanted.unsure)
    }

    pub(crate) fn take_look_at(&self) -> BTreeSet<IpAddr> {
        self.with(|wanted| std::mem::take(&mut wanted.look_at))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Wanted) -> T) -> T {
        act(&mut self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
