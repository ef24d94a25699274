//! Which packets count: whose answers, and where they arrive.

use std::collections::BTreeSet;
use std::net::IpAddr;

use falter_model::Prefix;

use crate::archive::Interest;
use crate::watch::Watch;

/// See the module.
#[derive(Debug)]
pub struct Scope {
    victims: Watch,
    unused: Watch,
    used: BTreeSet<IpAddr>,
}

impl Scope {
    /// Attacks on addresses in `victims` are told, on everybody if `None`; by what arrives anywhere.
    pub fn of_victims(victims: Option<Vec<Prefix>>) -> Self {
        Self { victims: watch(victims), unused: watch(None), used: BTreeSet::new() }
    }

    /// The same, by what arrives at addresses of these prefixes alone; anywhere if there are none.
    #[must_use]
    pub fn arriving_at(self, unused: Vec<Prefix>) -> Self {
        Self { unused: watch(Some(unused).filter(|unused| !unused.is_empty())), ..self }
    }

    /// The same, but for what arrives at these addresses: somebody uses them, and what arrives there may
    /// answer what he asked.
    pub(super) fn but_for(self, used: BTreeSet<IpAddr>) -> Self {
        Self { used, ..self }
    }

    pub(super) fn is_victim(&self, address: IpAddr) -> bool {
        self.victims.holds(address)
    }

    pub(super) fn is_unused(&self, address: IpAddr) -> bool {
        self.unused.holds(address) && !self.used.contains(&address)
    }
}

fn watch(prefixes: Option<Vec<Prefix>>) -> Watch {
    Watch::new(Interest { prefixes, ..Interest::default() })
}
