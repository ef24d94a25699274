//! One connection an address at a time; what sites on one address have in common; and how many live on
//! it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::Text;
use tokio::sync::{Mutex as Door, OwnedMutexGuard};
use tokio::time::Instant;

use crate::reach::Silence;

/// Addresses that are visited.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    by_address: Mutex<BTreeMap<IpAddr, Host>>,
}

#[derive(Debug, Default)]
struct Host {
    door: Arc<Door<Option<Refusal>>>,
    sites: BTreeSet<Text>,
}

/// Nobody was let in at a port.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    port: u16,
    silence: Silence,
    at: Instant,
}

/// One's turn at an address, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    came: Instant,
    last: OwnedMutexGuard<Option<Refusal>>,
}

impl Turn {
    /// Why another site's visitor was not let in at this port while this one waited for its turn: then
    /// it needs no second try, and a dead host with many sites is known as one.
    pub(super) fn seen_refused(&self, port: u16) -> Option<Silence> {
        let since = self.last.filter(|last| last.port == port && last.at >= self.came)?;
        Some(since.silence)
    }

    /// Nobody was let in.
    pub(super) fn refused(&mut self, port: u16, silence: Silence) {
        *self.last = Some(Refusal { port, silence, at: Instant::now() });
    }
}

/// Addresses that are remembered: those of the sites of a profile, many times over.
const MOST_ADDRESSES: usize = 10_000;

impl Hosts {
    /// Waits for one's turn at an address.
    pub(super) async fn turn(&self, address: IpAddr) -> Turn {
        let came = Instant::now();
        let door = self.with(|hosts| Arc::clone(&hosts.entry(address).or_default().door));
        Turn { came, last: door.lock_owned().await }
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

    #[tokio::test(start_paused = true)]
    async fn who_waited_need_not_try_a_dead_host_again() {
        let hosts = Arc::new(Hosts::default());
        let address = [10, 0, 0, 1].into();
        let mut first = hosts.turn(address).await;
        assert_eq!(first.seen_refused(80), None);
        let waiting = tokio::spawn({
            let hosts = Arc::clone(&hosts);
            async move {
                let turn = hosts.turn(address).await;
                (turn.seen_refused(80), turn.seen_refused(443))
            }
        });
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        first.refused(80, Silence::Timeout);
        drop(first);
        assert_eq!(waiting.await.unwrap(), (Some(Silence::Timeout), None));
        // Who comes later sees for himself.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        assert_eq!(hosts.turn(address).await.seen_refused(80), None);
    }
}
