//! Whether this machine can be trusted, looked at while it watches: the disk's room, the clock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use falter_model::Clock;
use falter_sources::clock::SystemClock;
use tokio_util::sync::CancellationToken;

use super::concerns::Concerns;
use super::events::Events;
use crate::machine::{self, LITTLE_ROOM_OCTETS, Synchronized};

/// A disk fills slowly, and a clock drifts slowly.
const LOOKED_AT_EVERY: Duration = Duration::from_mins(1);

/// Looks until `stop`; tells what changes.
pub(super) async fn watch(store: PathBuf, events: Events, stop: CancellationToken) {
    let mut concerns = Concerns::default();
    loop {
        let seen = look(&store).await;
        for (concern, trouble, well) in seen {
            if concerns.note(concern, trouble.as_deref()) {
                let now = SystemClock.now();
                events.health(now, concern, trouble.is_none(), trouble.unwrap_or(well));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOKED_AT_EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

type Seen = (&'static str, Option<String>, String);

async fn look(store: &Path) -> Vec<Seen> {
    let store = store.to_owned();
    // Asking may take a while: the clock's keeper is another program.
    let seen = tokio::task::spawn_blocking(move || vec![disk(&store), clock()]);
    seen.await.unwrap_or_default()
}

fn disk(store: &Path) -> Seen {
    let well = "there is room".to_owned();
    match machine::free_octets(store) {
        Ok(free) if free < LITTLE_ROOM_OCTETS => {
            let says = format!("only {} MB of room left for {}", free >> 20, store.display());
            ("disk", Some(says), well)
        }
        Ok(_) => ("disk", None, well),
        Err(error) => ("disk", Some(format!("room of {}: {error}", store.display())), well),
    }
}

fn clock() -> Seen {
    let trouble = match machine::synchronized() {
        Synchronized::No => Some("the clock is not synchronized".to_owned()),
        Synchronized::Yes | Synchronized::Unknown => None,
    };
    ("synchronization", trouble, "the clock is synchronized".to_owned())
}
