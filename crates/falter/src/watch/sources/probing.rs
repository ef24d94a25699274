//! Probes to a network's addresses.

use std::sync::Arc;
use std::thread;

use anyhow::Context;
use falter_model::Clock;
use falter_sources::clock::SystemClock;
use falter_sources::probing::{Prober, ProbingPlan};
use tokio_util::sync::CancellationToken;

use super::Watched;
use crate::config::Config;
use crate::exit::Failure;
use crate::watch::{Event, Events, WatchPlan};

/// Probes a network on a thread of its own.
pub(super) fn start(
    contact: &str,
    plan: &WatchPlan,
    config: &Config,
    (profile, teller): &Watched,
    stop: &CancellationToken,
    events: &Events,
) -> Result<(), Failure> {
    let (events, network) = (events.clone(), profile.name.clone());
    let listener = Arc::new(move |ok: bool, says: &str| {
        let event = Event::Health { source: "probing", ok, says };
        events.tell(SystemClock.now(), Some(&network), &event);
    });
    let is_own = |address: &&std::net::IpAddr| {
        profile.prefixes.iter().any(|prefix| prefix.contains(**address))
    };
    let services = profile.services.iter().map(|service| service.address);
    let prober = Prober::new(ProbingPlan {
        vantage: plan.vantage.id.clone(),
        contact: contact.to_owned(),
        targets: config.probing.targets.iter().filter(is_own).copied().chain(services).collect(),
        prefixes: profile.prefixes.clone(),
        controls: profile.controls.clone(),
        opt_out: config.probing.opt_out.clone(),
        packets_per_second: config.probing.packets_per_second,
        per_target: config.probing.per_target,
        found: plan.store.join(format!("answering-{}.json", profile.name)),
        teller: teller.clone(),
        clock: Arc::new(SystemClock),
        listener,
    });
    let prober = prober.with_context(|| format!("could not probe {}", profile.name));
    let (prober, stop) = (prober.map_err(Failure::failed)?, stop.clone());
    let thread = thread::Builder::new().name(format!("probing {}", profile.name));
    thread
        .spawn(move || prober.run(&stop))
        .context("could not start probing")
        .map_err(Failure::failed)?;
    Ok(())
}
