//! The names of connected routers: one name, one connection.
//!
//! A router that connects anew before its old connection was noticed to be dead takes its name over, once
//! the peers of the old one were told as lost. Another router of the same name gets its address added.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::Text;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use crate::feed::clean_name;

#[derive(Debug, Default)]
pub(super) struct Names {
    holders: Mutex<BTreeMap<Text, Holder>>,
}

#[derive(Debug)]
struct Holder {
    address: IpAddr,
    stop: CancellationToken,
    held: Arc<AsyncMutex<()>>,
}

/// A name that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) name: Text,
    _held: OwnedMutexGuard<()>,
}

impl Names {
    /// Takes a name for the connection that `stop` ends; waits for the end of an old one.
    pub(super) async fn take(
        &self,
        wanted: &str,
        address: IpAddr,
        stop: CancellationToken,
    ) -> Name {
        let mut name = clean_name(wanted);
        if name.is_empty() {
            name = address.to_string().into();
        }
        let held = {
            let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
            let is_anothers = holders
                .get(&name)
                .is_some_and(|holder| holder.address != address && holder.held.try_lock().is_err());
            if is_anothers {
                name = clean_name(&format!("{name}@{address}"));
            }
            let held = match holders.get(&name) {
                Some(old) => {
                    old.stop.cancel();
                    Arc::clone(&old.held)
                }
                None => Arc::default(),
            };
            let holder = Holder { address, stop, held: Arc::clone(&held) };
            holders.insert(name.clone(), holder);
            // Names of those who left long ago: routers are few, but names can be invented.
            if holders.len() > 1024 {
                holders.retain(|_, holder| Arc::strong_count(&holder.held) > 1);
            }
            held
        };
        Name { name, _held: held.lock_owned().await }
    }
}
