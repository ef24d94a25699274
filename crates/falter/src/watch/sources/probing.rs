//! Probes to a network's addresses.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use falter_model::{Clock, Profile, Text};
use falter_sources::clock::SystemClock;
use falter_sources::probing::{Prober, ProbingPlan};

use super::{Source, Start, Wanted, on_a_thread};
use crate::config::Probing;
use crate::watch::status::SourceState;

/// What stays the same however often probing is started.
struct Plan {
    profile: Arc<Profile>,
    probing: Probing,
    vantage: Text,
    contact: String,
    found: PathBuf,
}

/// Probes a network on a thread of its own, in the name of `contact`.
pub(super) fn source(contact: &str, wanted: &Wanted<'_>) -> Source {
    let plan = Arc::new(Plan {
        profile: Arc::clone(wanted.profile),
        probing: wanted.config.probing.clone(),
        vantage: wanted.vantage.id.clone(),
        contact: contact.to_owned(),
        found: wanted.store.join(format!("answering-{}.json", wanted.profile.name)),
    });
    Source::new("probing", move |with: Start| run(Arc::clone(&plan), with))
}

async fn run(plan: Arc<Plan>, with: Start) -> anyhow::Result<()> {
    let status = with.status.clone();
    let listener = Arc::new(move |works: bool, says: &str| {
        status.hears(works, says.to_owned(), SystemClock.now());
    });
    let Plan { profile, probing, vantage, contact, found } = &*plan;
    let is_own = |address: &&std::net::IpAddr| {
        profile.prefixes.iter().any(|prefix| prefix.contains(**address))
    };
    let services = profile.services.iter().map(|service| service.address);
    let prober = Prober::new(ProbingPlan {
        vantage: vantage.clone(),
        contact: contact.clone(),
        targets: probing.targets.iter().filter(is_own).copied().chain(services).collect(),
        prefixes: profile.prefixes.clone(),
        controls: profile.controls.clone(),
        opt_out: probing.opt_out.clone(),
        packets_per_second: probing.packets_per_second,
        per_target: 1.0 / probing.per_target.as_seconds(),
        found: found.clone(),
        teller: with.tell.clone(),
        clock: Arc::new(SystemClock),
        listener,
    })
    .with_context(|| format!("could not probe {}", profile.name))?;
    with.status.set(SourceState::Up, SystemClock.now());
    // It ends by itself soon after `stop`, and keeps what it found.
    on_a_thread("probing", move || {
        prober.run(&with.stop);
        Ok(())
    })
    .await
}
