//! One connection an address at a time; and how many sites live on it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::Text;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Addresses that are visited.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    by_address: Mutex<BTreeMap<IpAddr, Host>>,
}

#[derive(Debug, Default)]
struct Host {
    turn: Arc<Turn<()>>,
    sites: BTreeSet<Text>,
}

/// Addresses that are remembered: those of the sites of a profile, many times over.
const MOST_ADDRESSES: usize = 10_000;

impl Hosts {
    /// Waits for one's turn at an address.
    pub(super) async fn turn(&self, address: IpAddr) -> OwnedMutexGuard<()> {
        let turn = self.with(|hosts| Arc::clone(&hosts.entry(address).or_default().turn));
        turn.lock_owned().await
    }

    /// Notes that a site lives at an address, and nowhere else; how many do.
    pub(super) fn note(&self, site: &Text, address: IpAddr) -> u32 {
        self.with(|hosts| {
            for host in hosts.values_mut() {
                host.sites.remove(site);
            }
            if hosts.len() >= MOST_ADDRESSES {
                hosts.retain(|_, host| !host.sites.is_empty());
            }
            let host = hosts.entry(address).or_default();
            host.sites.insert(site.clone());
            u32::try_from(host.sites.len()).unwrap_or(u32::MAX)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<IpAddr, Host>) -> T) -> T {
        work(&mut self.by_address.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_on_one_address_are_counted_once() {
        let hosts = Hosts::default();
        let (one, two) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let seen = [("a", one, 1), ("b", one, 2), ("b", one, 2), ("b", two, 1), ("a", one, 1)];
        for (site, address, expected) in seen {
            assert_eq!(hosts.note(&site.into(), address), expected, "{site}");
        }
    }

    #[tokio::test]
    async fn a_second_visitor_waits() {
        let hosts = Hosts::default();
        let address = [10, 0, 0, 1].into();
        let first = hosts.turn(address).await;
        tokio::select! {
            biased;
            _ = hosts.turn(address) => panic!("two at once"),
            () = tokio::task::yield_now() => {}
        }
        drop(first);
        let _second = hosts.turn(address).await;
    }
}
