//! Attacks on a network, from what arrives at a darknet.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, Prefix, Profile, Text};
use falter_sources::clock::SystemClock;
use falter_sources::darknet::{DarknetCounts, Flows, Listener, Scope};

use super::{Source, Start, on_a_thread};
use crate::config::Config;
use crate::watch::status::SourceState;

/// The listener is asked this often what arrived.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Which packets count, and in whose name attacks are told.
#[derive(Debug)]
pub(crate) struct Darknet {
    unused: Vec<Prefix>,
    victims: Vec<Prefix>,
    vantage: Text,
}

impl Darknet {
    /// Attacks on a network, as this machine tells them.
    pub(crate) fn of(profile: &Profile, config: &Config) -> Self {
        Self {
            unused: config.darknet.prefixes.clone(),
            victims: profile.prefixes.clone(),
            vantage: config.vantage.point().id,
        }
    }

    /// Nothing heard yet.
    pub(crate) fn flows(&self) -> Flows {
        Flows::new(self.vantage.clone(), self.scope())
    }

    fn scope(&self) -> Scope {
        Scope::of_victims(Some(self.victims.clone())).arriving_at(self.unused.clone())
    }
}

/// Listens to `interface` on a thread of its own.
pub(super) fn source(interface: &str, darknet: &Arc<Darknet>) -> Source {
    let (interface, darknet) = (interface.to_owned(), Arc::clone(darknet));
    Source::new(format!("darknet {interface}"), move |with: Start| {
        run(interface.clone(), Arc::clone(&darknet), with)
    })
}

async fn run(interface: String, darknet: Arc<Darknet>, with: Start) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let listener = Listener::open(&interface, darknet.vantage.clone(), darknet.scope(), clock)
        .with_context(|| format!("could not listen to {interface}"))?;
    let counts = listener.counts();
    with.status.set(SourceState::Up, SystemClock.now());
    let running = {
        let (tell, stop) = (with.tell.clone(), with.stop.clone());
        on_a_thread("darknet", move || Ok(listener.run(&tell, &stop)?))
    };
    tokio::pin!(running);
    let mut before = DarknetCounts::default();
    loop {
        tokio::select! {
            ended = &mut running => return ended,
            () = tokio::time::sleep(ASKED_EVERY) => {
                let counts = *counts.lock().unwrap_or_else(PoisonError::into_inner);
                note(&before, &counts, &with);
                before = counts;
            }
        }
    }
}

/// Says what was told since, and what could not be.
fn note(before: &DarknetCounts, now: &DarknetCounts, with: &Start) {
    with.status.told_more(now.told - before.told);
    if (now.lost, now.passed_over) != (before.lost, before.passed_over) {
        let DarknetCounts { lost, passed_over, .. } = *now;
        tracing::warn!(lost, passed_over, "Packets of the darknet not counted.");
    }
}
