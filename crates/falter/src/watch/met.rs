//! Addresses of IPv6 that were met while something else was asked: where names lead, and hops on the way. IPv6 is
//! too wide to be swept (RFC 7707), so these are what is probed of it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use falter_model::{Fact, Prefix};

/// More are not probed: who has many names and hops is seen by some of them.
const MOST: usize = 64;

/// Shared by the watcher, which meets them, and probing, which asks them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Met(Arc<Mutex<BTreeSet<IpAddr>>>);

impl Met {
    /// Takes note of an address in these prefixes.
    pub(crate) fn observe(&self, fact: &Fact, own: &[Prefix]) {
        let address = match fact {
            Fact::Page(page) => page.address,
            Fact::Hop(hop) => hop.from,
            _ => None,
        };
        let is_own = |address: &IpAddr| own.iter().any(|prefix| prefix.contains(*address));
        if let Some(address) = address.filter(IpAddr::is_ipv6).filter(is_own) {
            let mut met = self.lock();
            if met.len() < MOST {
                met.insert(address);
            }
        }
    }

    /// All so far.
    pub(crate) fn addresses(&self) -> BTreeSet<IpAddr> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<IpAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use falter_model::Hop;

    use super::*;

    #[test]
    fn hops_of_ipv6_inside_are_met_and_others_are_not() {
        let met = Met::default();
        let own: Vec<Prefix> =
            ["2001:db8::/32", "192.0.2.0/24"].map(|prefix| prefix.parse().unwrap()).to_vec();
        for from in ["2001:db8::9", "2001:db9::9", "192.0.2.9", "2001:db8::9"] {
            let target = "2001:db8::1".parse().unwrap();
            let from = Some(from.parse().unwrap());
            let hop = Hop { vantage: "here".into(), target, ttl: 3, from, rtt_us: None };
            met.observe(&Fact::Hop(Box::new(hop)), &own);
        }
        assert_eq!(met.addresses(), BTreeSet::from(["2001:db8::9".parse::<IpAddr>().unwrap()]));
    }
}
