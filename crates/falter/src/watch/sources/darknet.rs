//! Attacks on a network, from an interface of a darknet.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, Prefix, Text};
use falter_sources::clock::SystemClock;
use falter_sources::darknet::{Listener, Scope};

use super::{Source, Start, Wanted, on_a_thread};
use crate::watch::status::SourceState;

/// The listener is asked this often what arrived.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// What stays the same however often it is started.
#[derive(Debug)]
struct Plan {
    interface: String,
    unused: Vec<Prefix>,
    victims: Vec<Prefix>,
    vantage: Text,
}

/// Listens to `interface` on a thread of its own.
pub(super) fn source(interface: &str, wanted: &Wanted<'_>) -> Source {
    let plan = Arc::new(Plan {
        interface: interface.to_owned(),
        unused: wanted.config.darknet.prefixes.clone(),
        victims: wanted.profile.prefixes.clone(),
        vantage: wanted.vantage.id.clone(),
    });
    let name = format!("darknet {interface}");
    Source::new(name, move |with: Start| run(Arc::clone(&plan), with))
}

async fn run(plan: Arc<Plan>, with: Start) -> anyhow::Result<()> {
    let scope = Scope::of_victims(Some(plan.victims.clone())).arriving_at(plan.unused.clone());
    let clock = Arc::new(SystemClock);
    let listener = Listener::open(&plan.interface, plan.vantage.clone(), scope, clock)
        .with_context(|| format!("could not listen to {}", plan.interface))?;
    let counts = listener.counts();
    with.status.set(SourceState::Up, SystemClock.now());
    let running = {
        let (tell, stop) = (with.tell.clone(), with.stop.clone());
        on_a_thread("darknet", move || Ok(listener.run(&tell, &stop)?))
    };
    tokio::pin!(running);
    loop {
        tokio::select! {
            ended = &mut running => return ended,
            () = tokio::time::sleep(ASKED_EVERY) => {
                let counts = *counts.lock().unwrap_or_else(PoisonError::into_inner);
                with.status.told(counts.told);
            }
        }
    }
}
